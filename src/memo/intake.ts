import { linkSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import {
  ensureDirectory,
  findDirectory,
  lstatOrNull,
  publishNew,
  readRegularFile,
  syncDirectory,
} from "../platform/files.ts";
import { type Git, git, gitPath, headCommit, requireGit } from "../platform/git.ts";
import { commitFiles, requireIdentity } from "../platform/git-commit.ts";
import { idMonth } from "../platform/ids.ts";
import { removeOrphans } from "../platform/orphans.ts";
import { allOrNothing, type Undo } from "../platform/undo.ts";
import { readPeers } from "../project/peers.ts";
import type { Project } from "../project/project.ts";
import { type Addition, readAdditions } from "./additions.ts";
import { ARCHIVED, finderByMonth, INCOMING, readInbox, SENT, type StoredMemo } from "./mailbox.ts";
import { type Memo, parseMemo } from "./memo.ts";
import { requireOwnFolders } from "./own-folders.ts";
import { type Quarantined, type Refusal, setAside } from "./quarantine.ts";
import { isSameMemo } from "./same-memo.ts";
import { checkSender, type Receiver, type Standing } from "./sender.ts";
import { readTakenIn, writeTakenIn } from "./taken-in.ts";

/** What an intake did. */
export interface IntakeReport {
  accepted: { memo: Memo; path: string; standing: Standing }[];
  /** Receipts of memos that we sent: filed in the archive at once. */
  receipts: Memo[];
  quarantined: Quarantined[];
  /**
   * Left where it is, and why: taken in before and since edited into something that is no memo, not to be read from
   * here, or kept from being judged by a fault in our own files.
   */
  left: { name: string; error: VibeopsError }[];
  /** Peers whose vibeops.yaml is broken: their mail is unconfirmed. */
  brokenPeers: { peer: string; error: VibeopsError }[];
  /** Names of files without front matter that stay in the inbox. */
  notes: string[];
}

/**
 * Takes in what was delivered since the last time: checks form, sender and grant, files receipts, sets aside
 * what cannot be trusted with the reason beside it, and commits the result. What was taken in before is not
 * looked at again. Repeating it changes nothing.
 *
 * @param isVouched whether whoever carried this memo here has verified its sender's signature on these bytes
 * @throws VibeopsError `file.…` where a memo folder of our own is at fault, and nothing was judged then; what git
 *   throws, and nothing was moved then
 */
export async function intakeMail(
  project: Project,
  context: Context,
  isVouched: Receiver["isVouched"] = () => false,
): Promise<IntakeReport> {
  const report: IntakeReport = {
    accepted: [],
    receipts: [],
    quarantined: [],
    left: [],
    brokenPeers: [],
    notes: [],
  };
  const directory = findDirectory(project.root, INCOMING);
  if (directory === null) return report;
  requireOwnFolders(project.root);
  const target = requireGit(project.root, context.env);
  const now = context.now();
  removeOrphans(directory, now);
  const committed = await committedNames(target, directory);
  const remembered = readTakenIn(project.root);
  const known = new Set([...committed].filter((name) => remembered.has(name)));
  const inbox = readInbox(project.root, now);
  report.notes = inbox.notes;
  const refused = sortRefused(inbox.refused, committed, report);
  const seen = new Map(
    inbox.memos.filter(({ name }) => known.has(name)).map((stored) => [stored.memo.id, stored]),
  );
  const touched: string[] = [];
  const unseen = inbox.memos.filter(({ name }) => !known.has(name));
  const arrivals = await readArrivals(target, directory, unseen, committed, now);
  const receiver = { ...readReceiver(project, arrivals.length, report), isVouched };
  if (arrivals.length + refused.length > 0) await requireIdentity(target, context);
  await allOrNothing(async (undo) => {
    for (const arrival of arrivals) {
      const refusal = tryTakeIn(receiver, arrival, { seen, report, touched, undo });
      if (refusal !== null) refused.push(refusal);
    }
    const { quarantined, files } = setAside(project, refused, now, undo);
    report.quarantined = quarantined;
    await commitIntake(target, report, [...touched, ...files], context);
  });
  rememberTakenIn(project, remembered, [...seen.values()]);
  return report;
}

/** Of what is no memo: what stays where it is goes into the report, the rest is to be set aside. */
function sortRefused(
  refused: readonly Refusal[],
  committed: ReadonlySet<string>,
  report: IntakeReport,
): Refusal[] {
  const stays = ({ name, error }: Refusal) => committed.has(name) || error.code === "file.unreadable";
  report.left.push(...refused.filter(stays).map(({ name, error }) => ({ name, error })));
  return refused.filter((item) => !stays(item));
}

interface IntakeReceiver extends Receiver {
  findArchived: (id: string) => string | null;
}

function readReceiver(
  project: Project,
  arrivals: number,
  report: IntakeReport,
): Omit<IntakeReceiver, "isVouched"> {
  const peers = arrivals === 0 ? [] : readPeers(project);
  report.brokenPeers = peers.flatMap(({ peer, error }) => (error === undefined ? [] : [{ peer, error }]));
  return {
    project,
    peers,
    findSent: finderByMonth(project.root, SENT),
    findArchived: finderByMonth(project.root, ARCHIVED),
  };
}

/** A memo that no intake has checked, as it first came. */
interface Arrival {
  stored: StoredMemo;
  /** The bytes that its sender vouches for: a person may have committed it, and ticked it, before any intake. */
  original: StoredMemo;
  /** When it came: a grant that ended since covered it then. */
  came: Date;
}

async function readArrivals(
  target: Git,
  directory: string,
  unseen: readonly StoredMemo[],
  committed: ReadonlySet<string>,
  now: Date,
): Promise<Arrival[]> {
  const names = unseen.map(({ name }) => name).filter((name) => committed.has(name));
  const additions =
    names.length === 0 ? new Map<string, Addition>() : await readAdditions(target, directory, names);
  return unseen.map((stored) => {
    const addition = additions.get(stored.name);
    if (addition === undefined) return { stored, original: stored, came: now };
    return { stored, original: originalOf(stored, addition, now), came: addition.time };
  });
}

/** Where the first bytes were no memo, today's are what is held against the sender's copy. */
function originalOf(stored: StoredMemo, addition: Addition, now: Date): StoredMemo {
  try {
    return { ...stored, memo: parseMemo(addition.bytes, { file: stored.path, now }) };
  } catch (error) {
    if (error instanceof VibeopsError) return stored;
    throw error;
  }
}

/** Written only where something changed: most intakes find nothing new. */
function rememberTakenIn(
  project: Project,
  remembered: ReadonlySet<string>,
  pending: readonly StoredMemo[],
): void {
  const names = new Set(pending.filter(({ path }) => lstatOrNull(path) !== null).map(({ name }) => name));
  if (names.size === remembered.size && [...names].every((name) => remembered.has(name))) return;
  writeTakenIn(project.root, names);
}

/** Names in this folder as HEAD has it. */
export async function committedNames(target: Git, directory: string): Promise<Set<string>> {
  if ((await headCommit(target)) === null) return new Set();
  const folder = `${gitPath(target, directory)}/`;
  const output = await git(target, ["ls-tree", "-z", "--name-only", "HEAD", folder]);
  return new Set(output.split("\0").map((path) => path.slice(folder.length)));
}

/** What an intake gathers. */
interface Gathered {
  /** Memos of the inbox by id. */
  seen: Map<string, StoredMemo>;
  report: IntakeReport;
  /** Paths to commit. */
  touched: string[];
  undo: Undo;
}

/** Takes in one memo. An error that names another file than the memo's is no fault of the memo: it stays. */
function tryTakeIn(receiver: IntakeReceiver, arrival: Arrival, gathered: Gathered): Refusal | null {
  const { path, name } = arrival.stored;
  try {
    gathered.touched.push(...takeIn(receiver, arrival, gathered));
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

function takeIn(
  receiver: IntakeReceiver,
  { stored, original, came }: Arrival,
  { seen, report, undo }: Gathered,
): string[] {
  refuseConflict(stored, seen.get(stored.memo.id));
  if (isFinished(receiver, stored)) {
    const bytes = Buffer.from(stored.memo.text);
    rmSync(stored.path);
    undo(() => void publishNew(stored.path, bytes));
    return [stored.path];
  }
  const standing = checkSender(receiver, original, came);
  seen.set(stored.memo.id, stored);
  if (isReceipt(receiver, stored.memo)) return fileReceipt(receiver.project, stored, report, undo);
  report.accepted.push({ memo: stored.memo, path: stored.path, standing });
  return [stored.path];
}

function refuseConflict(stored: StoredMemo, other: StoredMemo | undefined): void {
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
function isFinished({ findArchived }: IntakeReceiver, stored: StoredMemo): boolean {
  const archived = findArchived(stored.memo.id);
  if (archived === null) return false;
  if (isSameMemo(readRegularFile(archived).toString("utf8"), stored.memo.text)) return true;
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

function fileReceipt(project: Project, stored: StoredMemo, report: IntakeReport, undo: Undo): string[] {
  const target = join(ensureDirectory(project.root, `${ARCHIVED}/${idMonth(stored.memo.id)}`), stored.name);
  moveFile(stored.path, target);
  undo(() => moveFile(target, stored.path));
  report.receipts.push(stored.memo);
  return [stored.path, target];
}

/** Moves within the project without ever replacing; a second mover finds nothing left and goes on. */
function moveFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (!isSystemError(error, "EEXIST") || !isSameFile(from, to)) throw error;
  }
  syncDirectory(join(to, ".."));
  rmSync(from);
  syncDirectory(join(from, ".."));
}

function isSameFile(one: string, other: string): boolean {
  return statSync(one).ino === statSync(other).ino;
}

async function commitIntake(
  target: Git,
  report: IntakeReport,
  paths: readonly string[],
  context: Context,
): Promise<void> {
  if (paths.length > 0) await commitFiles(target, paths, intakeMessage(report), context);
}

function intakeMessage(report: IntakeReport): string {
  const parts = [
    [report.accepted.length, "taken in"],
    [report.receipts.length, report.receipts.length === 1 ? "receipt filed" : "receipts filed"],
    [report.quarantined.length, "set aside"],
  ] as const;
  const summary = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  const lines = report.accepted.map(({ memo, standing }) => {
    return `- ${memo.id} from ${memo.from.project}${standing === "unconfirmed" ? " (unconfirmed)" : ""}`;
  });
  return [`Mail: ${summary.join(", ")}`, ...(lines.length > 0 ? ["", ...lines] : [])].join("\n");
}
