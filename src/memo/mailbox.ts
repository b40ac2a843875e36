import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { findDirectory, listNames, lstatOrNull, readRegularFile, TEMPORARY_NAME } from "../platform/files.ts";
import { idMonth } from "../platform/ids.ts";
import { findUnique } from "../text/find-unique.ts";
import { checkMemoFileName, idOfFileName } from "./file-name.ts";
import { type Memo, maxBytesLookedAt, parseMemo } from "./memo.ts";

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
  refused: { name: string; path: string; error: VibeopsError }[];
}

const HOUSEKEEPING = new Set([".gitkeep", ".gitignore", ".DS_Store"]);

/** Reads the inbox without changing anything. @throws VibeopsError where the folder itself is a link */
export function readInbox(root: string, now: Date): Inbox {
  const inbox: Inbox = { memos: [], notes: [], refused: [] };
  const directory = findDirectory(root, INCOMING);
  if (directory === null) return inbox;
  for (const name of listNames(directory)) {
    if (HOUSEKEEPING.has(name) || TEMPORARY_NAME.test(name)) continue;
    sortIntoInbox(inbox, directory, name, now);
  }
  return inbox;
}

function sortIntoInbox(inbox: Inbox, directory: string, name: string, now: Date): void {
  const path = join(directory, name);
  try {
    inbox.memos.push(readMemoFile(path, name, now));
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    if (error.code === "memo.fm-missing") inbox.notes.push(name);
    else if (error.code !== "file.missing") inbox.refused.push({ name, path, error });
  }
}

/**
 * Reads one memo file and holds its name against what it says.
 *
 * @throws VibeopsError `file.…`, `memo.…`
 */
export function readMemoFile(path: string, name: string, now: Date): StoredMemo {
  const bytes = readRegularFile(path, { maxBytes: maxBytesLookedAt });
  const memo = parseMemo(bytes, { file: path, now });
  const reason = checkMemoFileName(name, now);
  if (reason !== null) throw misnamed(path, reason);
  if (idOfFileName(name) !== memo.id)
    throw misnamed(path, `the file is named after another id than ${memo.id}`);
  return { path, name, memo };
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

/** Every memo file of a month-kept folder, newest month first, as absolute paths. */
export function listByMonth(root: string, folder: string): string[] {
  const directory = findDirectory(root, folder);
  if (directory === null) return [];
  const months = readdirSync(directory).filter((name) => /^\d{4}-\d{2}$/.test(name));
  return months
    .sort()
    .reverse()
    .flatMap((month) => memoPathsIn(join(directory, month)));
}

function memoPathsIn(directory: string): string[] {
  if (lstatOrNull(directory)?.isDirectory() !== true) return [];
  return readdirSync(directory)
    .filter((name) => idOfFileName(name) !== null)
    .sort()
    .reverse()
    .map((name) => join(directory, name));
}

/** A pending memo by any unique part of its id or name. @throws VibeopsError `memo.missing`, `memo.ambiguous` */
export function findPending(root: string, part: string, now: Date): StoredMemo {
  const { memos } = readInbox(root, now);
  return findUnique(memos, part, {
    keys: (stored) => [stored.memo.id, stored.name],
    noun: "pending memo",
    code: "memo",
    fix: "see the pending ones with: vibeops memo list",
  });
}

/** A memo wherever it lies: pending, archived or sent. */
export function findAnywhere(root: string, part: string, now: Date): StoredMemo {
  const pending = readInbox(root, now).memos;
  const kept = [ARCHIVED, SENT, OUTGOING].flatMap((folder) => candidatePaths(root, folder));
  const candidates = [
    ...pending.map((stored) => stored.path),
    ...kept.filter((path) => !pending.some((stored) => stored.path === path)),
  ];
  const path = findUnique(candidates, part, {
    keys: (candidate) => [candidate.slice(candidate.lastIndexOf("/") + 1)],
    noun: "memo",
    code: "memo",
    fix: "see the pending ones with: vibeops memo list, the others with: vibeops memo search TEXT",
  });
  return readMemoFile(path, path.slice(path.lastIndexOf("/") + 1), now);
}

function candidatePaths(root: string, folder: string): string[] {
  if (folder !== OUTGOING) return listByMonth(root, folder);
  const directory = findDirectory(root, folder);
  return directory === null ? [] : memoPathsIn(directory);
}
