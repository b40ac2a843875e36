import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { lstatOrNull, type ReadOptions, readRegularFile, TEMPORARY_NAME } from "../platform/files.ts";
import { findDirectory, listNames } from "../platform/folders.ts";
import { isGitName } from "../platform/git-names.ts";
import { idMonth } from "../platform/ids.ts";
import { readOwner } from "../platform/lock-owner.ts";
import { findUnique } from "../text/find-unique.ts";
import { checkMemoFileName, idOfFileName } from "./file-name.ts";
import { type Memo, maxBytesLookedAt, parseMemo, parseMemoHeader } from "./memo.ts";
import type { MemoHeader } from "./memo-header.ts";

/** The memo folders of a project, relative to it. */
export const INCOMING = "memos/incoming";
export const ARCHIVED = "memos/archived";
export const SENT = "memos/sent";
export const OUTGOING = "memos/outgoing";
export const QUARANTINE = "memos/quarantine";

/** A memo and the file that it was read from. */
export interface StoredMemo {
  /** Absolute path. */
  path: string;
  name: string;
  memo: Memo;
}

/** What lies in the inbox, each kind apart, so that one bad file never hides a hundred good ones. */
export interface Inbox {
  memos: StoredMemo[];
  /** Names of files without any front matter: notes that nobody vouches for. */
  notes: string[];
  /** What pretends to be a memo and is none, or is no regular file; the next intake moves it to quarantine. */
  refused: RefusedFile[];
}

/** A file that cannot be read as a memo, and why. */
export interface RefusedFile {
  name: string;
  path: string;
  error: VibeopsError;
}

const HOUSEKEEPING: ReadonlySet<string> = new Set([".gitkeep", ".gitignore", ".DS_Store"]);

/** Whether a file of this name belongs to git or a file manager, and is no mail. */
export function isHousekeeping(name: string): boolean {
  return HOUSEKEEPING.has(name);
}

/** Reads the inbox without changing anything. @throws VibeopsError where the folder itself is a link */
export function readInbox(root: string, now: Date): Inbox {
  const memos: StoredMemo[] = [];
  return { memos, ...visitInbox(root, now, { visit: (stored) => memos.push(stored) }) };
}

interface InboxVisit {
  visit(stored: StoredMemo): void;
  /** Is told the names first; what it gives back says of each whether it need not be read. */
  prepare?(directory: string, names: readonly string[]): (name: string) => boolean;
  /** What {@link listNames} said of the folder, where somebody has asked already. */
  names?: readonly string[] | undefined;
}

/** As {@link readInbox}, one memo at a time: however many there are, their texts need not be held. */
export function visitInbox(root: string, now: Date, visitor: InboxVisit): Omit<Inbox, "memos"> {
  const others: Omit<Inbox, "memos"> = { notes: [], refused: [] };
  const directory = findDirectory(root, INCOMING);
  if (directory === null) return others;
  const names = visitor.names ?? listNames(directory);
  const temporaries = names.filter((name) => name.startsWith(".") && TEMPORARY_NAME.test(name));
  const isKnown = visitor.prepare?.(directory, names) ?? (() => false);
  const buffer = newReadBuffer();
  for (const name of names) {
    if (isKnown(name)) continue;
    const path = `${directory}/${name}`;
    if (name.startsWith(".") && isLeftAlone(name, path)) continue;
    try {
      refuseNameOfGit(path, name);
      visitor.visit(readMemoFile(path, name, now, { temporaries, buffer }));
    } catch (error) {
      if (!(error instanceof VibeopsError)) throw error;
      setApart(others, { name, path, error });
    }
  }
  return others;
}

/** By its name and by what it is: a link or a pipe under such a name is nobody's housekeeping. */
function isLeftAlone(name: string, path: string): boolean {
  if (!isHousekeeping(name) && !TEMPORARY_NAME.test(name)) return false;
  return lstatOrNull(path)?.isFile() ?? true;
}

