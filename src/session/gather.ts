import type { VibeopsError } from "../errors.ts";
import type { PendingMemo } from "../memo/inbox-memory.ts";
import { listPending } from "../memo/list.ts";
import { readInbox } from "../memo/mailbox.ts";
import { listQuarantine } from "../memo/quarantine.ts";
import { listQueue } from "../memo/queue.ts";
import type { Context } from "../platform/context.ts";
import { requireGit } from "../platform/git.ts";
import { compactTime } from "../platform/ids.ts";
import { DAY_MS } from "../platform/units-of-time.ts";
import { endingGrants } from "../project/grants.ts";
import type { PendingItem } from "../project/pending.ts";
import type { Project } from "../project/project.ts";
import { readState, STATE_FILE, type State } from "../state/state.ts";
import type { BriefFacts } from "./facts.ts";
import { readTrail, type Trail } from "./trail.ts";
import { isUntouched } from "./uncommitted.ts";
import {
  findWarnings,
  requireOurError,
  STALE_STATE_DAYS,
  type Warning,
  warningFromError,
} from "./warnings.ts";

export interface GatherOptions {
  /** The commit from which changes are reported; null for a first session. */
  since: string | null;
  /** When the session before began, if nobody ended it. */
  openSince: string | null;
  runbooks: readonly PendingItem[];
  /** What lies in the inbox, where that has just been read. */
  inbox?: { memos: readonly PendingMemo[]; notes: readonly string[] } | undefined;
  /** What git says, where it has just been asked. */
  trail?: Trail | undefined;
  /** What went wrong on the way here. */
  problems?: readonly Warning[];
}

/** Reads what a session begins with, and changes nothing. */
export async function gatherFacts(
  project: Project,
  context: Context,
  options: GatherOptions,
): Promise<BriefFacts> {
  const now = context.now();
  const inbox = options.inbox ?? readInbox(project.root, now);
  const memos = listPending(inbox.memos, {});
  const { changes, uncommitted, active, receipts } =
    options.trail ??
    (await readTrail(requireGit(project.root, context.env), project.root, options.since, now));
  const problems = [...(options.problems ?? [])];
  const state = readStateOr(project, (error) => problems.push(warningFromError(error)));
  const recently = compactTime(new Date(now.getTime() - STALE_STATE_DAYS * DAY_MS));
  const named = new Set(inbox.notes.map((name) => `memos/incoming/${name}`));
  const warnings = findWarnings({
    now,
    memos,
    state: state && {
      touchedLately: active.state || !isUntouched(uncommitted, STATE_FILE),
      mailLately: active.mail || memos.some((memo) => memo.id > recently),
    },
    uncommitted: uncommitted.map(({ path }) => path).filter((path) => !named.has(path)),
    queued: listQueue(project).length,
    ending: endingGrants(project, now),
    openSince: options.openSince,
  });
  return {
    project: project.name,
    roles: Object.keys(project.config.agents),
    now: now.toISOString(),
    warnings: [...problems, ...warnings],
    memos,
    runbooks: options.runbooks,
    receipts,
    state: state ? { sections: state.sections, others: state.others } : null,
    changes,
    notes: inbox.notes,
    quarantine: listQuarantine(project),
  };
}

/** Undefined where it cannot be read: an agent that is told so works better than one that is told nothing. */
function readStateOr(project: Project, told: (error: VibeopsError) => void): State | null | undefined {
  try {
    return readState(project);
  } catch (error) {
    told(requireOurError(error));
    return undefined;
  }
}
