import { formatAddress } from "./address.ts";
import { memoState, scanChecklist } from "./checklist.ts";
import type { StoredMemo } from "./mailbox.ts";
import type { Memo } from "./memo.ts";
import type { Priority } from "./priority.ts";

/** One pending memo in a line. */
export interface MemoSummary {
  id: string;
  from: string;
  to: string;
  subject: string;
  type: Memo["type"];
  priority: Priority;
  date: string;
  due?: string;
  state: "new" | "in progress" | "ready";
  ticked: number;
  boxes: number;
  path: string;
  /** False where no intake has checked sender and grant yet. */
  checked: boolean;
}

function summariseMemo({ memo, path, name }: StoredMemo, takenIn: ReadonlySet<string>): MemoSummary {
  const items = scanChecklist(memo.text);
  return {
    id: memo.id,
    from: formatAddress(memo.from),
    to: formatAddress(memo.to),
    subject: memo.subject,
    type: memo.type,
    priority: memo.priority,
    date: memo.date,
    ...(memo.due === undefined ? {} : { due: memo.due }),
    state: memoState(items),
    ticked: items.filter((item) => item.checked).length,
    boxes: items.length,
    path,
    checked: takenIn.has(name),
  };
}

export interface MemoFilter {
  state?: string | undefined;
  from?: string | undefined;
  priority?: string | undefined;
  type?: string | undefined;
  text?: string | undefined;
}

const RANK: Readonly<Record<Priority, number>> = { urgent: 0, high: 1, normal: 2, low: 3 };

/** By priority, then by age: the oldest of the most urgent first. */
export function listPending(
  memos: readonly StoredMemo[],
  filter: MemoFilter,
  takenIn: ReadonlySet<string> = new Set(),
): MemoSummary[] {
  return memos
    .filter(({ memo }) => memo.extra["x-receipt"] === undefined && holdsText(memo, filter.text))
    .map((stored) => summariseMemo(stored, takenIn))
    .filter((summary) => fits(summary, filter))
    .sort((one, other) => RANK[one.priority] - RANK[other.priority] || compare(one.id, other.id));
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

function holdsText(memo: Memo, text: string | undefined): boolean {
  return text === undefined || memo.text.toLowerCase().includes(text.toLowerCase());
}

function fits(summary: MemoSummary, filter: MemoFilter): boolean {
  return (
    (filter.state === undefined || summary.state === filter.state) &&
    (filter.priority === undefined || summary.priority === filter.priority) &&
    (filter.type === undefined || summary.type === filter.type) &&
    (filter.from === undefined || summary.from === filter.from || summary.from.endsWith(`@${filter.from}`))
  );
}
