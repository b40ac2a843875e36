import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import { readIfReadable } from "./files.ts";
import { type Git, gitDirectory, readHead } from "./git.ts";
import { HOLDERS } from "./git-holder.ts";
import { quoteAlways } from "./quote.ts";
import { commonDirectory } from "./work-trees.ts";

/** How many refs may name the next one. */
const MOST_NAMES = 5;

/**
 * Refuses a repository in which a log that git goes on with, for each commit, is another file by a link: words that a
 * stranger chose, such as the subject of a memo, would be added to a file of the person's, and a shell's start file
 * obeys them. Tools that share a repository make links among its own logs (git-new-workdir), which lead to a log of
 * the same name.
 *
 * @throws VibeopsError `git.foreign-log`
 */
export function requireOwnLogs(target: Git): void {
  const common = commonDirectory(target.top);
  const folders = new Set([gitDirectory(target), common]);
  for (const ref of ["HEAD", `${HOLDERS}x`, ...branchesOf(target, common)])
    for (const folder of folders) requireOwnLog(folder, ref);
}

/** What HEAD names, and what that names in its turn: git writes a line for each. */
function branchesOf(target: Git, common: string): string[] {
  const branches: string[] = [];
  for (let text = readHead(target); branches.length < MOST_NAMES; ) {
    const branch = /^ref:\s*(refs\/[^\n]*?)\s*$/m.exec(text)?.[1];
    if (branch === undefined) break;
    branches.push(branch);
    text = readIfReadable(join(common, branch), { severalNames: true })?.toString("latin1") ?? "";
  }
  return branches;
}

function requireOwnLog(folder: string, ref: string): void {
  const names = ["logs", ...ref.split("/")];
  // The log itself, or the nearest folder that is there.
  for (let count = names.length; count > 0; count -= 1) {
    const path = join(folder, ...names.slice(0, count));
    if (lstatOrNothing(path) === null) continue;
    const isLog = count === names.length;
    if (!leadsTo(path, names.slice(0, count)) || (isLog && hasOtherName(path))) throw foreignLog(path);
    return;
  }
}

function leadsTo(path: string, names: readonly string[]): boolean {
  try {
    return realpathSync(path).endsWith([sep, names.join(sep)].join(""));
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EACCES", "ELOOP")) return false;
    throw error;
  }
}

function hasOtherName(path: string): boolean {
  const stats = lstatSync(realpathSync(path));
  return stats.isFile() && stats.nlink > 1;
}

function lstatOrNothing(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (isSystemError(error, "ENOTDIR", "EACCES", "ELOOP", "ENAMETOOLONG")) return null;
    throw error;
  }
}

function foreignLog(path: string): VibeopsError {
  const own = quoteAlways(join(dirname(path), `${basename(path)}.own`));
  const there = quoteAlways(path);
  return new VibeopsError({
    code: "git.foreign-log",
    exit: Exit.refused,
    message:
      "git would write its log into another file, to which a link leads from here; nothing was committed",
    file: path,
    fix: `find out who made the link (ls -l ${there}), and take it away: cp ${there} ${own} && mv ${own} ${there}`,
  });
}
