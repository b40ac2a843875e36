import { lstatSync, readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { isSystemError, VibeopsError } from "../errors.ts";
import { readIfExists } from "./files.ts";

/** Whether a path is a folder or lies in it; both absolute. */
export function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : `${directory}${sep}`);
}

/**
 * Every folder that belongs to the repository around a work tree: the tree itself, its main and linked ones
 * (gitrepository-layout(5): `worktrees/<name>/gitdir`), and the repository where it lies elsewhere. Real paths.
 */
export function workTreesOf(top: string): string[] {
  const common = commonDirectory(top);
  const main = basename(common) === ".git" ? [dirname(common)] : [];
  const linked = namesIn(join(common, "worktrees")).map((name) => {
    const gitFile = firstLine(join(common, "worktrees", name, "gitdir"));
    return gitFile === null ? null : dirname(gitFile);
  });
  const all = [top, ...main, common, ...linked].flatMap((path) => realPathOrNothing(path));
  return [...new Set(all)];
}

/** Where refs and objects lie: `.git`, or for a linked work tree the `.git` of the main one. */
export function commonDirectory(top: string): string {
  const marker = join(top, ".git");
  if (lstatSync(marker, { throwIfNoEntry: false })?.isFile() !== true) return marker;
  const target = /^gitdir: (.+)$/.exec(firstLine(marker) ?? "")?.[1];
  if (target === undefined) return marker;
  const directory = resolve(top, target);
  const shared = firstLine(join(directory, "commondir"));
  return shared === null ? directory : resolve(directory, shared);
}

function firstLine(file: string): string | null {
  try {
    return readIfExists(file, { severalNames: true })?.toString("utf8").split("\n", 1)[0]?.trimEnd() ?? null;
  } catch (error) {
    // A named pipe, a folder or a link tells us nothing; what git makes of it, it says itself.
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}

function realPathOrNothing(path: string | null): string[] {
  if (path === null) return [];
  try {
    return [realpathSync(path)];
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}
