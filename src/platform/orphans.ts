import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isSystemError, VibeopsError } from "../errors.ts";
import { lstatOrNull, TEMPORARY_NAME } from "./files.ts";
import { breakLock } from "./lock.ts";
import { isDead, readOwner } from "./lock-owner.ts";

/** After a day and a half nobody is writing it any more. */
const MAX_AGE_MS = 36 * 60 * 60 * 1000;

/** A lock's second name, for as long as a dead owner's lock is being broken (`lock.ts`). */
const TURN_NAME = /\.lock\.[0-9a-f]{16}$/;

/**
 * Removes what a writer that was killed left in a folder: temporaries that are old, or whose file has been published
 * under its own name, locks of dead processes, and old turns at a lock. Where we may not write, nothing happens: another time, outside the
 * sandbox.
 */
export function removeOrphans(directory: string, now: Date): void {
  for (const name of namesIn(directory)) {
    if (name.endsWith(".lock")) breakIfDead(join(directory, name));
    if (!TEMPORARY_NAME.test(name) && !TURN_NAME.test(name)) continue;
    const stats = lstatOrNull(join(directory, name));
    if (stats === null) continue;
    const isPublished = TEMPORARY_NAME.test(name) && stats.nlink > 1;
    if (isPublished || now.getTime() - stats.mtimeMs > MAX_AGE_MS) removeIfAllowed(join(directory, name));
  }
}

/** A lock of ours whose process is gone; what is no lock of ours stays. */
function breakIfDead(lock: string): void {
  try {
    const owner = readOwner(lock);
    if (owner !== null && isDead(owner)) breakLock(lock, owner);
  } catch (error) {
    if (!(error instanceof VibeopsError) && !isSystemError(error, "EROFS", "EACCES", "EPERM")) throw error;
  }
}

function namesIn(directory: string): string[] {
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
