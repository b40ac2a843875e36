import { basename } from "node:path";
import { VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { type PendingMemo, recallInboxMemos } from "./inbox-memory.ts";
import {
  ARCHIVED,
  type Inbox,
  listByMonth,
  newReadBuffer,
  type RefusedFile,
  readMemoFile,
  readMemoHeader,
  SENT,
  type StoredMemo,
  visitInbox,
} from "./mailbox.ts";
import {
  fitsFilter,
  holdsText,
  type KeptMemo,
  type MemoFilter,
  type MemoSummary,
  summariseKept,
  summariseMemo,
} from "./memo-facts.ts";
import type { MemoHeader } from "./memo-header.ts";
import type { Priority } from "./priority.ts";

export type { KeptMemo, MemoFilter, MemoSummary };

const RANK: Readonly<Record<Priority, number>> = { urgent: 0, high: 1, normal: 2, low: 3 };

/** By priority, then by age: the oldest of the most urgent first. */
export function listPending(memos: readonly PendingMemo[], filter: MemoFilter): MemoSummary[] {
  return memos.flatMap((memo) => summariseIfFitting(memo, filter, NOBODY) ?? []).sort(byUrgency);
}

const NOBODY: ReadonlySet<string> = new Set();

/** What is pending, as {@link listPending}, and what else lies in the inbox; no memo's text is held. */
export function listInbox(
  root: string,
  context: Context,
  filter: MemoFilter,
  takenIn: ReadonlySet<string>,
): { memos: MemoSummary[] } & Omit<Inbox, "memos"> {
  const memos: MemoSummary[] = [];
  const add = (memo: PendingMemo) => {
    const summary = summariseIfFitting(memo, filter, takenIn);
    if (summary !== null) memos.push(summary);
  };
  // A text is looked for in the files themselves.
  const others =
    filter.text === undefined
      ? recallInboxMemos(root, context, add)
      : visitInbox(root, context.now(), { visit: add });
  return { memos: memos.sort(byUrgency), ...others };
}

function summariseIfFitting(
  memo: PendingMemo,
  filter: MemoFilter,
  takenIn: ReadonlySet<string>,
): MemoSummary | null {
  const summary = "summary" in memo ? memo.summary : summariseStored(memo, filter);
  if (summary === null || !fitsFilter(summary, filter)) return null;
  summary.checked = takenIn.has(memo.name);
  return summary;
}

function summariseStored(stored: StoredMemo, filter: MemoFilter): MemoSummary | null {
  const { extra, text } = stored.memo;
  return extra["x-receipt"] === undefined && holdsText(text, filter.text) ? summariseMemo(stored) : null;
}

/** What is pending in several projects, each list as {@link listInbox} gives it, as one such list. */
export function sortByUrgency(lists: readonly MemoSummary[][]): MemoSummary[] {
  return lists.length === 1 ? (lists[0] ?? []) : lists.flat().sort(byUrgency);
}

/** What was finished or sent in several places, as one list. */
export function sortNewestFirst(lists: readonly KeptMemo[][]): KeptMemo[] {
  return lists.flat().sort((one, other) => compare(other.id, one.id));
}

function byUrgency(one: MemoSummary, other: MemoSummary): number {
  return RANK[one.priority] - RANK[other.priority] || compare(one.id, other.id);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

/** A part of what was finished or sent. */
export interface KeptList {
  /** Newest first, at most as many as were asked for. */
  memos: KeptMemo[];
  /** How many fit, all in all. */
  total: number;
  /** What cannot be read. */
  refused: RefusedFile[];
}

/**
 * What was finished or sent, from the months' folders. Without a filter, only as many files are read as are asked for.
 *
 * @param limit 0 for all
 */
export function listKept(
  root: string,
  state: KeptMemo["state"],
  now: Date,
  filter: MemoFilter,
  limit: number,
): KeptList {
  const paths = listByMonth(root, state === "archived" ? ARCHIVED : SENT);
  const list: KeptList = { memos: [], total: 0, refused: [] };
  const reading = { state, now, text: filter.text, buffer: newReadBuffer(), refused: list.refused };
  const isFiltered = Object.values(filter).some((value) => value !== undefined);
  const isFull = () => limit > 0 && list.memos.length >= limit;
  for (const path of paths) {
    if (isFull() && !isFiltered) break;
    const memo = readKept(path, reading);
    if (memo === null || !fitsFilter(memo, filter)) continue;
    list.total += 1;
    if (!isFull()) list.memos.push(memo);
  }
  if (!isFiltered) list.total = paths.length - list.refused.length;
  return list;
}

interface Reading extends Pick<KeptList, "refused"> {
  state: KeptMemo["state"];
  now: Date;
  text: string | undefined;
  buffer: Buffer;
}

function readKept(path: string, reading: Reading): KeptMemo | null {
  try {
    const header = readFitting(path, reading);
    return header === null ? null : summariseKept(header, reading.state, path);
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    reading.refused.push({ name: basename(path), path, error });
    return null;
  }
}

/** Null where the memo does not hold the text; only where a text is asked for is the body read. */
function readFitting(path: string, { now, text, buffer }: Reading): MemoHeader | null {
  if (text === undefined) return readMemoHeader(path, now, buffer);
  const { memo } = readMemoFile(path, basename(path), now, { buffer });
  return holdsText(memo.text, text) ? memo : null;
}
