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
      yield* undeclared(
        project,
        "volumes",
        volumes.map((one) => seenFrom(service, project, one)),
      );
      for (const key of ["networks", "secrets", "configs", "models"])
        yield* undeclared(
          project,
          key,
          namesIn(service, key).map((one) => seenFrom(service, project, one)),
        );
    }
  },
};

interface Named {
  /** Null where a variable decides. */
  readonly name: string | null;
  readonly spot: Spot;
}

/** A service of another file that this one extends is right where it stands: what is wrong is here. */
function seenFrom(service: Service, { sources }: ComposeProject, { name, spot }: Named): Named {
  const isHere = sources.some(({ path }) => path === spot.source.path);
  return isHere ? { name, spot } : { name, spot: service };
}

function namesIn(service: Service, key: string): Named[] {
  const listed = service.items(key).map((item) => ({
    name: item.shape === "map" ? (item.get("source")?.filled ?? null) : item.filled,
    spot: item,
  }));
  return [...listed, ...service.entries(key).map((entry) => ({ name: entry.key, spot: entry }))];
}

function* undeclared(project: ComposeProject, kind: string, used: readonly Named[]): Generator<Problem> {
  const declared = new Set(topEntries(project, kind).map(({ key }) => key));
  for (const { name, spot } of used) {
    if (name === null || name === "" || declared.has(name)) continue;
    if (kind === "networks" && name === "default") continue;
    yield {
      spot,
      message: `'${name}' is not declared under the top-level \`${kind}\``,
      fix: `add ${kind}: with ${name}: at the end of the file`,
    };
  }
}
