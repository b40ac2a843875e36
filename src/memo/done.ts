import { rmSync } from "node:fs";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { readRegularFile, syncDirectory } from "../platform/files.ts";
import { ensureDirectory } from "../platform/folders.ts";
import { requireGit } from "../platform/git.ts";
import { commitChanges, put, remove, requireIdentity } from "../platform/git-commit.ts";
import { idMonth } from "../platform/ids.ts";
import { allOrNothing, publishUndoably, type Undo } from "../platform/undo.ts";
import { firstRole, type Project } from "../project/project.ts";
import { applyStateEdit } from "../state/state.ts";
import { findSection, type TaskItem } from "../text/blocks.ts";
import { quoteUntrusted } from "../text/visible.ts";
import { formatAddress } from "./address.ts";
import { scanChecklist } from "./checklist.ts";
import { completeMemo } from "./completion.ts";
import { intakeMail } from "./intake.ts";
import { withMailTurn } from "./mail-turn.ts";
import { ARCHIVED, findByMonth, findPending, type StoredMemo } from "./mailbox.ts";
import { type Memo, maxMemoBytes } from "./memo.ts";
import { planReply, replyLetter } from "./reply.ts";
import { isSameMemo } from "./same-memo.ts";
import {
  deliverOne,
  enqueueMemos,
  type PlannedMemo,
  refuseSecretIn,
  replanMemo,
  type SentMemo,
} from "./send.ts";
import { findReceiptFor } from "./sent-receipt.ts";

export interface DoneRequest {
  /** What was done, for the completion notes. */
  note?: string | undefined;
  /** Why boxes stay open; without it a memo with open boxes is not ended. */
  unfinished?: string | undefined;
  role?: string | undefined;
}

export interface DoneReport {
  memo: Memo;
  archived: string;
  commit: string;
  /** Null where the memo came from this project itself. */
  receipt: { id: string; to: string; outcome: SentMemo["outcome"]; reason?: string | undefined } | null;
}

/**
 * Ends a pending memo in one go: completion notes, archive, a line in STATE.md, a receipt to the sender, one commit.
 *
 * @throws VibeopsError `memo.open-boxes` (exit 4), `state.structure`, what git throws; nothing has changed then
 */
export async function finishMemo(
  project: Project,
  part: string,
  request: DoneRequest,
  context: Context,
): Promise<DoneReport> {
  if (request.unfinished?.trim() === "") throw noReason();
  // A memo of our own has no receipt, which would not be sent with one.
  refuseSecretIn(request.note ?? "", (line) => `line ${line} of the note`, "nothing was ended");
  refuseSecretIn(request.unfinished ?? "", () => "the reason", "nothing was ended");
  await intakeMail(project, context);
  // Only now is it looked for: somebody else may have ended it while we waited.
  return await withMailTurn(requireGit(project.root, context.env), async () => {
    const { stored, open } = findToEnd(project, part, request, context);
    return await applyDone(project, stored, request, open, context);
  });
}

function findToEnd(
  project: Project,
  part: string,
  { unfinished }: DoneRequest,
  context: Context,
): { stored: StoredMemo; open: readonly TaskItem[] } {
  const stored = findPending(project.root, part, context.now());
  const items = scanChecklist(stored.memo.text);
  const open = items.filter((item) => !item.checked);
  if (open.length > 0 && unfinished === undefined) throw openBoxes(stored, items, open);
  return { stored, open };
}

function noReason(): VibeopsError {
  return new VibeopsError({
    code: "usage.value",
    exit: Exit.usage,
    message: "--unfinished has no words, and its sender will ask why",
    fix: 'say why: --unfinished "the host is gone"',
  });
}

function openBoxes(stored: StoredMemo, items: readonly TaskItem[], open: readonly TaskItem[]): VibeopsError {
  // Their words are the sender's, and a shell would obey them.
  const numbers = open.map((item) => items.indexOf(item) + 1).join(" ");
  return new VibeopsError({
    code: "memo.open-boxes",
    exit: Exit.invalid,
    message: `${open.length} ${open.length === 1 ? "box is" : "boxes are"} still open: ${open.map((item) => quoteUntrusted(item.text, 200)).join("; ")}`,
    file: stored.path,
    line: open[0]?.line,
    fix: `tick them (vibeops memo check ${stored.memo.id} ${numbers}), or end it with --unfinished "why"`,
    facts: { open: open.map((item) => ({ line: item.line, text: item.text })) },
  });
}

