import type { Memo } from "./memo.ts";

/** A memo is overdue from the day after the one on which it was due (UTC). */
export function isOverdue({ due }: Pick<Memo, "due">, now: Date): boolean {
  return due !== undefined && due.slice(0, 10) < now.toISOString().slice(0, 10);
}
