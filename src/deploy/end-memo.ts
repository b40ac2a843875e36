import { scanChecklist, tickItem } from "../memo/checklist.ts";
import { type DoneReport, finishMemo } from "../memo/done.ts";
import { readInbox } from "../memo/mailbox.ts";
import type { Context } from "../platform/context.ts";
import { replaceFile } from "../platform/replace.ts";
import type { Project } from "../project/project.ts";
import type { Closed } from "../runbook/close.ts";
import { findCarriedOutItems } from "./carried-out-items.ts";

/** What became of the memo that a closed runbook answers. */
export type MemoEnding =
  | { state: "none" }
  | { state: "done"; report: DoneReport }
  | { state: "open"; id: string; open: string[] };

/**
 * Ends the memo that asked for what a runbook did: ticks what the walk and its verification fulfilled, and finishes
 * it where nothing is left open. After a walk that was rolled back or given up, the memo stays pending.
 */
export async function endMemoOfRunbook(
  project: Project,
  closed: Closed,
  reason: string | undefined,
  context: Context,
): Promise<MemoEnding> {
  const stored = readInbox(project.root, context.now()).memos.find(({ memo }) => memo.id === closed.memo);
  if (stored === undefined) return { state: "none" };
  if (closed.outcome !== "completed") {
    return {
      state: "open",
      id: stored.memo.id,
      open: [`${closed.outcome}${reason === undefined ? "" : `: ${reason}`}`],
    };
  }
  const fulfilled = findCarriedOutItems(scanChecklist(stored.memo.text), closed.title);
  const text = fulfilled.reduce(tickItem, stored.memo.text);
  await replaceFile(stored.path, Buffer.from(stored.memo.text), Buffer.from(text));
  const open = scanChecklist(text).filter((item) => !item.checked);
  if (open.length > 0) return { state: "open", id: stored.memo.id, open: open.map((item) => item.text) };
  const note = `Runbook ${closed.id} was approved, carried out and verified: ${closed.title}.`;
  return {
    state: "done",
    report: await finishMemo(project, stored.memo.id, { note, role: stored.memo.to.role }, context),
  };
}
