import { lstatSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../platform/context.ts";
import { FactCache, type Stamp, stampOf } from "../platform/fact-cache.ts";
import { findCacheDirectory } from "../platform/person.ts";
import { VERSION } from "../platform/version.ts";
import { type MemoType, memoTypes } from "../project/memo-types.ts";
import { stateByCount } from "./checklist.ts";
import { idOfFileName } from "./file-name.ts";
import { type Inbox, type StoredMemo, visitInbox } from "./mailbox.ts";
import { type MemoSummary, summariseMemo } from "./memo-facts.ts";
import { type Priority, priorities } from "./priority.ts";

/** A pending memo that was read before and has not changed since. */
interface RecalledMemo {
  path: string;
  name: string;
  /** Null of a receipt, which no list shows. */
  summary: MemoSummary | null;
}

/** What an inbox holds, as far as somebody who lists it wants to know. */
export type PendingMemo = StoredMemo | RecalledMemo;

export function pendingId(pending: PendingMemo): string {
  return "memo" in pending ? pending.memo.id : (pending.summary?.id ?? idOfFileName(pending.name) ?? "");
}

/** A smaller inbox is read as fast as its memory is; a larger one takes more room than a list may. */
const WORTH_IT = { from: 64, to: 20_000 };
/** Fewer new memos than this are not worth writing all of it again. */
const MANY = 32;

interface RecallOptions {
  /** False for a name whose file has to be read whatever is remembered. */
  mayRecall?(name: string): boolean;
  /** The names in the inbox, sorted, where they are known already. */
  names?: readonly string[];
}

/**
 * As `visitInbox`, but what has not changed since somebody last read it is looked at and not read again: what its memos
 * say in a list is remembered in the person's own cache, which may be deleted at any time.
 */
export function recallInboxMemos(
  root: string,
  context: Context,
  visit: (memo: PendingMemo) => void,
  { mayRecall = () => true, names: known }: RecallOptions = {},
): Omit<Inbox, "memos"> {
  let memory: Memory = nothingKept;
  const others = visitInbox(root, context.now(), {
    names: known,
    visit(stored) {
      memory.keep(stored);
      visit(stored);
    },
    prepare(directory, names) {
      if (names.length >= WORTH_IT.from && names.length <= WORTH_IT.to)
        memory = openMemory(directory, context);
      return (name) => {
        const recalled = mayRecall(name) ? memory.recall(name) : null;
        if (recalled !== null) visit(recalled);
        return recalled !== null;
      };
    },
  });
  memory.save();
  return others;
}

interface Memory {
  recall(name: string): RecalledMemo | null;
  keep(stored: StoredMemo): void;
  save(): void;
}

const nothingKept: Memory = { recall: () => null, keep: () => undefined, save: () => undefined };

function openMemory(directory: string, context: Context): Memory {
  const cache = openCache(directory, context);
  if (cache === null) return nothingKept;
  // Taken before a file is read: what changes while we read is read again the next time.
  const stamps = new Map<string, Stamp>();
  return {
    recall(name) {
      const path = `${directory}/${name}`;
      const stamp = stampOf(path);
      const kept = cache.find(name, stamp, isKept);
      if (kept !== undefined) return { path, name, summary: summaryOf(kept, path, name) };
      stamps.set(name, stamp);
      return null;
    },
    keep(stored) {
      const stamp = stamps.get(stored.name);
      if (stamp !== undefined) cache.keep(stored.name, stamp, keptOf(stored));
    },
    save: () => cache.save({ all: true, atLeast: MANY }),
  };
}

/** Named after the folder's place on the disk; the path in it tells when that is another folder by now. */
function openCache(directory: string, context: Context): FactCache | null {
  const caches = findCacheDirectory(context.env);
  if (caches === null) return null;
  const { dev, ino } = lstatSync(directory);
  const file = join(caches, "inboxes", `${dev}-${ino}.json`);
  return new FactCache(file, `${VERSION} ${directory}`, context);
}

type Kept = readonly [
  from: string,
  to: string,
  subject: string,
  type: MemoType,
  priority: Priority,
  date: string,
  due: string | null,
  ticked: number,
  boxes: number,
  isReceipt: boolean,
];

function keptOf(stored: StoredMemo): Kept {
  const { from, to, subject, type, priority, date, due, ticked, boxes } = summariseMemo(stored);
  const isReceipt = stored.memo.extra["x-receipt"] !== undefined;
  return [from, to, subject, type, priority, date, due ?? null, ticked, boxes, isReceipt];
}

/* By index: taking a list apart in order makes two objects for each item, and there are thousands of lists. */

function summaryOf(kept: Kept, path: string, name: string): MemoSummary | null {
  const { 0: from, 1: to, 2: subject, 3: type, 4: priority, 5: date, 6: due } = kept;
  const { 7: ticked, 8: boxes, 9: isReceipt } = kept;
  if (isReceipt) return null;
  return {
    id: idOfFileName(name) ?? "",
    from,
    to,
    subject,
    type,
    priority,
    date,
    ...(due === null ? {} : { due }),
    state: stateByCount(ticked, boxes),
    ticked,
    boxes,
    path,
    checked: false,
  };
}

const TYPES: ReadonlySet<unknown> = new Set(memoTypes);
const PRIORITIES: ReadonlySet<unknown> = new Set(priorities);

const PLAIN = /^[!-~]{1,300}$/;

function isKept(value: unknown): value is Kept {
  if (!Array.isArray(value) || value.length !== 10) return false;
  const { 0: from, 1: to, 2: subject, 3: type, 4: priority, 5: date, 6: due } = value as unknown[];
  const { 7: ticked, 8: boxes, 9: isReceipt } = value as unknown[];
  return (
    isPlain(from) &&
    isPlain(to) &&
    isPlain(date) &&
    (due === null || isPlain(due)) &&
    typeof subject === "string" &&
    TYPES.has(type) &&
    PRIORITIES.has(priority) &&
    Number.isSafeInteger(ticked) &&
    Number.isSafeInteger(boxes) &&
    typeof isReceipt === "boolean"
  );
}

function isPlain(value: unknown): boolean {
  return typeof value === "string" && PLAIN.test(value);
}
