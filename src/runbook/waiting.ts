import type { Context } from "../platform/context.ts";
import { idTime } from "../platform/ids.ts";
import type { PendingItem } from "../project/pending.ts";
import type { Project } from "../project/project.ts";
import { listOpenRunbookIds, type RunbookState, summarize } from "./store.ts";

/** What each state waits for: the kind of item, the same in words, and what a person types. */
const WAITS: Readonly<Partial<Record<RunbookState, Pick<PendingItem, "kind" | "words"> & { verb: string }>>> =
  {
    draft: { kind: "runbook.approval", words: "to be approved", verb: "approve" },
    rejected: { kind: "runbook.rejected", words: "rejected", verb: "show" },
    approved: { kind: "runbook.run", words: "approved, to be carried out", verb: "run" },
    running: { kind: "walk.interrupted", words: "begun and not finished", verb: "run" },
    walked: { kind: "runbook.verification", words: "carried out, to be verified", verb: "verify" },
    verified: { kind: "runbook.close", words: "verified, to be closed", verb: "close" },
    broken: { kind: "runbook.broken", words: "broken, to be mended", verb: "lint" },
  };

/** Runbooks that wait for somebody, oldest first. Looks only into those that are not closed. */
export function pendingRunbooks(project: Project, context: Context): PendingItem[] {
  return listOpenRunbookIds(project).flatMap((id) => {
    const { state, title } = summarize(project, context, id);
    const waits = WAITS[state];
    if (waits === undefined) return [];
    const { kind, words } = waits;
    const since = idTime(id)?.toISOString();
    const command = `vibeops runbook ${waits.verb} ${id}`;
    return [{ kind, words, id, title, command, ...(since === undefined ? {} : { since }) }];
  });
}
