import { accessSync, constants, lstatSync, mkdirSync, readdirSync, realpathSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isSystemError } from "../errors.ts";
import { lstatOrNull, refusal, syncDirectory, unreadable } from "./files.ts";

/** Looks whether a folder's names may be read, without reading them. @throws VibeopsError `file.unreadable` */
export function requireReadable(directory: string): void {
  try {
    accessSync(directory, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (isSystemError(error, "EACCES", "EPERM", "EIO")) throw unreadable(directory, error);
    throw error;
  }
}

/** Names in a folder, sorted. @throws VibeopsError `file.unreadable` */
export function listNames(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (isSystemError(error, "EACCES", "EPERM", "EIO")) throw unreadable(directory, error);
    throw error;
  }
}

/**
 * Creates `relative` below `root` where it is missing, and refuses a link in any of its components: O_NOFOLLOW
 * sees only the last one. Returns the absolute path.
 *
 * @throws VibeopsError `file.symlink`, `file.type`
 */
export function ensureDirectory(root: string, relative: string): string {
  let path = realpathSync.native(root);
  for (const component of relative.split("/").filter((part) => part !== "" && part !== ".")) {
    path = join(path, component);
    const stats = lstatOrNull(path);
    if (stats === null) createDirectory(path);
    else refuseUnlessDirectory(path, stats);
  }
  return path;
}

function createDirectory(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if (!isSystemError(error, "EEXIST")) throw error;
    refuseUnlessDirectory(path, lstatSync(path));
    return;
  }
  syncDirectory(dirname(path));
}

/** Whether `relative` is there below `root`, and all of it real folders; throws as {@link ensureDirectory}. */
export function findDirectory(root: string, relative: string): string | null {
  let path = realpathSync.native(root);
  for (const component of relative.split("/").filter((part) => part !== "" && part !== ".")) {
    path = join(path, component);
    const stats = lstatOrNull(path);
    if (stats === null) return null;
    refuseUnlessDirectory(path, stats);
  }
  return path;
}

/** Whether a folder is there. As {@link findDirectory} for one component, below a folder that was looked at. @throws same */
export function isFolder(path: string): boolean {
  const stats = lstatOrNull(path);
  if (stats !== null) refuseUnlessDirectory(path, stats);
  return stats !== null;
}

function refuseUnlessDirectory(path: string, stats: Stats): void {
  if (stats.isDirectory()) return;
  const code = stats.isSymbolicLink() ? "file.symlink" : "file.type";
  const what = stats.isSymbolicLink() ? "a symbolic link" : "no folder";
  const fix = "move it away, and put the folder itself there";
  throw refusal(path, code, `'${basename(path)}' is ${what} where a real folder is needed`, fix);
}
