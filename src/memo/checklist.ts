import { Exit, VibeopsError } from "../errors.ts";
import { findSections, scanBlocks, type TaskItem } from "../text/blocks.ts";
import { splice } from "../text/splice.ts";
import { quoteUntrusted } from "../text/visible.ts";

export type { TaskItem };

/** The boxes under every heading *Action items*, in order. */
export type Checklist = readonly TaskItem[];
export type MemoState = "new" | "in progress" | "ready";

/** Takes a memo's whole text, front matter included, so that offsets and lines fit the file. */
export function scanChecklist(memoText: string): Checklist {
  const blocks = scanBlocks(memoText);
  const sections = findSections(memoText, "Action items", undefined, blocks);
  return blocks.tasks.filter((task) =>
    sections.some((section) => task.boxOffset >= section.bodyStart && task.boxOffset < section.end),
  );
}

/** The text with that one box ticked; unchanged when it was. */
export function tickItem(memoText: string, item: TaskItem): string {
  if (item.checked) return memoText;
  return splice(memoText, [{ start: item.boxOffset, end: item.boxOffset + 1, text: "x" }]);
}

/**
 * An item by its number, from 1, or by a part of its text, compared without case; an exact text wins.
 *
 * @throws VibeopsError `memo.item-missing`, `memo.item-ambiguous`
 */
export function findItem(items: Checklist, numberOrText: string): TaskItem {
  const wanted = numberOrText.trim().toLowerCase();
  const numbered = /^\d{1,6}$/.test(wanted) ? items[Number(wanted) - 1] : undefined;
  if (numbered !== undefined) return numbered;
  const exact = items.filter((item) => item.text.toLowerCase() === wanted);
  const found =
    exact.length > 0
      ? exact
      : items.filter((item) => wanted !== "" && item.text.toLowerCase().includes(wanted));
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  const shown = quoteUntrusted(numberOrText, 80);
  throw new VibeopsError({
    code: only === undefined ? "memo.item-missing" : "memo.item-ambiguous",
    exit: only === undefined ? Exit.notFound : Exit.usage,
    message:
      only === undefined ? `no action item is ${shown}` : `${found.length} action items match ${shown}`,
    fix: items.length === 0 ? "the memo has no action items" : `name one by its number, 1 to ${items.length}`,
  });
}

/** Derived, never stored. A memo in the archive is done, whatever its boxes say; that is for the mailbox to know. */
export function memoState(items: readonly Pick<TaskItem, "checked">[]): MemoState {
  return stateByCount(items.filter((item) => item.checked).length, items.length);
}

/** As {@link memoState}, of so many boxes. */
export function stateByCount(ticked: number, boxes: number): MemoState {
  if (ticked === 0) return "new";
  return ticked === boxes ? "ready" : "in progress";
}
