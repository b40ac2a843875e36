import { basename } from "node:path";
import { topEntries } from "../project.ts";
import type { ComposeRule } from "../rule.ts";

export const projectName: ComposeRule = {
  id: "compose.project-name",
  level: "warning",
  summary: "a project has a `name:`",
  why: "It is named after its folder otherwise: moved or copied, it gets other volumes and its data seems lost.",
  *check(project) {
    // A file of another name is there to be extended or included.
    if (!/^(?:docker-)?compose\.ya?ml$/.test(basename(project.source.path))) return;
    const { layers, isOverlay, services, source, syntax } = project;
    const names = layers.flatMap((layer) => layer.get("name") ?? []);
    if (names.length > 0 || isOverlay || services.length === 0 || syntax.length > 0) return;
    const [spot = { source, offset: 0 }] = topEntries(project, "services");
    yield {
      spot: layers[0]?.source === source ? layers[0] : spot,
      message: "the project has no name of its own",
      fix: "add name: NAME as the first line",
    };
  },
};
