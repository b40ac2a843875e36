import { VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import type { Project } from "../project/project.ts";
import { readApprovalFiles } from "./approval-file.ts";
import { latestWalk, passedVerification } from "./latest-walk.ts";
import { spentBy } from "./nonce.ts";
import {
  isClosed,
  type LoadedRunbook,
  listRunbookIds,
  loadRunbook,
  runbookFolder,
} from "./runbook-folder.ts";
import { parseStatement, type Statement } from "./statement.ts";
import { isOpen } from "./walk-state.ts";

/**
 * Where a runbook stands, from its files. `approved` means that a decision lies there for these very bytes, not
 * used and not run out; whether it counts is the gate's to say when somebody runs it. `walked`: came to its end
 * and waits for its verification. `closed`: a seal lies there; that a listed person signed it is looked at by
 * markUnverified (verified-seals.ts), which calls it `unverified` where it is not so. `broken`: cannot be read.
 */
export type RunbookState =
  | "draft"
  | "rejected"
  | "approved"
  | "running"
  | "walked"
  | "verified"
  | "closed"
  | "unverified"
  | "broken";

export interface RunbookSummary {
  readonly id: string;
  readonly title: string;
  readonly memo?: string;
  readonly hosts: readonly string[];
  readonly state: RunbookState;
  /** Why it is broken or its seal is not verified, or why a walk was left. */
  readonly note?: string;
  /** What its writer could not know. */
  readonly questions: readonly string[];
  /** Until when `approved` is true. */
  readonly expires?: string;
}

/** All runbooks of a project, oldest first. One that cannot be read is listed with the reason and hides no other. */
export function listRunbooks(project: Project, context: Context): RunbookSummary[] {
  return listRunbookIds(project).map((id) => summarize(project, context, id));
}

/** The ids of the runbooks that are not closed: all that can wait for somebody. */
export function listOpenRunbookIds(project: Pick<Project, "root">): string[] {
  return listRunbookIds(project).filter((id) => !isClosed(runbookFolder(project, id)));
}

export function summarize(project: Pick<Project, "root">, context: Context, id: string): RunbookSummary {
  try {
    const loaded = loadRunbook(project, id);
    const { title, memo, hosts, openQuestions: questions } = loaded.runbook;
    const about = { id, title, hosts, questions, ...(memo === undefined ? {} : { memo }) };
    return { ...about, ...stateOf(context, loaded) };
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    const place = error.line === undefined ? "" : ` (line ${error.line})`;
    return { id, title: id, hosts: [], questions: [], state: "broken", note: `${error.message}${place}` };
  }
}

function stateOf(
  context: Context,
  loaded: LoadedRunbook,
): Pick<RunbookSummary, "state" | "note" | "expires"> {
  if (isClosed(loaded.folder)) return { state: "closed" };
  const walk = latestWalk(loaded);
  if (walk !== null && isOpen(walk.state)) {
    return { state: "running", ...(walk.state.stopped === undefined ? {} : { note: walk.state.stopped }) };
  }
  const decision = latestDecision(context, loaded);
  // After a walk, a new approval of the same runbook means that it is to be run again.
  if (decision?.decision === "approve") return { state: "approved", expires: decision.expires };
  if (walk !== null) {
    return { state: passedVerification(loaded, walk) === null ? "walked" : "verified" };
  }
  return { state: decision === undefined ? "draft" : "rejected" };
}

function latestDecision(context: Context, loaded: LoadedRunbook): Statement | undefined {
  const now = context.now().getTime();
  return readApprovalFiles(loaded.folder)
    .flatMap((file) => {
      if (file.signature === null) return [];
      try {
        return [parseStatement(file.bytes, file.file)];
      } catch (error) {
        if (error instanceof VibeopsError) return [];
        throw error;
      }
    })
    .findLast((statement) => {
      if (statement.runbook.id !== loaded.runbook.id || statement.runbook.sha256 !== loaded.sha256)
        return false;
      if (statement.decision === "reject") return true;
      return (
        now < Date.parse(statement.expires) && spentBy(context.env, loaded.folder, statement.nonce) === null
      );
    });
}
