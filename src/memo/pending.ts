import { basename, dirname } from "node:path";
import { VibeopsError } from "../errors.ts";
import type { FactCache } from "../platform/fact-cache.ts";
import { isFolder } from "../platform/folders.ts";
import { idTime } from "../platform/ids.ts";
import { DAY_MS } from "../platform/units-of-time.ts";
import type { PendingItem } from "../project/pending.ts";
import { isOverdue } from "./due.ts";
import { idOfFileName } from "./file-name.ts";
import { INCOMING, listQueued, OUTGOING, QUARANTINE, readMemoFile } from "./mailbox.ts";
import { listQuarantine } from "./quarantine.ts";
import { noMail, type PendingCounts, type PressingMemo, recallInbox } from "./recall-inbox.ts";

export type { PendingCounts };

/** An urgent memo that has waited as long is somebody's concern, whatever its agent does. */
const URGENT_AFTER_MS = DAY_MS;

/**
 * What waits in a project's mail, without changing anything, and how much is pending: judged by front matter alone, so a
 * memo that the next intake will refuse for its text still counts. An inbox that the cache knows is not read again.
 *
 * @throws VibeopsError where a folder of ours is a link, or cannot be read
 */
export function readPendingMail(
  root: string,
  now: Date,
  cache: FactCache,
): { counts: PendingCounts; items: PendingItem[] } {
  const hasMail = isFolder(`${root}/${dirname(INCOMING)}`);
  const has = (folder: string) => hasMail && isFolder(`${root}/${folder}`);
  const { counts, pressing } = has(INCOMING) ? recallInbox(`${root}/${INCOMING}`, cache, now) : noMail;
  const overdue = pressing.filter((memo) => isOverdue(memo, now)).sort(byDue);
  const urgent = pressing.filter((memo) => !overdue.includes(memo) && isUrgentAndOld(memo, now));
  return {
    counts,
    items: [
      ...itemOfMemos("memo.overdue", "overdue", overdue, now),
      ...itemOfMemos("memo.urgent", "urgent and a day old", urgent, now),
      ...(has(QUARANTINE) ? itemOfQuarantine(root) : []),
      ...(has(OUTGOING) ? itemOfQueue(root) : []),
    ],
  };
}

function byDue(one: PressingMemo, other: PressingMemo): number {
  return (one.due ?? "") < (other.due ?? "") ? -1 : 1;
}

function isUrgentAndOld({ id, priority }: PressingMemo, now: Date): boolean {
  if (priority !== "urgent") return false;
  const since = idTime(id);
  return since !== null && now.getTime() - since.getTime() > URGENT_AFTER_MS;
}

/** One item for all of a kind, named after the first. */
function itemOfMemos(
  kind: PendingItem["kind"],
  words: string,
  memos: readonly PressingMemo[],
  now: Date,
): PendingItem[] {
  const [first] = memos;
  if (first === undefined) return [];
  const isOne = memos.length === 1;
  const since = first.due ?? idTime(first.id)?.toISOString();
  const item = {
    kind,
    words: isOne ? `memo ${words}` : `${memos.length} memos ${words}`,
    id: first.id,
    title: subjectOf(first, now),
    command: isOne ? `vibeops memo show ${first.id}` : "vibeops memo list",
  };
  return [since === undefined ? item : { ...item, since }];
}

/** Its name where it was finished meanwhile. */
function subjectOf({ path, name }: PressingMemo, now: Date): string {
  try {
    return readMemoFile(path, name, now).memo.subject;
  } catch (error) {
    if (error instanceof VibeopsError) return name;
    throw error;
  }
}

function itemOfQuarantine(root: string): PendingItem[] {
  const names = listQuarantine({ root });
  const [first] = names;
  if (first === undefined) return [];
  const words = names.length === 1 ? "in quarantine" : `${names.length} in quarantine`;
  const command = `cat ${QUARANTINE}/*.reason.md`;
  return [{ kind: "memo.quarantine", words, id: first, title: first, command }];
}

function itemOfQueue(root: string): PendingItem[] {
  const names = listQueued(root)
    .map((path) => basename(path))
    .sort();
  const [first] = names;
  if (first === undefined) return [];
  const words = names.length === 1 ? "memo not delivered yet" : `${names.length} memos not delivered yet`;
  const since = idTime(idOfFileName(first) ?? "")?.toISOString();
  const item = {
    kind: "memo.queued",
    words,
    id: first,
    title: first,
    command: "vibeops sync",
  } as const;
  return [since === undefined ? item : { ...item, since }];
}
