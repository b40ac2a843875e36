import { fillDefaults } from "../../../interpolate.ts";
import type { Problem, Spot } from "../../rule.ts";
import { readMounts } from "../mounts.ts";
import { type ComposeProject, topEntries } from "../project.ts";
import type { ComposeRule } from "../rule.ts";
import type { Service } from "../service.ts";

export const unknownName: ComposeRule = {
  id: "compose.unknown-name",
  level: "error",
  summary: "volumes, networks, secrets and configs that a service uses are declared",
  why: "Compose refuses to start the project.",
  *check(project) {
    if (!project.isComplete) return;
    for (const service of project.services) {
      const mounted = readMounts(service).filter(
        ({ kind, from }) => kind === "volume" && from !== "" && from !== null,
      );
      const volumes = mounted.map((mount) => ({ name: mount.from ?? "", spot: mount }));
      yield* undeclared(project, "volumes", volumes);
      for (const key of ["networks", "secrets", "configs"])
        yield* undeclared(project, key, namesIn(service, key));
    }
  },
};

interface Named {
  readonly name: string;
  readonly spot: Spot;
}

function namesIn(service: Service, key: string): Named[] {
  const listed = service.items(key).map((item) => ({
    name: item.shape === "map" ? (item.get("source")?.text ?? "") : item.text,
    spot: item,
  }));
  return [...listed, ...service.entries(key).map((entry) => ({ name: entry.key, spot: entry }))];
}

function* undeclared(project: ComposeProject, kind: string, used: readonly Named[]): Generator<Problem> {
  const declared = new Set(topEntries(project, kind).map(({ key }) => key));
  for (const { name, spot } of used) {
    const filled = fillDefaults(name);
    if (filled === null || filled === "" || declared.has(filled)) continue;
    if (kind === "networks" && filled === "default") continue;
    yield {
      spot,
      message: `'${filled}' is not declared under the top-level \`${kind}\``,
      fix: `add ${kind}: with ${filled}: at the end of the file`,
    };
  }
}
