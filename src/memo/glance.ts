import { closeSync, constants, openSync, readSync } from "node:fs";
import { isSystemError } from "../errors.ts";
import { type Priority, priorities } from "./priority.ts";
import { isCalendarTime } from "./time.ts";

/** How pressing a memo is. */
export interface MemoGlance {
  readonly priority: Priority;
  readonly due?: string;
}

/** The front matter that we write ourselves is far shorter. */
const buffer = Buffer.allocUnsafe(4_096);

/** The keys in the order in which we write them, each on a line of its own, and nothing that would have to be parsed. */
const ours = new RegExp(
  [
    "^---\nid: (.*)\nfrom: .*\nto: .*\n",
    "(?:date: .*\n)?",
    `(?:priority: (${priorities.join("|")})\n)?`,
    "(?:type: .*\n)?",
    "subject: .*\n",
    "(?:(?:thread|reply-to): .*\n)*",
    "(?:due: (.*)\n)?",
    "(?:(?:session|tool): .*\n)*",
    "---\n",
  ].join(""),
);

/**
 * What a memo's front matter says of how pressing it is, where it is written as we write it; null for whatever is
 * otherwise and for what is no memo, where `readMemoFile` decides. Three system calls and one pattern: who looks over
 * many projects pays for each memo in them. What stands below the front matter is not looked at.
 */
export function glanceAtMemo(path: string, id: string): MemoGlance | null {
  const text = readBeginning(path);
  const [, ownId, priority, due] = (text === null ? null : ours.exec(text)) ?? [];
  if (ownId !== id) return null;
  const glance = { priority: priorities.find((one) => one === priority) ?? "normal" };
  if (due === undefined) return glance;
  return isCalendarTime(due) ? { ...glance, due } : null;
}

/** Without following a link or waiting for a FIFO; null for what cannot be read so. */
function readBeginning(path: string): string | null {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isSystemError(error, "EMFILE", "ENFILE", "ENOMEM")) throw error;
    return null;
  }
  try {
    return buffer.toString("latin1", 0, readSync(descriptor, buffer, 0, buffer.length, null));
  } catch {
    return null;
  } finally {
    closeSync(descriptor);
  }
}
