import { foldText } from "../text/fold.ts";
import { formatAddress } from "./address.ts";
import { type MemoState, scanChecklist, stateByCount } from "./checklist.ts";
import type { StoredMemo } from "./mailbox.ts";
import type { MemoHeader } from "./memo-header.ts";

/** What the front matter of a memo says, in the words of a list. */
export interface MemoFacts {
  id: string;
  from: string;
  to: string;
  subject: string;
  type: MemoHeader["type"];
  priority: MemoHeader["priority"];
  date: string;
  due?: string;
  /** Root of its project, in a list over several. */
  project?: string;
}

/** One pending memo in a line. */
export interface MemoSummary extends MemoFacts {
  state: MemoState;
  ticked: number;
  boxes: number;
  path: string;
  /** False where no intake has checked sender and grant yet. */
  checked: boolean;
}

/** One memo that was finished, or that was sent. */
export interface KeptMemo extends MemoFacts {
  state: "archived" | "sent";
  path: string;
}

export function memoFacts(header: MemoHeader): MemoFacts {
  const facts: MemoFacts = {
    id: header.id,
    from: formatAddress(header.from),
    to: formatAddress(header.to),
    subject: header.subject,
    type: header.type,
    priority: header.priority,
    date: header.date,
  };
  if (header.due !== undefined) facts.due = header.due;
  return facts;
}

/** Whether it was checked, says who keeps account of that. */
export function summariseMemo(stored: StoredMemo): MemoSummary {
  const items = scanChecklist(stored.memo.text);
  const summary = memoFacts(stored.memo) as MemoSummary;
  const ticked = items.filter((item) => item.checked).length;
  summary.state = stateByCount(ticked, items.length);
  summary.ticked = ticked;
  summary.boxes = items.length;
  summary.path = stored.path;
  summary.checked = false;
  return summary;
}

export function summariseKept(header: MemoHeader, state: KeptMemo["state"], path: string): KeptMemo {
  const kept = memoFacts(header) as KeptMemo;
  kept.state = state;
  kept.path = path;
  return kept;
}

/** What a list keeps; all that is given has to fit. */
export interface MemoFilter {
  /** `new`, `in progress`, `ready`, `archived`, `sent`. */
  state?: string | undefined;
  /** A project, or role@project. */
  from?: string | undefined;
  to?: string | undefined;
  priority?: string | undefined;
  type?: string | undefined;
  /** Anywhere in the memo, in any case. */
  text?: string | undefined;
  /** Dated before this moment. */
  before?: Date | undefined;
  /** Dated at this moment or later. */
  since?: Date | undefined;
}

/** Whether the facts fit; the text is another matter ({@link holdsText}). */
export function fitsFilter(memo: MemoFacts & { state: string }, filter: MemoFilter): boolean {
  return (
    isOneOf(filter.state, memo.state) &&
    isOneOf(filter.priority, memo.priority) &&
    isOneOf(filter.type, memo.type) &&
    isAddress(filter.from, memo.from) &&
    isAddress(filter.to, memo.to) &&
    isInTime(memo, filter)
  );
}

export function holdsText(text: string, wanted: string | undefined): boolean {
  return wanted === undefined || foldText(text).includes(foldText(wanted));
}

function isOneOf(wanted: string | undefined, value: string): boolean {
  return wanted === undefined || wanted === value;
}

function isAddress(wanted: string | undefined, address: string): boolean {
  return wanted === undefined || address === wanted || address.endsWith(`@${wanted}`);
}

function isInTime({ date }: MemoFacts, { before, since }: MemoFilter): boolean {
  if (before === undefined && since === undefined) return true;
  const time = Date.parse(date);
  return (
    (before === undefined || time < before.getTime()) && (since === undefined || time >= since.getTime())
  );
}
