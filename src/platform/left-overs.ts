import { join } from "node:path";
import { isSystemError } from "../errors.ts";
import { lstatOrNull } from "./files.ts";
import { breakLock } from "./lock.ts";
import { isDead, readOwner } from "./lock-owner.ts";
import { findOrphans, namesIn, removeOrphans } from "./orphans.ts";

/** Whether a lock of ours lies there whose owner's process is certainly gone. */
export function isDeadLock(path: string): boolean {
  if (lstatOrNull(path)?.isFile() !== true) return false;
  const owner = readOwner(path);
  return owner !== null && isDead(owner);
}

/** One to take the turn of a breaker that died in its turn, one to break, one to spare. */
const TURNS = 3;

/** Breaks a lock whose owner is gone; another one's stays. */
export function breakDeadLock(path: string): void {
  for (let turn = 1; turn <= TURNS; turn += 1) {
    const owner = readOwner(path);
    if (owner === null || !isDead(owner)) return;
    breakLock(path, owner);
  }
}

/** What a killed vibeops left in a folder: temporaries, turns at a lock, locks of the dead. Absolute paths. */
export function findLeftOvers(directory: string, now: Date): string[] {
  const names = namesIn(directory);
  return [...deadLocks(directory, names), ...findOrphans(directory, now, names)];
}

/**
 * Removes what {@link findLeftOvers} finds, and nothing that a person or a living process made. Where we may not write,
 * nothing happens: another time, outside the sandbox.
 */
export function removeLeftOvers(directory: string, now: Date, names = namesIn(directory)): void {
  for (const lock of deadLocks(directory, names)) breakIfAllowed(lock);
  removeOrphans(directory, now, names);
}

function breakIfAllowed(lock: string): void {
  try {
    breakDeadLock(lock);
  } catch (error) {
    if (!isSystemError(error, "EROFS", "EACCES", "EPERM")) throw error;
  }
}

function deadLocks(directory: string, names: readonly string[]): string[] {
  const locks = names.filter((name) => name.endsWith(".lock"));
  return locks.map((name) => join(directory, name)).filter(isDeadLock);
}