async function applyDone(
  project: Project,
  stored: StoredMemo,
  request: DoneRequest,
  open: readonly TaskItem[],
  context: Context,
): Promise<DoneReport> {
  const { memo } = stored;
  const git = requireGit(project.root, context.env);
  const by = formatAddress({ role: request.role ?? firstRole(project), project: project.name });
  const notDone = open.map((item) => item.text);
  const earlier = archivedBefore(project, stored);
  const text =
    earlier ??
    completeMemo(memo.text, {
      by,
      date: context.now(),
      done: describeDone(memo, request),
      unfinished: request.unfinished === undefined ? undefined : [request.unfinished, ...notDone].join("; "),
    });
  const sentBefore = earlier === null ? null : findReceiptFor(project, memo, context.now());
  refuseTooLong(stored, text);
  const receipts = planReceipt(project, { memo, completed: text, sentBefore }, request, context);
  await requireIdentity(git, context);
  const { archived, commit } = await allOrNothing(async (undo) => {
    const path = archive(project, stored, Buffer.from(text), undo);
    const edit = {
      progress: progressLine(memo, request, context.now()),
      // A try that was killed may have written the line already: into the working copy, into the index, into neither.
      progressMark: endingOf(memo),
    };
    const state = await applyStateEdit(project, edit, undo);
    const copies = enqueueMemos(project, receipts, undo);
    const message = `Done: ${memo.subject}\n\nMemo ${memo.id} from ${formatAddress(memo.from)}`;
    const changes = [remove(stored.path), put(path, Buffer.from(text)), state, ...copies];
    return { archived: path, commit: await commitChanges(git, changes, message, context) };
  });
  removePending(stored);
  const [receipt] = receipts;
  if (receipt === undefined) return { memo, archived, commit, receipt: null };
  const outcome = await deliverOne(project, receipt.name, receipt.bytes, receipt.route, context);
  return {
    memo,
    archived,
    commit,
    receipt: { id: receipt.id, to: formatAddress(receipt.route.to), ...outcome },
  };
}

/** What is archived must be read again by every reader. */
function refuseTooLong({ path }: StoredMemo, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes <= maxMemoBytes) return;
  throw new VibeopsError({
    code: "memo.size",
    exit: Exit.invalid,
    message: `with this note the memo would have ${bytes} bytes; at most ${maxMemoBytes} are read`,
    file: path,
    fix: "shorten the note; where even a short one is too long, cut the memo's text: git keeps it",
  });
}

function describeDone(memo: Memo, { note, unfinished }: DoneRequest): string {
  if (note !== undefined && note.trim() !== "") return note;
  const items = scanChecklist(memo.text).filter((item) => item.checked);
  if (items.length > 0) return items.map((item) => item.text).join("; ");
  return unfinished === undefined ? "Everything in the memo." : "Nothing.";
}

function progressLine(memo: Memo, request: DoneRequest, now: Date): string {
  const how = request.unfinished === undefined ? "Done" : "Ended unfinished";
  return `${now.toISOString().slice(0, 10)} ${how}: ${memo.subject} ${endingOf(memo)}`;
}

/** The end of the line in STATE.md that says that this memo is done; no other line holds it. */
function endingOf(memo: Memo): string {
  return `(memo ${memo.id} from ${memo.from.project})`;
}

/** A memo of our own and a receipt need no receipt. Where the sender cannot be reached by name, none is sent. */
function planReceipt(
  project: Project,
  { memo, completed, sentBefore }: { memo: Memo; completed: string; sentBefore: StoredMemo | null },
  request: DoneRequest,
  context: Context,
): PlannedMemo[] {
  if (memo.from.project === project.name || memo.extra["x-receipt"] !== undefined) return [];
  const section = findSection(completed, "Completion");
  const completion =
    section === null ? "" : `${completed.slice(section.heading.start, section.end).trimEnd()}\n`;
  const letter = replyLetter(memo, {
    subject: `${request.unfinished === undefined ? "Done" : "Ended unfinished"}: ${memo.subject}`,
    body: completion,
    extra: { "x-receipt": "done" },
    role: request.role,
  });
  try {
    // The one that a killed try wrote counts: the sender gets one receipt, however often the ending is repeated.
    if (sentBefore !== null) return [replanMemo(project, sentBefore, context)];
    return planReply(project, memo, letter, context);
  } catch (error) {
    if (error instanceof VibeopsError && UNREACHABLE.has(error.code)) return [];
    throw error;
  }
}

/** A receipt that an earlier try wrote under a wrong name waits in the queue, which says so. */
const UNREACHABLE = new Set(["peer.unknown", "memo.misnamed"]);

/**
 * What an earlier try put into the archive before it was killed: the same memo, finished. It counts, so that ending a
 * memo can be repeated; other words under the same id do not.
 *
 * @throws VibeopsError `memo.already-archived`
 */
function archivedBefore(project: Project, stored: StoredMemo): string | null {
  const path = findByMonth(project.root, ARCHIVED, stored.memo.id);
  if (path === null) return null;
  const text = readRegularFile(path).toString("utf8");
  if (isSameMemo(text, stored.memo.text)) return text;
  throw new VibeopsError({
    code: "memo.already-archived",
    exit: Exit.conflict,
    message: "a memo with this id and other words is in the archive already",
    file: path,
    fix: "compare the two; delete the pending one if it is finished",
  });
}

/** The archive holds the finished text before the commit, and the inbox gives up the open one after it. */
function archive(project: Project, stored: StoredMemo, bytes: Buffer, undo: Undo): string {
  const target = join(ensureDirectory(project.root, `${ARCHIVED}/${idMonth(stored.memo.id)}`), stored.name);
  publishUndoably(target, bytes, undo);
  return target;
}

function removePending(stored: StoredMemo): void {
  rmSync(stored.path, { force: true });
  syncDirectory(join(stored.path, ".."));
}
