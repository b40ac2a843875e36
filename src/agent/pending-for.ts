import { listPending } from "../memo/list.ts";
import { readInbox, type StoredMemo } from "../memo/mailbox.ts";
import type { Context } from "../platform/context.ts";
import { firstRole, type Project } from "../project/project.ts";

/** Memos to this role, and those to the project as a whole where it is the first role; the most urgent first. */
export function pendingFor(project: Project, role: string, context: Pick<Context, "now">): StoredMemo[] {
  const { memos } = readInbox(project.root, context.now());
  const byPath = new Map(memos.map((stored) => [stored.path, stored]));
  return listPending(memos, {})
    .map((summary) => byPath.get(summary.path))
    .filter((stored) => stored !== undefined)
    .filter(({ memo }) => (memo.to.role ?? firstRole(project)) === role);
}
