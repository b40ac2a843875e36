import { readFileSync, renameSync, unlinkSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import { publishNew } from "./files.ts";
import { randomSuffix } from "./random-suffix.ts";

interface LockOwner {
  pid: number;
  host: string;
  boot: string;
  nonce: string;
}

const WAIT_MS = 10_000;

/**
 * Runs `act` while `<path>.lock` is ours. The lock names pid, host and boot, so that a dead owner's lock is
 * recognised and broken; a living owner's is waited for up to ten seconds.
 *
 * @throws VibeopsError `lock.held` (exit 7)
 */
export async function withLock<T>(path: string, act: () => T | Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  const owner: LockOwner = { pid: process.pid, host: hostname(), boot: bootId(), nonce: randomSuffix() };
  await acquire(lock, owner);
  try {
    return await act();
  } finally {
    release(lock, owner);
  }
}

async function acquire(lock: string, owner: LockOwner): Promise<void> {
  const bytes = Buffer.from(`${JSON.stringify(owner)}\n`);
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    if (publishNew(lock, bytes) === "created") return;
    const holder = readOwner(lock);
    if (holder !== null && isDead(holder)) breakLock(lock, holder);
    else if (performance.now() > deadline) throw held(lock, holder);
    else await sleep(5 + Math.random() * 20);
  }
}

function release(lock: string, owner: LockOwner): void {
  if (readOwner(lock)?.nonce === owner.nonce) unlinkSync(lock);
}

/**
 * Only one process may break a given dead owner's lock: without the second name, a slow breaker would remove
 * the lock that a quick one has already taken.
 */
function breakLock(lock: string, dead: LockOwner): void {
  const turn = `${lock}.${dead.nonce}`;
  if (publishNew(turn, Buffer.from("")) === "exists") return;
  try {
    if (readOwner(lock)?.nonce === dead.nonce) renameSync(lock, turn);
  } finally {
    unlinkSync(turn);
  }
}

function readOwner(lock: string): LockOwner | null {
  try {
    const owner: unknown = JSON.parse(readFileSync(lock, "utf8"));
    return isOwner(owner) ? owner : null;
  } catch (error) {
    if (isSystemError(error, "ENOENT") || error instanceof SyntaxError) return null;
    throw error;
  }
}

function isOwner(value: unknown): value is LockOwner {
  if (typeof value !== "object" || value === null) return false;
  const owner = value as Partial<LockOwner>;
  const named = typeof owner.host === "string" && typeof owner.boot === "string";
  return named && typeof owner.pid === "number" && /^[0-9a-f]{16}$/.test(owner.nonce ?? "");
}

function isDead(owner: LockOwner): boolean {
  if (owner.host !== hostname()) return false;
  if (owner.boot !== bootId()) return true;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return isSystemError(error, "ESRCH");
  }
}

let boot: string | undefined;

/** Linux's boot id; elsewhere empty, and a lock from before a restart must be removed by hand. */
function bootId(): string {
  if (boot === undefined) {
    try {
      boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    } catch {
      boot = "";
    }
  }
  return boot;
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
