import { quoteUntrusted } from "../../../../text/visible.ts";
import { isMainFile } from "../project.ts";
import type { ComposeRule } from "../rule.ts";

export const projectName: ComposeRule = {
  id: "compose.project-name",
  level: "warning",
  summary: "a project has a `name:`",
  why: "It is named after its folder otherwise: moved or copied, it gets other volumes and its data seems lost.",
  *check(project) {
    const { root, services, source, syntax } = project;
    const name = root.get("name");
    const filled = name?.filled ?? null;
    if (name !== undefined && filled !== null && !/^[a-z0-9][a-z0-9_-]*$/.test(filled))
      yield {
        spot: name,
        level: "error",
        message: `${quoteUntrusted(filled)} is no name for a project`,
        fix: "use small letters, digits, - and _, and begin with a letter or digit",
      };
    // A file of another name is there to be extended or included.
    if (!isMainFile(project) || name !== undefined || services.length === 0 || syntax.length > 0) return;
    yield {
      spot: project.documents[0] ?? { source, offset: 0 },
      message: "the project has no name of its own",
      fix: "add name: NAME as the first line",
    };
  },
};
