import { lstatSync, readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve, sep } from "node:path";
import { isSystemError } from "../errors.ts";
import { readIfReadable } from "./files.ts";

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
    const own = join(common, "worktrees", name);
    const gitFile = contentOf(join(own, "gitdir"));
    // From 2.48 on git may write it relative to its own folder.
    return gitFile === null ? null : dirname(resolve(own, gitFile));
  });
  const all = [top, ...main, common, ...linked].flatMap((path) => realPathOrNothing(path));
  return [...new Set(all)];
}

/** Where refs and objects lie: `.git`, or for a linked work tree the `.git` of the main one. */
export function commonDirectory(top: string): string {
  const directory = ownDirectory(top);
  // git asks any repository for that file, not that of a linked work tree alone.
  const shared = contentOf(join(directory, "commondir"));
  return shared === null ? directory : resolve(directory, shared);
}

function ownDirectory(top: string): string {
  const marker = join(top, ".git");
  if (lstatSync(marker, { throwIfNoEntry: false })?.isFile() !== true) return marker;
  const target = readGitFile(contentOf(marker) ?? "");
  return target === null ? marker : resolve(top, target);
}

/** The folder that the text of a `.git` file names; null where it names none. */
export function readGitFile(text: string): string | null {
  return /^gitdir: (.+?)[\r\n]*$/s.exec(text)?.[1] ?? null;
}

/**
 * As git reads it: through links, and all but line ends behind it, since a folder's name may hold a line break, and end
 * with a space.
 */
function contentOf(file: string): string | null {
  // A named pipe, a folder or a link to nothing tells us nothing; what git makes of it, it says itself.
  const bytes = readIfReadable(throughLinks(file), { severalNames: true });
  return bytes === null ? null : bytes.toString("utf8").replace(/[\r\n]+$/, "");
}

function throughLinks(file: string): string {
  try {
    return realpathSync(file);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EACCES", "ELOOP")) return file;
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
