import { rmSync } from "node:fs";
import { basename, join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull, syncDirectory } from "../platform/files.ts";
import { ensureDirectory, findDirectory, listNames } from "../platform/folders.ts";
import { type Git, requireGit } from "../platform/git.ts";
import { asOnDisk, commitChanges, remove, requireIdentity } from "../platform/git-commit.ts";
import { requireBranch } from "../platform/git-head.ts";
import { idMonth } from "../platform/ids.ts";
import { removeLeftOvers } from "../platform/left-overs.ts";
import { allOrNothing, publishUndoably, type Undo } from "../platform/undo.ts";
import type { Project } from "../project/project.ts";
import { findSecrets } from "../text/secrets.ts";
import { type Arrival, readArrivals } from "./arrivals.ts";
import { committedQuestion, keepCommitted } from "./in-head.ts";
import { lookAtInbox } from "./inbox-look.ts";
import type { PendingMemo } from "./inbox-memory.ts";
import { emptyReport, type IntakeReport, intakeMessage } from "./intake-report.ts";
import { withMailTurn } from "./mail-turn.ts";
import { ARCHIVED, INCOMING, QUARANTINE, type StoredMemo } from "./mailbox.ts";
import type { Memo } from "./memo.ts";
import { requireOwnFolders } from "./own-folders.ts";
import { clearReturned, type Refusal, setAside } from "./quarantine.ts";
import { type IntakeReceiver, readReceiver } from "./receiver.ts";
import { isSameMemo } from "./same-memo.ts";
import { checkSender, type Receiver } from "./sender.ts";
import { readTakenIn, writeTakenIn } from "./taken-in.ts";

export interface IntakeOptions {
  /** Whether whoever carried this memo here has verified its sender's signature on these bytes; none unless told. */
  isVouched?: Receiver["isVouched"];
  /** The work tree around the project; git may have been asked {@link intakeQuestion} ahead. */
  target?: Git;
}

/** What an intake asks git first. */
export function intakeQuestion(root: string, target: Git): string[] {
  return committedQuestion(
    target,
    [INCOMING, QUARANTINE].map((folder) => join(root, folder)),
  );
}

/**
 * Takes in what was delivered since the last time: checks form, sender and grant, files receipts, sets aside
 * what cannot be trusted with the reason beside it, and commits the result. What was taken in before is not
 * looked at again. Repeating it changes nothing.
 *
 * @throws VibeopsError `file.…` where a memo folder of our own is at fault, and nothing was judged then; what git
 *   throws, and nothing was moved then
 */
export async function intakeMail(
  project: Project,
  context: Context,
  options: IntakeOptions = {},
): Promise<IntakeReport> {
  const first = await look(project, context, options.target);
  if (first === null) return emptyReport();
  if (first.unseen.length + first.refused.length === 0)
    return await takeInMail(project, context, first, options);
  return await withMailTurn(first.target, async () => {
    // Somebody else may have taken it in, or ended it, while we waited.
    const again = await look(project, context, first.target);
    return again === null ? emptyReport() : await takeInMail(project, context, again, options);
  });
}

/** The inbox as it is now, and what nobody has judged yet; null where there is none. */
async function look(project: Project, context: Context, given?: Git) {
  const directory = findDirectory(project.root, INCOMING);
  if (directory === null) return null;
  requireOwnFolders(project.root);
  const target = given ?? requireGit(project.root, context.env);
  const names = listNames(directory);
  removeLeftOvers(directory, context.now(), names);
  const quarantine = join(project.root, QUARANTINE);
  const remembered = readTakenIn(project.root);
  const inbox = await lookAtInbox(project.root, target, context, {
    directory,
    names,
    beside: [quarantine],
    remembered,
  });
  const committed = inbox.inHead(directory);
  const { left, refused } = sortRefused(inbox.refused, committed);
  return { ...inbox, directory, target, quarantine, remembered, committed, left, refused };
}

type Looked = NonNullable<Awaited<ReturnType<typeof look>>>;

async function takeInMail(
  project: Project,
  context: Context,
  looked: Looked,
  { isVouched = noneVouched }: IntakeOptions,
): Promise<IntakeReport> {
  const { directory, target, quarantine, remembered, inHead, seen, refused } = looked;
  const report = { ...emptyReport(), notes: looked.notes, left: looked.left };
  const now = context.now();
  const touched: string[] = [];
  const arrivals = await readArrivals(target, directory, looked.unseen, looked.committed, now);
  const receiver = await readReceiver(project, target, arrivals, isVouched);
  report.brokenPeers = receiver.peers.flatMap(({ peer, error }) =>
    error === undefined ? [] : [{ peer, error }],
  );
  if (arrivals.length + refused.length > 0) {
    await requireIdentity(target, context);
    await requireBranch(target, "the mail that came is not taken in and waits in the inbox");
  }
  // A copy that lies on disk alone was left by somebody who was killed before the commit, and ends nothing yet.
  const archived = arrivals.flatMap(({ stored }) => receiver.findArchived(stored.memo.id)?.path ?? []);
  const finished = await keepCommitted(target, archived);
  const leaving: string[] = [];
  await allOrNothing(async (undo) => {
    for (const arrival of arrivals) {
      const refusal = tryTakeIn(receiver, arrival, { seen, report, touched, leaving, finished, undo });
      if (refusal !== null) refused.push(refusal);
    }
    const aside = setAside(project, refused, { now, committed: inHead(quarantine) }, undo);
    report.quarantined = aside.quarantined;
    report.left.push(...aside.left.map(({ name, error }) => ({ name, error })));
    const judged = [...report.accepted, ...refused].map(({ path }) => basename(path));
    const cleared = clearReturned(project, judged, inHead(quarantine), undo);
    const changes = [...[...touched, ...aside.files].map(asOnDisk), ...[...leaving, ...cleared].map(remove)];
    if (changes.length > 0) await commitChanges(target, changes, intakeMessage(report), context);
    report.changed = changes.length > 0;
  });
  leaveInbox(directory, leaving);
  report.pending = [...seen.values()];
  const came = new Set(arrivals.map(({ stored }) => stored.path));
  rememberTakenIn(project, remembered, report, came);
  return report;
}

