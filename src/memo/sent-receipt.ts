import { basename } from "node:path";
import { VibeopsError } from "../errors.ts";
import { readRegularFile } from "../platform/files.ts";
import { idMonth } from "../platform/ids.ts";
import type { Project } from "../project/project.ts";
import { listByMonth, listQueued, readMemoFile, SENT, type StoredMemo } from "./mailbox.ts";
import type { Memo } from "./memo.ts";

/**
 * The receipt that we wrote for a memo before, queued or sent; null where there is none. Looked for only where a try
 * to end the memo was cut off: it reads what was sent in the memo's month and since.
 */
export function findReceiptFor(project: Project, memo: Memo, now: Date): StoredMemo | null {
  return findAnswer(project, memo, (answer) => answer.extra["x-receipt"] === "done", now);
}

/** As {@link findReceiptFor}, the reply to a memo that says just this. */
export function findReplyFor(project: Project, memo: Memo, body: string, now: Date): StoredMemo | null {
  return findAnswer(project, memo, (answer) => answer.body === body, now);
}

function findAnswer(
  project: Project,
  memo: Memo,
  isMeant: (answer: Memo) => boolean,
  now: Date,
): StoredMemo | null {
  const sent = listByMonth(project.root, SENT, idMonth(memo.id));
  for (const path of [...listQueued(project.root), ...sent]) {
    const stored = readIfNaming(path, memo.id, now);
    if (stored?.memo.replyTo === memo.id && isMeant(stored.memo)) return stored;
  }
  return null;
}

/** A file that cannot be read is no receipt, and keeps nobody from ending a memo. */
function readIfNaming(path: string, id: string, now: Date): StoredMemo | null {
  try {
    return readRegularFile(path).includes(id) ? readMemoFile(path, basename(path), now) : null;
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}
