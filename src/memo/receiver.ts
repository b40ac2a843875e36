import type { Git } from "../platform/git.ts";
import { readPeers } from "../project/peers.ts";
import type { Project } from "../project/project.ts";
import type { Arrival } from "./arrivals.ts";
import { type FindKept, finderOfKept } from "./kept-memos.ts";
import { ARCHIVED, SENT } from "./mailbox.ts";
import type { Receiver } from "./sender.ts";

/** What of the receiver an intake holds memos against. */
export interface IntakeReceiver extends Receiver {
  /** What was finished here, by its id. */
  findArchived: FindKept;
}

/** Reads what these arrivals ask for, and no more: nothing where there are none. */
export async function readReceiver(
  project: Project,
  target: Git,
  arrivals: readonly Arrival[],
  isVouched: Receiver["isVouched"],
): Promise<IntakeReceiver> {
  const memos = arrivals.flatMap(({ stored, original }) => [stored.memo, original.memo]);
  const ids = memos.map(({ id }) => id);
  const answered = memos.flatMap(({ replyTo }) => replyTo ?? []);
  return {
    project,
    peers: arrivals.length === 0 ? [] : readPeers(project),
    findSent: await finderOfKept(target, project.root, SENT, answered),
    findArchived: await finderOfKept(target, project.root, ARCHIVED, ids),
    isVouched,
  };
}