const noneVouched = () => false;

/** Of what is no memo: what stays where it is, and the rest, which is to be set aside. */
function sortRefused(refused: readonly Refusal[], committed: ReadonlySet<string>) {
  const stays = ({ name, error }: Refusal) => committed.has(name) || error.code === "file.unreadable";
  const left = refused.filter(stays).map(({ name, error }) => ({ name, error }));
  return { left, refused: refused.filter((item) => !stays(item)) };
}

/**
 * Written only where something changed: most intakes find nothing new. What was taken in and cannot be read today came
 * all the same: tomorrow it is no arrival.
 */
function rememberTakenIn(
  project: Project,
  remembered: ReadonlySet<string>,
  { pending, left }: IntakeReport,
  came: ReadonlySet<string>,
): void {
  // Of what came just now, some went to the archive or to quarantine.
  const stayed = pending.filter(({ path }) => !came.has(path) || lstatOrNull(path) !== null);
  const unread = left.filter(({ name }) => remembered.has(name));
  const names = new Set([...stayed, ...unread].map(({ name }) => name));
  if (names.size === remembered.size && [...names].every((name) => remembered.has(name))) return;
  writeTakenIn(project.root, names);
}

/** Last, so that a kill before the commit leaves in the inbox what is to be judged again. */
function leaveInbox(directory: string, leaving: readonly string[]): void {
  if (leaving.length === 0) return;
  for (const path of leaving) rmSync(path, { force: true });
  syncDirectory(directory);
}

/** What an intake gathers. */
interface Gathered {
  /** Memos of the inbox by id. */
  seen: Map<string, PendingMemo>;
  report: IntakeReport;
  /** Paths to commit as they are on disk. */
  touched: string[];
  /** Paths that go from the inbox with the commit. */
  leaving: string[];
  /** Paths in the archive that end what arrives again. */
  finished: ReadonlySet<string>;
  undo: Undo;
}

/** Takes in one memo. An error that names another file than the memo's is no fault of the memo: it stays. */
function tryTakeIn(receiver: IntakeReceiver, arrival: Arrival, gathered: Gathered): Refusal | null {
  const { path, name } = arrival.stored;
  try {
    takeIn(receiver, arrival, gathered);
    return null;
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    if (error.file === path) {
      gathered.touched.push(path);
      return { path, name, error };
    }
    gathered.report.left.push({ name, error });
    return null;
  }
}

function takeIn(receiver: IntakeReceiver, { stored, original, came }: Arrival, gathered: Gathered): void {
  const { seen, report, touched, leaving, finished } = gathered;
  refuseConflict(stored, seen.get(stored.memo.id));
  if (isFinished(receiver, stored, finished)) {
    leaving.push(stored.path);
    return;
  }
  refuseSecret(stored);
  const standing = checkSender(receiver, original, came);
  seen.set(stored.memo.id, stored);
  if (isReceipt(receiver, stored.memo)) {
    fileReceipt(receiver.project, stored, gathered);
    return;
  }
  report.accepted.push({ memo: stored.memo, path: stored.path, standing });
  touched.push(stored.path);
}

/** It would be committed here, for ever. */
function refuseSecret({ memo, path }: StoredMemo): void {
  const [secret] = findSecrets(memo.text);
  if (secret === undefined) return;
  throw new VibeopsError({
    code: "memo.secret",
    exit: Exit.refused,
    message: `this looks like a secret (${secret.kind}): ${secret.excerpt}`,
    file: path,
    line: secret.line,
    fix: "ask the sender to rotate it, and to send the memo again without it",
  });
}

function refuseConflict(stored: StoredMemo, other: PendingMemo | undefined): void {
  if (other === undefined) return;
  throw new VibeopsError({
    code: "memo.conflict",
    exit: Exit.conflict,
    message: `another memo with this id came before: ${other.name}`,
    file: stored.path,
    fix: "compare the two and ask the sender which one counts",
  });
}

/** The same memo again, or what a killed `done` left behind, is dropped; other words under its id are a conflict. */
function isFinished(
  { findArchived }: IntakeReceiver,
  stored: StoredMemo,
  finished: ReadonlySet<string>,
): boolean {
  const archived = findArchived(stored.memo.id);
  if (archived === null) return false;
  if (isSameMemo(archived.read().toString("utf8"), stored.memo.text)) return finished.has(archived.path);
  throw new VibeopsError({
    code: "memo.already-archived",
    exit: Exit.conflict,
    message: "a memo with this id and other words was finished before",
    file: stored.path,
    fix: `compare it with memos/archived/${idMonth(stored.memo.id)}/, and delete it if it is the same`,
  });
}

/** The sender marks a receipt, and it must answer a memo that we really sent. */
function isReceipt({ findSent }: Receiver, memo: Memo): boolean {
  if (memo.extra["x-receipt"] !== "done" || memo.replyTo === undefined) return false;
  return findSent(memo.replyTo) !== null;
}

function fileReceipt(
  project: Project,
  stored: StoredMemo,
  { report, touched, leaving, undo }: Gathered,
): void {
  const target = join(ensureDirectory(project.root, `${ARCHIVED}/${idMonth(stored.memo.id)}`), stored.name);
  publishUndoably(target, Buffer.from(stored.memo.text), undo);
  report.receipts.push(stored.memo);
  touched.push(target);
  leaving.push(stored.path);
}
