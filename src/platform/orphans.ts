import { readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { isSystemError } from "../errors.ts";
import { lstatOrNull, TEMPORARY_NAME } from "./files.ts";
import { HOUR_MS } from "./units-of-time.ts";

/** After a day and a half nobody is writing it any more. */
export const ORPHAN_AGE_MS = 36 * HOUR_MS;

/** A lock's second name, for as long as a dead owner's lock is being broken (`lock.ts`). */
const TURN_NAME = /\.lock\.[0-9a-f]{16}$/;

/**
 * Removes what a writer that was killed left in a folder: temporaries that are old, or whose file has been published
 * under its own name, and old turns at a lock. Where we may not write, nothing happens: another time, outside the
 * sandbox.
 */
export function removeOrphans(directory: string, now: Date, names = namesIn(directory)): void {
  for (const path of findOrphans(directory, now, names)) removeIfAllowed(path);
}

/** What {@link removeOrphans} would remove, as absolute paths. */
export function findOrphans(directory: string, now: Date, names = namesIn(directory)): string[] {
  const left = names.filter(isLeftOver);
  return left.map((name) => join(directory, name)).filter((path) => isOrphan(path, now));
}

/** A folder may hold very many names, and hardly ever one of these. */
function isLeftOver(name: string): boolean {
  return (
    (name.startsWith(".") && TEMPORARY_NAME.test(name)) || (name.includes(".lock.") && TURN_NAME.test(name))
  );
}

function isOrphan(path: string, now: Date): boolean {
  const stats = lstatOrNull(path);
  if (stats === null) return false;
  const isPublished = TEMPORARY_NAME.test(basename(path)) && stats.nlink > 1;
  return isPublished || now.getTime() - stats.mtimeMs > ORPHAN_AGE_MS;
}

/** Names in a folder; none where it cannot be read. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EACCES")) return [];
    throw error;
  }
}

function removeIfAllowed(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    if (!isSystemError(error, "EROFS", "EACCES", "EPERM", "EISDIR", "ERR_FS_EISDIR")) throw error;
  }
}
