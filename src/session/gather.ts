import { join } from "node:path";
import { listPending, type MemoSummary } from "../memo/list.ts";
import { type Inbox, readInbox } from "../memo/mailbox.ts";
import { listQuarantine } from "../memo/quarantine.ts";
import { listQueue } from "../memo/queue.ts";
import type { Context } from "../platform/context.ts";
import { type Git, gitPath, requireGit, tryGit } from "../platform/git.ts";
import { idTime } from "../platform/ids.ts";
import { endingGrants } from "../project/grants.ts";
import type { PendingItem } from "../project/pending.ts";
import type { Project } from "../project/project.ts";
import { readState, STATE_FILE } from "../state/state.ts";
import { readChanges } from "./changes.ts";
import type { BriefFacts } from "./facts.ts";
import { readReceipts } from "./receipts.ts";
import { isUntouched, listUncommitted } from "./uncommitted.ts";
import { DAY_MS, findWarnings, STALE_STATE_DAYS, type Warning } from "./warnings.ts";

export interface GatherOptions {
  /** The commit from which changes are reported; null for a first session. */
  since: string | null;
  /** When the session before began, if nobody ended it. */
  openSince: string | null;
  runbooks: readonly PendingItem[];
  /** What lies in the inbox, where that has just been read. */
  inbox?: Pick<Inbox, "memos" | "notes"> | undefined;
  /** What went wrong on the way here. */
  problems?: readonly Warning[];
}

/** Reads what a session begins with, and changes nothing. */
export async function gatherFacts(
  project: Project,
  context: Context,
  options: GatherOptions,
): Promise<BriefFacts> {
  const target = requireGit(project.root, context.env);
  const now = context.now();
  const inbox = options.inbox ?? readInbox(project.root, now);
  const memos = listPending(inbox.memos, {});
  const [changes, uncommitted, active, receipts] = await Promise.all([
    readChanges(target, project.root, options.since),
    listUncommitted(target, project.root),
    readActivity(target, project.root, now),
    readReceipts(target, project.root, options.since, now),
  ]);
  const state = readState(project);
  const named = new Set(inbox.notes.map((name) => `memos/incoming/${name}`));
  const warnings = findWarnings({
    now,
    memos,
    state: state && {
      touchedLately: active.state || !isUntouched(uncommitted, STATE_FILE),
      mailLately: active.mail || memos.some((memo) => isRecent(memo, now)),
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
    warnings: [...(options.problems ?? []), ...warnings],
    memos,
    runbooks: options.runbooks,
    receipts,
    state: state && { sections: state.sections, others: state.others },
    changes,
    notes: inbox.notes,
    quarantine: listQuarantine(project),
  };
}

/** Whether STATE.md and the mail were committed to within the last {@link STALE_STATE_DAYS} days. */
async function readActivity(
  target: Git,
  root: string,
  now: Date,
): Promise<{ state: boolean; mail: boolean }> {
  const since = new Date(now.getTime() - STALE_STATE_DAYS * DAY_MS).toISOString();
  const paths = [STATE_FILE, "memos/incoming", "memos/archived"].map((path) => join(root, path));
  const args = [
    "-c",
    "core.quotePath=false",
    "--literal-pathspecs",
    "log",
    "--no-show-signature",
    "--name-only",
    "--format=",
    `--since=${since}`,
  ];
  const result = await tryGit(target, [...args, "--", ...paths]);
  const touched = result.stdout.split("\n");
  const state = gitPath(target, join(root, STATE_FILE));
  return { state: touched.includes(state), mail: touched.some((path) => path !== "" && path !== state) };
}

function isRecent(memo: MemoSummary, now: Date): boolean {
  const since = idTime(memo.id);
  return since !== null && now.getTime() - since.getTime() < STALE_STATE_DAYS * DAY_MS;
}
