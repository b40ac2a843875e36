import { isSystemError, VibeopsError } from "../errors.ts";
import { type FactCache, type Stamp, stampOfFolder } from "../platform/fact-cache.ts";
import { listNames } from "../platform/folders.ts";
import { idOfFileName } from "./file-name.ts";
import { glanceAtMemo, type MemoGlance } from "./glance.ts";
import { readMemoFile } from "./mailbox.ts";
import { type Priority, priorities } from "./priority.ts";
import { isCalendarTime } from "./time.ts";

/** How many memos are pending, of each priority. */
export type PendingCounts = Readonly<Record<Priority, number>>;

export interface InboxFacts {
  counts: PendingCounts;
  /** Those that are urgent or have a day: of the others, only how many there are is ever asked. */
  pressing: readonly PressingMemo[];
}

export interface PressingMemo extends MemoGlance {
  path: string;
  name: string;
  id: string;
}

export const noMail: InboxFacts = { counts: { low: 0, normal: 0, high: 0, urgent: 0 }, pressing: [] };

/**
 * How much is pending in an inbox, and what of it presses. An inbox that the cache knows is not read again:
 * each file in it is looked at, which takes a third of the time, since a file may be edited in its place.
 *
 * @throws VibeopsError `file.unreadable`
 */
export function recallInbox(directory: string, cache: FactCache, now: Date): InboxFacts {
  const names = listNames(directory);
  const stamp = stampIfAllowed(directory, names);
  const known = stamp === null ? undefined : cache.find(directory, stamp, isInboxFact);
  if (known !== undefined) return { ...known, pressing: locate(directory, known.pressing) };
  const { fact, isCertain } = readInboxFact(directory, names, now);
  if (stamp !== null && isCertain) cache.keep(directory, stamp, fact);
  return { ...fact, pressing: locate(directory, fact.pressing) };
}

/** Null where the files in it may not even be looked at. */
function stampIfAllowed(directory: string, names: readonly string[]): Stamp | null {
  try {
    return stampOfFolder(directory, names);
  } catch (error) {
    if (isSystemError(error, "EACCES", "EPERM", "EIO")) return null;
    throw error;
  }
}

/** As it is kept. */
interface InboxFact {
  counts: PendingCounts;
  pressing: readonly NamedGlance[];
}

interface NamedGlance extends MemoGlance {
  name: string;
}

/** Not certain where something is no memo now: one that lies in the future, or that may not be read, may be one later. */
function readInboxFact(
  directory: string,
  names: readonly string[],
  now: Date,
): { fact: InboxFact; isCertain: boolean } {
  const counts = { ...noMail.counts };
  const pressing: NamedGlance[] = [];
  let isCertain = true;
  for (const name of names) {
    const id = idOfFileName(name);
    if (id === null) continue;
    const path = `${directory}/${name}`;
    const glance = glanceAtMemo(path, id) ?? readWhole(path, name, now);
    if (glance === "no memo") isCertain = false;
    else if (glance !== "receipt") {
      counts[glance.priority] += 1;
      if (glance.due !== undefined || glance.priority === "urgent") pressing.push({ name, ...glance });
    }
  }
  return { fact: { counts, pressing }, isCertain };
}

function locate(directory: string, pressing: readonly NamedGlance[]): PressingMemo[] {
  return pressing.map((memo) => {
    return { ...memo, path: `${directory}/${memo.name}`, id: idOfFileName(memo.name) ?? "" };
  });
}

function isInboxFact(value: unknown): value is InboxFact {
  if (typeof value !== "object" || value === null) return false;
  const { counts, pressing } = value as { counts?: Record<string, unknown> | null; pressing?: unknown };
  return (
    typeof counts === "object" &&
    counts !== null &&
    priorities.every((priority) => Number.isSafeInteger(counts[priority])) &&
    Array.isArray(pressing) &&
    pressing.every(isNamedGlance)
  );
}

function isNamedGlance(value: unknown): value is NamedGlance {
  if (typeof value !== "object" || value === null) return false;
  const { name, priority, due } = value as Partial<Record<string, unknown>>;
  return (
    typeof name === "string" &&
    idOfFileName(name) !== null &&
    priorities.some((one) => one === priority) &&
    (due === undefined || (typeof due === "string" && isCalendarTime(due)))
  );
}

/** A receipt files itself; what is no memo, the next intake says; and what went away is none either. */
function readWhole(path: string, name: string, now: Date): MemoGlance | "receipt" | "no memo" {
  try {
    const { memo } = readMemoFile(path, name, now);
    const { priority, due, extra } = memo;
    if (extra["x-receipt"] !== undefined) return "receipt";
    return { priority, ...(due === undefined ? {} : { due }) };
  } catch (error) {
    if (error instanceof VibeopsError) return "no memo";
    throw error;
  }
}
