import { type Stats, statSync } from "node:fs";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import { kindOfFile } from "./kind-of-file.ts";
import { quoteAlways } from "./quote.ts";

/** Files that nearly every git opens, below the folder of a work tree and below that of the repository. */
const OF_WORK_TREE = ["HEAD", "index", "commondir", "gitdir", "config.worktree", "MERGE_HEAD"];
const OF_REPOSITORY = [
  ...["HEAD", "config", "packed-refs", "shallow"],
  ...["info/attributes", "info/exclude", "info/sparse-checkout"],
  ...["objects/info/alternates", "objects/info/commit-graph", "objects/pack/multi-pack-index"],
];

/**
 * Refuses a repository in which something else lies where git expects a file: it opens a named pipe, and waits for
 * ever for somebody to write into it; a device may never end.
 *
 * @param own what `.git` of the work tree is or names
 * @param common where refs and objects lie
 * @throws VibeopsError `git.no-file`
 */
export function requireGitFiles(own: string, common: string): void {
  for (const name of OF_WORK_TREE) requireFile(`${own}/${name}`);
  for (const name of OF_REPOSITORY) requireFile(`${common}/${name}`);
}

/** Links are followed, as git does: some tools make `.git/config` one. */
function requireFile(path: string): void {
  const stats = statIfThere(path);
  if (stats === null || stats.isFile()) return;
  throw new VibeopsError({
    code: "git.no-file",
    exit: Exit.refused,
    message: `${kindOfFile(stats)} lies where git expects a file`,
    file: path,
    fix: `find out who put it there, and remove it: ls -l ${quoteAlways(path)}`,
  });
}

function statIfThere(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    // What git makes of a way that is none, it says itself.
    if (isSystemError(error, "ENOTDIR", "EACCES", "ELOOP")) return null;
    throw error;
  }
}
