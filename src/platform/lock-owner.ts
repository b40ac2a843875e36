import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { VibeopsError } from "../errors.ts";
import { readRegularFile } from "./files.ts";
import { sha256 } from "./hash.ts";
import { ORPHAN_AGE_MS } from "./orphans.ts";
import { isInNoSandbox, numbering } from "./process-numbers.ts";
import { randomSuffix } from "./random-suffix.ts";

/** Who holds a lock: enough to tell, on the same machine, that its process is gone. */
export interface LockOwner {
  pid: number;
  host: string;
  boot: string;
  /** Which process numbers these are: a sandbox may have its own. Empty where the system does not say. */
  numbering: string;
  nonce: string;
}

const MAX_BYTES = 4096;

/** This process, with a nonce of its own for each lock. */
export function newOwner(): LockOwner {
  const place = { host: hostname(), boot: bootId(), numbering: numbering() };
  return { pid: process.pid, ...place, nonce: randomSuffix() };
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
    // One of an earlier version does not name it.
    return isOwner(owner) ? { ...owner, numbering: owner.numbering ?? numbering() } : null;
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

/** Whether the owner's process is certainly gone; on another host nobody can say, nor from within a sandbox of one outside. */
export function isDead(owner: Omit<LockOwner, "nonce">): boolean {
  if (owner.host !== hostname()) return false;
  if (owner.boot !== bootId()) return true;
  if (owner.numbering !== numbering()) return isInNoSandbox(owner.pid);
  try {
    process.kill(owner.pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** A name for what an owner makes beside its locks; {@link isLeft} knows by it whose that was. */
export function ownerName(owner: LockOwner): string {
  return `${placeName(owner)}-${owner.pid}-${owner.nonce}`;
}

/**
 * Whether what goes by an {@link ownerName} was left: of a dead process here, or of anybody once it is an orphan's age.
 *
 * @param changed in milliseconds
 */
export function isLeft(name: string, changed: number, now: Date): boolean {
  const [place, pid] = name.split("-");
  const here = newOwner();
  if (place === placeName(here) && pid !== undefined) return isDead({ ...here, pid: Number(pid) });
  return now.getTime() - changed > ORPHAN_AGE_MS;
}

/** What tells the machine and its process numbers from others, in a few characters. */
function placeName({ host, boot, numbering: numbers }: Omit<LockOwner, "pid" | "nonce">): string {
  return sha256(`${host}\n${boot}\n${numbers}`).slice(0, 16);
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
