import { VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { isFolder } from "../platform/folders.ts";
import type { Project } from "../project/project.ts";
import { latestWalk, passedVerification } from "./latest-walk.ts";
import {
  isClosed,
  type LoadedRunbook,
  listRunbookIds,
  loadRunbook,
  runbookFolder,
} from "./runbook-folder.ts";
import { isOpen } from "./walk-state.ts";

/**
 * Where a runbook stands, from its files. `approved` means that as many decisions as the policy wants lie there for what
 * stands there now, not used and not run out, `part-approved` that there are fewer; whether they count is the gate's to say
 * when somebody runs it. `walked`: came to its end
 * and waits for its verification. `closed`: a seal lies there; that a listed person signed it is looked at by
 * markUnverified (verified-seals.ts), which calls it `unverified` where it is not so. `broken`: cannot be read.
 */
export type RunbookState =
  | "draft"
  | "rejected"
  | "part-approved"
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
  /** What it installs or calls, below the project's root. */
  readonly files: readonly string[];
  /** What its writer could not know. */
  readonly questions: readonly string[];
  /** Until when `approved` or `part-approved` is true. */
  readonly expires?: string;
  /** How many people more the policy wants, where it is `part-approved`. */
  readonly more?: number;
}

/** All runbooks of a project, oldest first. One that cannot be read is listed with the reason and hides no other. */
export async function listRunbooks(project: Project, context: Context): Promise<RunbookSummary[]> {
  return await Promise.all(listRunbookIds(project).map((id) => summarize(project, context, id)));
}

/** The ids of the runbooks that are not closed: all that can wait for somebody. */
export function listOpenRunbookIds(project: Pick<Project, "root">): string[] {
  return listRunbookIds(project).filter((id) => !isClosed(runbookFolder(project, id)));
}

export async function summarize(
  project: Pick<Project, "root">,
  context: Context,
  id: string,
): Promise<RunbookSummary> {
  try {
    const loaded = loadRunbook(project, id);
    const { title, memo, hosts, files, openQuestions: questions } = loaded.runbook;
    const about = { id, title, hosts, files, questions, ...(memo === undefined ? {} : { memo }) };
    return { ...about, ...(await stateOf(project.root, context, loaded)) };
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    const place = error.line === undefined ? "" : ` (line ${error.line})`;
    return {
      id,
      title: id,
      hosts: [],
      files: [],
      questions: [],
      state: "broken",
      note: `${error.message}${place}`,
    };
  }
}

async function stateOf(
  root: string,
  context: Context,
  loaded: LoadedRunbook,
): Promise<Pick<RunbookSummary, "state" | "note" | "expires" | "more">> {
  if (isClosed(loaded.folder)) return { state: "closed" };
  const walk = latestWalk(loaded);
  if (walk !== null && isOpen(walk.state)) {
    return { state: "running", ...(walk.state.stopped === undefined ? {} : { note: walk.state.stopped }) };
  }
  const standing = await standingOf(root, context, loaded);
  // After a walk, a new approval of the same runbook means that it is to be run again.
  if (standing !== null && standing.state !== "rejected") return standing;
  if (walk !== null) {
    return { state: passedVerification(loaded, walk) === null ? "walked" : "verified" };
  }
  return standing ?? { state: "draft" };
}

/** What judges decisions is loaded only where there may be some. */
async function standingOf(root: string, context: Context, loaded: LoadedRunbook) {
  if (!isFolder(loaded.folder.approvals)) return null;
  const { readStanding } = await import("./standing-decision.ts");
  return await readStanding(root, context, loaded);
}
