import { basename } from "node:path";
import { VibeopsError } from "../../errors.ts";
import { ARCHIVED, listByMonth, readMemoFile, SENT } from "../../memo/mailbox.ts";
import type { Memo } from "../../memo/memo.ts";
import { type Receipt, readReceipt } from "../../memo/receipt.ts";
import { idMonth } from "../../platform/ids.ts";
import type { Project } from "../../project/project.ts";

/** The deployment memo that we sent for a request, by what it refers to; null where none was sent yet. */
export function findPassedOn(project: Project, request: Memo, now: Date): Memo | null {
  return (
    memosSince(project, SENT, request.id, now).find(
      (memo) => memo.type === "deployment" && memo.refs?.includes(request.id) === true,
    ) ?? null
  );
}

/** What its receiver said when it ended a memo of ours; null as long as it has not. */
export function findReceipt(project: Project, sent: Memo, now: Date): Receipt | null {
  for (const memo of memosSince(project, ARCHIVED, sent.id, now)) {
    const receipt = readReceipt(memo);
    if (receipt?.answers === sent.id && memo.from.project === sent.to.project) return receipt;
  }
  return null;
}

/** Memos of the id's month and later, newest first. One that cannot be read hides no other. */
function memosSince(project: Project, folder: string, id: string, now: Date): Memo[] {
  const since = idMonth(id);
  const paths = listByMonth(project.root, folder).filter((path) => (path.split("/").at(-2) ?? "") >= since);
  return paths.flatMap((path) => {
    try {
      return [readMemoFile(path, basename(path), now).memo];
    } catch (error) {
      if (error instanceof VibeopsError) return [];
      throw error;
    }
  });
}
