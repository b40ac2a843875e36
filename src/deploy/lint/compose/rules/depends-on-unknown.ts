import { nearest } from "../../../../text/similar.ts";
import { topEntries } from "../project.ts";
import type { ComposeRule } from "../rule.ts";
import { readDependencies } from "../service.ts";

export const dependsOnUnknown: ComposeRule = {
  id: "compose.depends-on-unknown",
  level: "error",
  summary: "what a service depends on is there",
  why: "Compose refuses to start the project.",
  *check(project) {
    if (!project.isComplete) return;
    const names = topEntries(project, "services").map(({ key }) => key);
    for (const service of project.services)
      for (const { name, isRequired, ...spot } of readDependencies(service)) {
        if (!isRequired || names.includes(name)) continue;
        const near = nearest(name, names);
        yield {
          spot,
          message: `'${service.name}' depends on '${name}', and there is no such service`,
          fix: near === undefined ? "delete it, or add the service" : `did you mean ${near}?`,
        };
      }
  },
};
