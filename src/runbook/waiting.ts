import type { Context } from "../platform/context.ts";
import { idTime } from "../platform/ids.ts";
import type { PendingItem } from "../project/pending.ts";
import type { Project } from "../project/project.ts";
import { listOpenRunbookIds, type RunbookState, summarize } from "./store.ts";

/** What each state waits for: the kind of item, and what a person types. */
const WAITS: Readonly<Partial<Record<RunbookState, { kind: string; verb: string }>>> = {
  draft: { kind: "runbook.approval", verb: "approve" },
  rejected: { kind: "runbook.rejected", verb: "show" },
  approved: { kind: "runbook.run", verb: "run" },
  running: { kind: "walk.interrupted", verb: "run" },
  walked: { kind: "runbook.verification", verb: "verify" },
  verified: { kind: "runbook.close", verb: "close" },
  broken: { kind: "runbook.broken", verb: "lint" },
};

/** Runbooks that wait for somebody, oldest first. Looks only into those that are not closed. */
export function pendingRunbooks(project: Project, context: Context): PendingItem[] {
  return listOpenRunbookIds(project).flatMap((id) => {
    const { state, title } = summarize(project, context, id);
    const waits = WAITS[state];
    if (waits === undefined) return [];
    const since = idTime(id)?.toISOString();
    const command = `vibeops runbook ${waits.verb} ${id}`;
    return [{ kind: waits.kind, id, title, command, ...(since === undefined ? {} : { since }) }];
  });
}
