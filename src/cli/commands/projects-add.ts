import { resolve } from "node:path";
import { findProjectRoot } from "../../project/discovery.ts";
import { addKnownProjects, knownProjectsFile } from "../../project/known-projects.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { programName } from "../program-name.ts";
import { reachFolder } from "../reach-folder.ts";

export async function runProjectsAdd(io: Io, args: readonly string[], _options: Options): Promise<Outcome> {
  const folders = args.length === 0 ? [io.cwd] : args.map((folder) => resolve(io.cwd, folder));
  const fix = "give the folder of a project; find them with: vibeops projects scan DIR";
  const roots = [...new Set(folders.map((folder) => reachFolder(folder, findProjectRoot, fix)))];
  const added = await addKnownProjects(io.context.env, roots);
  const known = roots.filter((root) => !added.includes(root));
  const lines = [
    ...added.map((root) => `added  ${makeVisible(root, { newlines: false })}`),
    ...known.map((root) => `known  ${makeVisible(root, { newlines: false })}`),
    `Over all of them: ${programName(io)} status --all`,
  ];
  return outcome({ added, known, file: knownProjectsFile(io.context.env) }, lines.join("\n"));
}