/**
 * What git takes for its own on any disk, by whatever spelling: a `.git` hides the inbox from the repository around it,
 * or lends its settings to whoever works in there; attributes say what the memos' bytes are to become.
 */
function refuseNameOfGit(path: string, name: string): void {
  if (isGitName(name)) throw misnamed(path, "git takes a file of this name for its own");
}

function setApart(others: Omit<Inbox, "memos">, item: RefusedFile): void {
  if (item.error.code === "memo.fm-missing") {
    // A lock lies beside what it guards for a moment, or until the next session where its owner was killed.
    if (!isOwnLock(item.path)) others.notes.push(item.name);
  } else if (item.error.code !== "file.missing") others.refused.push(item);
  else if (item.name.includes(NOT_UTF8)) others.refused.push({ ...item, error: unnamable(item.path) });
}

/** What stands in a name for bytes that are no text: by the name as we have it, nobody finds the file. */
const NOT_UTF8 = "\u{fffd}";

function unnamable(path: string): VibeopsError {
  return new VibeopsError({
    code: "file.unreadable",
    exit: Exit.invalid,
    message: "the name of this file is not UTF-8, so it cannot be opened by it",
    file: path,
    fix: "rename it: ls --quoting-style=shell-escape shows the name as mv takes it",
  });
}

/** Room for nearly every memo, to read one after the other into it. */
export function newReadBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(32_768);
}

function isOwnLock(path: string): boolean {
  return /\.lock(?:\.[0-9a-f]{16})?$/.test(path) && readOwner(path) !== null;
}

/**
 * Reads one memo file and holds its name against what it says.
 *
 * @throws VibeopsError `file.…`, `memo.…`
 */
export function readMemoFile(
  path: string,
  name: string,
  now: Date,
  options: Pick<ReadOptions, "temporaries" | "buffer"> = {},
): StoredMemo {
  const bytes = readRegularFile(path, { maxBytes: maxBytesLookedAt, ...options });
  const memo = parseMemo(bytes, { file: path, now });
  if (idOfFileName(name) === memo.id) return { path, name, memo };
  const reason = checkMemoFileName(name, now);
  throw misnamed(path, reason ?? `the file is named after another id than ${memo.id}`);
}

/** What a memo in a folder of ours says of itself: as {@link readMemoFile}, without a look at the text below. */
export function readMemoHeader(path: string, now: Date, buffer: Buffer): MemoHeader {
  return parseMemoHeader(readRegularFile(path, { maxBytes: maxBytesLookedAt, buffer }), { file: path, now });
}

function misnamed(path: string, reason: string): VibeopsError {
  return new VibeopsError({
    code: "memo.name",
    exit: Exit.invalid,
    message: reason,
    file: path,
    fix: "a memo's file is <id>-<slug>.md; a note of your own becomes a memo with: vibeops memo adopt FILE",
  });
}

/** Absolute path of the file with this id in a folder that is kept by months; null where there is none. */
export function findByMonth(root: string, folder: string, id: string): string | null {
  const directory = findDirectory(root, `${folder}/${idMonth(id)}`);
  if (directory === null) return null;
  const name = readdirSync(directory).find((candidate) => idOfFileName(candidate) === id);
  return name === undefined ? null : join(directory, name);
}

/** As {@link findByMonth} for many ids: each month is read once. What comes into the folder later is not seen. */
export function finderByMonth(root: string, folder: string): (id: string) => string | null {
  const months = new Map<string, Map<string, string>>();
  return (id) => {
    const month = idMonth(id);
    const known = months.get(month) ?? pathsById(root, `${folder}/${month}`);
    months.set(month, known);
    return known.get(id) ?? null;
  };
}

