import { basename } from "node:path";
import { VibeopsError } from "../errors.ts";
import { findDirectory, listNames } from "../platform/files.ts";
import { idTime } from "../platform/ids.ts";
import type { PendingItem } from "../project/pending.ts";
import { isOverdue } from "./due.ts";
import { idOfFileName } from "./file-name.ts";
import { glanceAtMemo, type MemoGlance } from "./glance.ts";
import { INCOMING, listQueued, QUARANTINE, readMemoFile } from "./mailbox.ts";
import type { Priority } from "./priority.ts";
import { listQuarantine } from "./quarantine.ts";

/** How many memos are pending, of each priority. */
export type PendingCounts = Readonly<Record<Priority, number>>;

/** An urgent memo that has waited as long is somebody's concern, whatever its agent does. */
const URGENT_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * What waits in a project's mail, without changing anything, and how much is pending: judged by front matter alone, so a
 * memo that the next intake will refuse for its text still counts.
 *
 * @throws VibeopsError where a folder of ours is a link, or cannot be read
 */
export function readPendingMail(root: string, now: Date): { counts: PendingCounts; items: PendingItem[] } {
  const memos = readInboxFacts(root, now);
  const counts = { low: 0, normal: 0, high: 0, urgent: 0 };
  for (const { priority } of memos) counts[priority] += 1;
  const overdue = memos.filter((memo) => isOverdue(memo, now)).sort(byDue);
  const urgent = memos.filter((memo) => !overdue.includes(memo) && isUrgentAndOld(memo, now));
  return {
    counts,
    items: [
      ...itemOfMemos("memo.overdue", "overdue", overdue, now),
      ...itemOfMemos("memo.urgent", "urgent and a day old", urgent, now),
      ...itemOfQuarantine(root),
      ...itemOfQueue(root),
    ],
  };
}

interface InboxFact extends MemoGlance {
  path: string;
  name: string;
  id: string;
}

function readInboxFacts(root: string, now: Date): InboxFact[] {
  const directory = findDirectory(root, INCOMING);
  if (directory === null) return [];
  return listNames(directory).flatMap((name) => {
    const id = idOfFileName(name);
    const path = `${directory}/${name}`;
    const glance = id === null ? null : (glanceAtMemo(path, id) ?? readWhole(path, name, now));
    return id === null || glance === null ? [] : [{ path, name, id, ...glance }];
  });
}

/** Null for a receipt, which files itself; for what is no memo, which the next intake says; and for what went away. */
function readWhole(path: string, name: string, now: Date): MemoGlance | null {
  try {
    const { memo } = readMemoFile(path, name, now);
    const { priority, due, extra } = memo;
    if (extra["x-receipt"] !== undefined) return null;
    return { priority, ...(due === undefined ? {} : { due }) };
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

function byDue(one: InboxFact, other: InboxFact): number {
  return (one.due ?? "") < (other.due ?? "") ? -1 : 1;
}

function isUrgentAndOld({ id, priority }: InboxFact, now: Date): boolean {
  if (priority !== "urgent") return false;
  const since = idTime(id);
  return since !== null && now.getTime() - since.getTime() > URGENT_AFTER_MS;
}

/** One item for all of a kind, named after the first. */
function itemOfMemos(
  kind: PendingItem["kind"],
  words: string,
  memos: readonly InboxFact[],
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
function subjectOf({ path, name }: InboxFact, now: Date): string {
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
