import { linkSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import {
  ensureDirectory,
  findDirectory,
  lstatOrNull,
  readRegularFile,
  syncDirectory,
  temporariesIn,
} from "../platform/files.ts";
import { type Git, git, gitPath, headCommit, requireGit } from "../platform/git.ts";
import { commitFiles } from "../platform/git-commit.ts";
import { idMonth } from "../platform/ids.ts";
import type { Project } from "../project/project.ts";
import { type Addition, readAdditions } from "./additions.ts";
import { ARCHIVED, findByMonth, INCOMING, readInbox, SENT, type StoredMemo } from "./mailbox.ts";
import { type Memo, maxMemoBytes, parseMemo } from "./memo.ts";
import { type Quarantined, setAside } from "./quarantine.ts";
import { isSameMemo } from "./same-memo.ts";
import { checkSender, type Standing } from "./sender.ts";
import { readTakenIn, writeTakenIn } from "./taken-in.ts";

/** What an intake did. */
export interface IntakeReport {
  accepted: { memo: Memo; path: string; standing: Standing }[];
  /** Receipts of memos that we sent: filed in the archive at once. */
  receipts: Memo[];
  quarantined: Quarantined[];
  /** Taken in before and since edited into something that is no memo: left where it is, for whoever edited it. */
  broken: { name: string; error: VibeopsError }[];
  /** Names of files without front matter that stay in the inbox. */
  notes: string[];
}

const ORPHAN_AGE_MS = 36 * 60 * 60 * 1000;

/**
 * Takes in what was delivered since the last time: checks form, sender and grant, files receipts, sets aside
 * what cannot be trusted with the reason beside it, and commits the result. What was taken in before is not
 * looked at again. Repeating it changes nothing.
 */
export async function intakeMail(project: Project, context: Context): Promise<IntakeReport> {
  const report: IntakeReport = { accepted: [], receipts: [], quarantined: [], broken: [], notes: [] };
  const directory = findDirectory(project.root, INCOMING);
  if (directory === null) return report;
  const target = requireGit(project.root, context.env);
  const now = context.now();
  removeOrphans(directory, now);
  const committed = await committedNames(target, directory);
  const remembered = readTakenIn(project.root);
  const known = new Set([...committed].filter((name) => remembered.has(name)));
  const inbox = readInbox(project.root, now);
  report.notes = inbox.notes;
  for (const { name, path, error } of inbox.refused) {
    if (committed.has(name)) report.broken.push({ name, error });
    else report.quarantined.push(setAside(project, path, name, error, now));
  }
  const seen = new Map(
    inbox.memos.filter(({ name }) => known.has(name)).map((stored) => [stored.memo.id, stored]),
  );
  const touched: string[] = [];
  const unseen = inbox.memos.filter(({ name }) => !known.has(name));
  const arrivals = await readArrivals(target, directory, unseen, committed, now);
  for (const arrival of arrivals) touched.push(...takeIn(project, arrival, seen, report, now));
  await commitIntake(target, report, touched, context);
  rememberTakenIn(project, remembered, [...seen.values()]);
  return report;
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

/** A writer that was killed leaves a temporary; after a day and a half nobody is writing it any more. */
function removeOrphans(directory: string, now: Date): void {
  for (const temporary of temporariesIn(directory)) {
    const stats = lstatOrNull(temporary);
    const isPublished = stats !== null && stats.nlink > 1;
    if (stats !== null && (isPublished || now.getTime() - stats.mtimeMs > ORPHAN_AGE_MS))
      rmSync(temporary, { force: true });
  }
}

async function committedNames(target: Git, directory: string): Promise<Set<string>> {
  if ((await headCommit(target)) === null) return new Set();
  const folder = `${gitPath(target, directory)}/`;
  const output = await git(target, ["ls-tree", "-z", "--name-only", "HEAD", folder]);
  return new Set(output.split("\0").map((path) => path.slice(folder.length)));
}

/** Takes in one memo and returns the paths to commit. */
function takeIn(
  project: Project,
  { stored, original, came }: Arrival,
  seen: Map<string, StoredMemo>,
  report: IntakeReport,
  now: Date,
): string[] {
  try {
    refuseConflict(stored, seen.get(stored.memo.id));
    if (isFinished(project, stored)) {
      rmSync(stored.path);
      return [stored.path];
    }
    const standing = checkSender(project, original, came);
    seen.set(stored.memo.id, stored);
    if (isReceipt(project, stored.memo)) return fileReceipt(project, stored, report);
    report.accepted.push({ memo: stored.memo, path: stored.path, standing });
    return [stored.path];
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    report.quarantined.push(setAside(project, stored.path, stored.name, error, now));
    return [stored.path];
  }
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
function isFinished(project: Project, stored: StoredMemo): boolean {
  const archived = findByMonth(project.root, ARCHIVED, stored.memo.id);
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
function isReceipt(project: Project, memo: Memo): boolean {
  if (memo.extra["x-receipt"] !== "done" || memo.replyTo === undefined) return false;
  return findByMonth(project.root, SENT, memo.replyTo) !== null;
}

function fileReceipt(project: Project, stored: StoredMemo, report: IntakeReport): string[] {
  const target = join(ensureDirectory(project.root, `${ARCHIVED}/${idMonth(stored.memo.id)}`), stored.name);
  moveFile(stored.path, target);
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
  touched: readonly string[],
  context: Context,
): Promise<void> {
  const setAsidePaths = report.quarantined.flatMap(({ path, reasonPath }) =>
    isCommittable(path) ? [path, reasonPath] : [reasonPath],
  );
  const paths = [...touched, ...setAsidePaths];
  if (paths.length === 0) return;
  await commitFiles(target, paths, intakeMessage(report), context);
}

/** Links, sockets and large files stay out of the history; the reason beside them goes in. */
function isCommittable(path: string): boolean {
  try {
    readRegularFile(path, { maxBytes: maxMemoBytes });
    return true;
  } catch (error) {
    if (error instanceof VibeopsError) return false;
    throw error;
  }
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
