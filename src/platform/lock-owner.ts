import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { VibeopsError } from "../errors.ts";
import { readRegularFile } from "./files.ts";
import { randomSuffix } from "./random-suffix.ts";

/** Who holds a lock: enough to tell, on the same machine, that its process is gone. */
export interface LockOwner {
  pid: number;
  host: string;
  boot: string;
  nonce: string;
}

const MAX_BYTES = 4096;

/** This process, with a nonce of its own for each lock. */
export function newOwner(): LockOwner {
  return { pid: process.pid, host: hostname(), boot: bootId(), nonce: randomSuffix() };
}

export function formatOwner(owner: LockOwner): Buffer {
  return Buffer.from(`${JSON.stringify(owner)}\n`);
}

/**
 * Who a lock file names; null where there is none, or one that vibeops did not write.
 *
 * @throws VibeopsError `file.symlink`, `file.type` where something else was put there: waiting would not help
 */
export function readOwner(lock: string): LockOwner | null {
  try {
    // A lock has two names while it is being published.
    const bytes = readRegularFile(lock, { maxBytes: MAX_BYTES, severalNames: true });
    const owner: unknown = JSON.parse(bytes.toString("utf8"));
    return isOwner(owner) ? owner : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    if (error instanceof VibeopsError && (error.code === "file.missing" || error.code === "file.size"))
      return null;
    throw error;
  }
}

function isOwner(value: unknown): value is LockOwner {
  if (typeof value !== "object" || value === null) return false;
  const owner = value as Partial<LockOwner>;
  const named = typeof owner.host === "string" && typeof owner.boot === "string";
  return named && typeof owner.pid === "number" && /^[0-9a-f]{16}$/.test(owner.nonce ?? "");
}

/** Whether the owner's process is certainly gone; on another host nobody can say. */
export function isDead(owner: Pick<LockOwner, "pid" | "host" | "boot">): boolean {
  if (owner.host !== hostname()) return false;
  if (owner.boot !== bootId()) return true;
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && (error as NodeJS.ErrnoException).code === "ESRCH";
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
