import { renameSync, rmSync, unlinkSync, utimesSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Exit, VibeopsError } from "../errors.ts";
import { lstatOrNull, publishNewUnsynced } from "./files.ts";
import { formatOwner, isDead, type LockOwner, newOwner, readOwner } from "./lock-owner.ts";
import { describeSystemError } from "./system-error.ts";

/** How long a lock is waited for that neither changes hands nor shows that its holder gets on, unless told. */
const WAIT_MS = 10_000;

/** A lock that is ours. */
export interface HeldLock {
  /** Shows those who wait that we get on with what takes longer than they would wait for. */
  getOn(): void;
  release(): void;
}

/**
 * Runs `act` while `<path>.lock` is ours. The lock names pid, host and boot, so that a dead owner's lock is
 * recognised and broken; a living owner's is waited for: ten seconds for each that holds it, however many do.
 *
 * @param waitMs instead of the ten seconds
 * @throws VibeopsError `lock.held` (exit 7); `file.symlink`, `file.type` where the lock is no regular file
 */
export async function withLock<T>(path: string, act: () => T | Promise<T>, waitMs?: number): Promise<T> {
  const held = await acquireLock(`${path}.lock`, undefined, waitMs);
  try {
    return await act();
  } finally {
    held.release();
  }
}

/**
 * Takes the lock file at exactly this path. The wait ends by progress, not by the clock: as long as others get their
 * turn, ours comes.
 *
 * @param onProgress called whenever the lock that is waited for has changed hands, or its holder gets on
 * @throws as {@link withLock}
 */
export async function acquireLock(
  lock: string,
  onProgress?: () => void,
  waitMs = WAIT_MS,
): Promise<HeldLock> {
  const owner = newOwner();
  const bytes = formatOwner(owner);
  let holding = { by: "", since: performance.now() };
  for (;;) {
    // Looked at first: whoever waits writes nothing.
    if (lstatOrNull(lock) === null && publishNewUnsynced(lock, bytes) === "created")
      return { getOn: () => touch(lock, owner), release: () => release(lock, owner) };
    const holder = readOwner(lock);
    const now = performance.now();
    if (holder !== null && isDead(holder)) breakLock(lock, holder);
    else if (now > holding.since + waitMs) throw held(lock, holder);
    else await sleep(5 + Math.random() * 20);
    const by = fileId(lock);
    if (by === holding.by) continue;
    holding = { by, since: performance.now() };
    onProgress?.();
  }
}

/** With its own times, so that no clock is read: what changes is when it was changed. */
function touch(lock: string, { nonce }: LockOwner): void {
  const stats = lstatOrNull(lock);
  if (stats !== null && readOwner(lock)?.nonce === nonce) utimesSync(lock, stats.atime, stats.mtime);
}

/** Tells one lock file from the next of the same name, and one that was touched from before. */
export function fileId(path: string): string {
  const stats = lstatOrNull(path);
  return stats === null ? "" : `${path} ${stats.ino} ${stats.ctimeMs}`;
}

/**
 * What was done under the lock is done, whatever becomes of the lock: one that cannot be given back is broken once we
 * have ended.
 */
function release(lock: string, owner: LockOwner): void {
  try {
    if (readOwner(lock)?.nonce === owner.nonce) unlinkSync(lock);
  } catch (error) {
    if (!(error instanceof VibeopsError) && describeSystemError(error) === null) throw error;
  }
}

/**
 * Only one process may break a given dead owner's lock: without the second name, a slow breaker would remove
 * the lock that a quick one has already taken. A breaker that died in its turn gives the turn up.
 */
export function breakLock(lock: string, dead: LockOwner): void {
  const turn = `${lock}.${dead.nonce}`;
  if (publishNewUnsynced(turn, formatOwner(newOwner())) === "exists") {
    const breaker = readOwner(turn);
    if (breaker !== null && isDead(breaker)) rmSync(turn, { force: true });
    return;
  }
  try {
    if (readOwner(lock)?.nonce === dead.nonce) renameSync(lock, turn);
  } finally {
    unlinkSync(turn);
  }
}

function held(lock: string, holder: LockOwner | null): VibeopsError {
  const who = holder === null ? "somebody" : `process ${holder.pid} on ${holder.host}`;
  return new VibeopsError({
    code: "lock.held",
    exit: Exit.conflict,
    message: `${who} holds this lock`,
    file: lock,
    fix: "try again; if that process is gone, delete the lock file",
  });
}
