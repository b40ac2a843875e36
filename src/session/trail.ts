import { join } from "node:path";
import type { Receipt } from "../memo/receipt.ts";
import { type Git, gitPath, tryGit } from "../platform/git.ts";
import { DAY_MS } from "../platform/units-of-time.ts";
import { STATE_FILE } from "../state/state.ts";
import { type Changes, changesQuestions, readChanges } from "./changes.ts";
import { readReceipts, receiptsQuestions } from "./receipts.ts";
import { listUncommitted, type Uncommitted, uncommittedQuestions } from "./uncommitted.ts";
import { STALE_STATE_DAYS } from "./warnings.ts";

/** What git says of a project at one moment. */
export interface Trail {
  changes: Changes;
  uncommitted: readonly Uncommitted[];
  /** Whether STATE.md and the mail were committed to within the last {@link STALE_STATE_DAYS} days. */
  active: { state: boolean; mail: boolean };
  receipts: readonly Receipt[];
}

/** @param since the commit from which changes are reported; null for a first session */
export async function readTrail(target: Git, root: string, since: string | null, now: Date): Promise<Trail> {
  const [changes, uncommitted, active, receipts] = await Promise.all([
    readChanges(target, root, since),
    listUncommitted(target, root),
    readActivity(target, root, now),
    readReceipts(target, root, since, now),
  ]);
  return { changes, uncommitted, active, receipts };
}

/** What {@link readTrail} asks git first, whatever it answers. */
export function trailQuestions(target: Git, root: string, since: string | null, now: Date): string[][] {
  return [
    ...changesQuestions(root, since),
    activityQuestion(root, now),
    ...receiptsQuestions(root, since, now),
    ...uncommittedQuestions(target, root),
  ];
}

function activityQuestion(root: string, now: Date): string[] {
  const since = new Date(now.getTime() - STALE_STATE_DAYS * DAY_MS).toISOString();
  const paths = [STATE_FILE, "memos/incoming", "memos/archived"].map((path) => join(root, path));
  return [
    "-c",
    "core.quotePath=false",
    "--literal-pathspecs",
    "log",
    "--no-show-signature",
    // To find renames git reads what a partial clone does not hold.
    "--no-renames",
    "--name-only",
    "--format=",
    `--since=${since}`,
    "--",
    ...paths,
  ];
}

async function readActivity(
  target: Git,
  root: string,
  now: Date,
): Promise<{ state: boolean; mail: boolean }> {
  const result = await tryGit(target, activityQuestion(root, now));
  const touched = result.stdout.split("\n");
  const state = gitPath(target, join(root, STATE_FILE));
  return { state: touched.includes(state), mail: touched.some((path) => path !== "" && path !== state) };
}
