import { resolve } from "node:path";
import { Exit, isSystemError, VibeopsError } from "../../errors.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { addKnownProjects, knownProjectsFile } from "../../project/known-projects.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { programName } from "../program-name.ts";

export async function runProjectsAdd(io: Io, args: readonly string[], _options: Options): Promise<Outcome> {
  const folders = args.length === 0 ? [io.cwd] : args.map((folder) => resolve(io.cwd, folder));
  const roots = [...new Set(folders.map(projectAround))];
  const added = await addKnownProjects(io.context.env, roots);
  const known = roots.filter((root) => !added.includes(root));
  const lines = [
    ...added.map((root) => `added  ${makeVisible(root, { newlines: false })}`),
    ...known.map((root) => `known  ${makeVisible(root, { newlines: false })}`),
    `Over all of them: ${programName(io)} status --all`,
  ];
  return outcome({ added, known, file: knownProjectsFile(io.context.env) }, lines.join("\n"));
}

/** The project in or around a folder. @throws VibeopsError `projects.folder`, `project.missing` */
function projectAround(folder: string): string {
  try {
    return findProjectRoot(folder);
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG")) throw error;
    throw new VibeopsError({
      code: "projects.folder",
      exit: Exit.notFound,
      message: `this folder cannot be reached (${error.code})`,
      file: folder,
      fix: "give the folder of a project; find them with: vibeops projects scan DIR",
    });
  }
}