function pathsById(root: string, folder: string): Map<string, string> {
  const directory = findDirectory(root, folder);
  const paths = new Map<string, string>();
  for (const name of directory === null ? [] : listNames(directory)) {
    const id = idOfFileName(name);
    if (id !== null && !paths.has(id)) paths.set(id, join(directory ?? "", name));
  }
  return paths;
}

/** Every memo file of a month-kept folder, newest month first, none before `since`, as absolute paths. */
export function listByMonth(root: string, folder: string, since = ""): string[] {
  return monthsIn(root, folder, since).flatMap(memoPathsIn);
}

/** Whether these folders hold at least as many memos by month; no more of them is read than tells. */
export function holdsByMonth(root: string, folders: readonly string[], atLeast: number): boolean {
  let missing = atLeast;
  for (const month of folders.flatMap((folder) => monthsIn(root, folder))) {
    missing -= memoPathsIn(month).length;
    if (missing <= 0) return true;
  }
  return missing <= 0;
}

/** Folders of months, newest first. */
function monthsIn(root: string, folder: string, since = ""): string[] {
  const directory = findDirectory(root, folder);
  if (directory === null) return [];
  const months = readdirSync(directory).filter((name) => /^\d{4}-\d{2}$/.test(name) && name >= since);
  return months
    .sort()
    .reverse()
    .map((month) => join(directory, month));
}

function memoPathsIn(directory: string): string[] {
  if (lstatOrNull(directory)?.isDirectory() !== true) return [];
  return readdirSync(directory)
    .filter((name) => idOfFileName(name) !== null)
    .sort()
    .reverse()
    .map((name) => `${directory}/${name}`);
}

/**
 * A pending memo by any unique part of its id or name.
 *
 * @throws VibeopsError `memo.missing`, which says where it was finished; `memo.ambiguous`
 */
export function findPending(root: string, part: string, now: Date): StoredMemo {
  const { memos } = readInbox(root, now);
  try {
    return findUnique(memos, part, {
      keys: (stored) => [stored.memo.id, stored.name],
      noun: "pending memo",
      code: "memo",
      fix: "see the pending ones with: vibeops memo list",
    });
  } catch (error) {
    if (error instanceof VibeopsError && error.code === "memo.missing" && part !== "")
      refuseFinished(root, part, error);
    throw error;
  }
}

/** Who ends a memo a second time is told that it is done, not that there is none. */
function refuseFinished(root: string, part: string, { code, exit, message }: VibeopsError): void {
  const [path, ...others] = listByMonth(root, ARCHIVED).filter((one) => basename(one).includes(part));
  if (path === undefined || others.length > 0) return;
  const id = idOfFileName(basename(path)) ?? "";
  throw new VibeopsError({
    code,
    exit,
    message: `${message}: it is done, and lies in the archive`,
    file: path,
    fix: `vibeops memo show ${id}, or write to its sender once more: vibeops memo reply ${id}`,
  });
}

/** A memo wherever it lies: pending, archived or sent. Copies of one memo are one; the place that says most counts. */
export function findAnywhere(root: string, part: string, now: Date): StoredMemo {
  const pending = readInbox(root, now).memos.map(({ path }) => path);
  const kept = [ARCHIVED, SENT].flatMap((folder) => listByMonth(root, folder));
  const byId = new Map<string | null, string>();
  for (const path of [...pending, ...kept, ...listQueued(root)]) {
    const id = idOfFileName(basename(path));
    if (!byId.has(id)) byId.set(id, path);
  }
  const path = findUnique([...byId.values()], part, {
    keys: (candidate) => [basename(candidate)],
    noun: "memo",
    code: "memo",
    fix: "see the pending ones with: vibeops memo list, the others with: vibeops memo search TEXT",
  });
  return readMemoFile(path, basename(path), now);
}

/** Memo files that wait to be delivered, as absolute paths. */
export function listQueued(root: string): string[] {
  const directory = findDirectory(root, OUTGOING);
  return directory === null ? [] : memoPathsIn(directory);
}
