import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Linux's number for the first process namespace: whoever is in it sees the processes of all others. */
const OUTERMOST = "pid:[4026531836]";

/** Which process numbers ours are, where the system has several: a sandbox may count anew. Empty where it does not say. */
export function numbering(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

/** Whether certainly no sandbox has a process of this number; see pid_namespaces(7). */
export function isInNoSandbox(pid: number): boolean {
  // Where processes of others are hidden, the first one is.
  if (numbering() !== OUTERMOST || statusOf("1") === null) return false;
  return !readdirSync("/proc").some((name) => /^\d+$/.test(name) && numberInside(name) === pid);
}

/** By what number a process goes in its sandbox; null where it is in none, or has ended. */
function numberInside(name: string): number | null {
  const inside = /^NSpid:\t\d+\t(?:\d+\t)*(\d+)$/m.exec(statusOf(name) ?? "")?.[1];
  return inside === undefined ? null : Number(inside);
}

function statusOf(name: string): string | null {
  try {
    return readFileSync(`/proc/${name}/status`, "latin1");
  } catch {
    return null;
  }
}
