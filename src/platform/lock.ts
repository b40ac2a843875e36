import { renameSync, rmSync, unlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Exit, VibeopsError } from "../errors.ts";
import { lstatOrNull, publishNewUnsynced } from "./files.ts";
import { formatOwner, isDead, type LockOwner, newOwner, readOwner } from "./lock-owner.ts";

const WAIT_MS = 10_000;

/** However often it changes hands. */
const LONGEST_WAIT_MS = 120_000;

/**
 * Runs `act` while `<path>.lock` is ours. The lock names pid, host and boot, so that a dead owner's lock is
 * recognised and broken; a living owner's is waited for: ten seconds for each that holds it, two minutes for all.
 *
 * @throws VibeopsError `lock.held` (exit 7); `file.symlink`, `file.type` where the lock is no regular file
 */
export async function withLock<T>(path: string, act: () => T | Promise<T>): Promise<T> {
  const release = await acquireLock(`${path}.lock`);
  try {
    return await act();
  } finally {
    release();
  }
}

/** Takes the lock file at exactly this path; the returned function gives it up. @throws as {@link withLock} */
export async function acquireLock(lock: string): Promise<() => void> {
  const owner = newOwner();
  const bytes = formatOwner(owner);
  const start = performance.now();
  let holding = { by: "", since: start };
  for (;;) {
    // Looked at first: whoever waits writes nothing.
    if (lstatOrNull(lock) === null && publishNewUnsynced(lock, bytes) === "created")
      return () => release(lock, owner);
    const holder = readOwner(lock);
    const now = performance.now();
    if (holder !== null && isDead(holder)) breakLock(lock, holder);
    else if (now > holding.since + WAIT_MS || now > start + LONGEST_WAIT_MS) throw held(lock, holder);
    else await sleep(5 + Math.random() * 20);
    const by = fileId(lock);
    if (by !== holding.by) holding = { by, since: now };
  }
}

/** Tells one lock file from the next of the same name. */
function fileId(path: string): string {
  const stats = lstatOrNull(path);
  return stats === null ? "" : `${stats.ino} ${stats.ctimeMs}`;
}

function release(lock: string, owner: LockOwner): void {
  if (readOwner(lock)?.nonce === owner.nonce) unlinkSync(lock);
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
