import { copyFileSync, linkSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import { lstatOrNull, syncDirectory } from "./files.ts";
import { argumentsWithoutFilters, type Git, git, gitDirectory } from "./git.ts";
import { readOnlyGit } from "./git-head.ts";
import { acquireLock, type HeldLock } from "./lock.ts";
import { isDead, readOwner } from "./lock-owner.ts";
import { randomSuffix } from "./random-suffix.ts";

/** One path of the index or of a commit: git's blob id and mode. */
export interface IndexEntry {
  path: string;
  blob: string;
  mode: string;
}

/** The index while we hold git's own lock on it: nobody's `git commit` can run between our commit and our refresh. */
export interface LockedIndex {
  /**
   * Entries of these paths as they are staged now.
   *
   * @throws VibeopsError `git.unmerged` (exit 7) where one of them is in a conflict: to stage it would settle that
   */
  staged(paths: readonly string[]): Promise<Map<string, IndexEntry>>;
  /** Prepares the index with these entries set, and these paths removed. */
  stage(entries: readonly IndexEntry[], removed: readonly string[], zero: string): Promise<void>;
  /** Prepares the index with what git sees of the files now. */
  refresh(): Promise<void>;
  /** Puts the prepared index in place, durably; the lock stays. Without it, nothing changes. */
  publish(): void;
  /** Puts the index back as it was before {@link publish}, where HEAD did not follow. */
  withdraw(): void;
}

/** Names on one command line; beyond, the whole index is read, which is one pass as well. */
const MAX_PATHSPECS = 50;

const COPY = ".vibeops-";

const DURABLY = ["-c", "core.fsync=index"];

/**
 * Runs `act` under `index.lock`. What a killed vibeops left there, lock and copies, goes first.
 *
 * @param getOn called after each step, and while others get their turn at the index
 * @throws VibeopsError `git.index-locked` (exit 7) where another git holds it for more than ten seconds
 */
export async function withLockedIndex<T>(
  target: Git,
  act: (index: LockedIndex) => Promise<T>,
  getOn?: () => void,
): Promise<T> {
  const index = indexFile(target);
  const copy = `${index}${COPY}${randomSuffix()}`;
  const before = `${copy}-before`;
  const inCopy: Git = { ...target, env: { ...target.env, GIT_INDEX_FILE: copy } };
  let isFirst = false;
  const actInCopy = async () => {
    for (const left of copiesOf(index)) rmSync(left, { force: true });
    shareIfExists(index, copy);
    return await act({
      staged: async (paths) => {
        if (paths.length === 0) return new Map();
        const specs = paths.length > MAX_PATHSPECS ? [] : paths.map(literal);
        const listed = await git(inCopy, ["ls-files", "--full-name", "--stage", "-z", "--", ...specs]);
        getOn?.();
        return parseStaged(target, listed, new Set(paths));
      },
      stage: async (entries, removed, zero) => {
        const lines = [
          ...entries.map((entry) => `${entry.mode} ${entry.blob} 0\t${entry.path}\0`),
          ...removed.map((path) => `0 ${zero} 0\t${path}\0`),
        ];
        // Before it writes an index, git reads again the files that changed within the second.
        const quiet = await argumentsWithoutFilters(target);
        await git(inCopy, [...quiet, ...DURABLY, "update-index", "-z", "--index-info"], {
          input: lines.join(""),
        });
        getOn?.();
      },
      refresh: async () => {
        const quiet = await argumentsWithoutFilters(target);
        const look = ["status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all"];
        await git(inCopy, [...quiet, ...DURABLY, ...look]);
      },
      publish: () => {
        isFirst = lstatOrNull(index) === null;
        if (!isFirst) linkSync(index, before);
        renameSync(copy, index);
        syncDirectory(dirname(index));
      },
      withdraw: () => {
        if (lstatOrNull(before) !== null) renameSync(before, index);
        else if (isFirst) rmSync(index, { force: true });
      },
    });
  };
  return await withGitLock(
    `${index}.lock`,
    async () =>
      await actInCopy().finally(() => {
        for (const path of [copy, before]) rmSync(path, { force: true });
      }),
    getOn,
  );
}

/** Frees the index from what a killed vibeops left: its lock, which would stop the person's git, and its copies. */
export async function freeIndex(target: Git): Promise<void> {
  if (findIndexLeftOvers(target).length > 0) await withLockedIndex(target, async () => undefined);
}

/** What {@link freeIndex} would remove, as absolute paths. */
export function findIndexLeftOvers(target: Git): string[] {
  const index = indexFile(target);
  const lock = `${index}.lock`;
  const holder = readOwner(lock);
  if (holder === null) return copiesOf(index);
  return isDead(holder) ? [lock, ...copiesOf(index)] : [];
}

export function indexFile(target: Git): string {
  return join(gitDirectory(target), "index");
}

/** Copies are made under the lock only: whoever holds it knows that every other one was left. */
function copiesOf(index: string): string[] {
  const folder = dirname(index);
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(index)}${COPY}`))
    .map((name) => join(folder, name));
}

function literal(path: string): string {
  return `:(top,literal)${path}`;
}

function parseStaged(target: Git, output: string, paths: ReadonlySet<string>): Map<string, IndexEntry> {
  const entries = new Map<string, IndexEntry>();
  for (const record of output.split("\0")) {
    const [, mode, blob, stage, path] = /^(\d+) ([0-9a-f]+) (\d)\t([\s\S]+)$/.exec(record) ?? [];
    if (!mode || !blob || !path || !paths.has(path)) continue;
    if (stage !== "0") throw unmerged(target, path);
    entries.set(path, { path, blob, mode });
  }
  return entries;
}

function unmerged(target: Git, path: string): VibeopsError {
  return new VibeopsError({
    code: "git.unmerged",
    exit: Exit.conflict,
    message: "a merge of this file is not settled, so nothing was committed",
    file: join(target.top, path),
    fix: "settle it, then: git add FILE, and run the command again; see: git status",
  });
}

/**
 * A second name for the index, at no cost however long it is: git never writes into an index, but puts another one under
 * its name. A copy where the index is a link, which git would follow, or the disk knows no second names.
 */
function shareIfExists(index: string, copy: string): void {
  const stats = lstatOrNull(index);
  if (stats === null) return;
  if (stats.isFile() && tryLink(index, copy)) return;
  copyFileSync(index, copy);
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (isSystemError(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK")) return false;
    throw error;
  }
}

/**
 * Runs `act` under a lock file in `.git`.
 *
 * @param onProgress as for {@link acquireLock}
 * @throws VibeopsError `git.index-locked`, `git.read-only`
 */
export async function withGitLock<T>(
  lock: string,
  act: (held: HeldLock) => Promise<T>,
  onProgress?: () => void,
): Promise<T> {
  const held = await acquireGitLock(lock, onProgress);
  try {
    return await act(held);
  } finally {
    held.release();
  }
}

async function acquireGitLock(lock: string, onProgress?: () => void): Promise<HeldLock> {
  try {
    return await acquireLock(lock, onProgress);
  } catch (error) {
    if (isSystemError(error, "EROFS", "EACCES", "EPERM")) throw readOnlyGit(lock, error);
    if (error instanceof VibeopsError && error.code === "lock.held") throw locked(lock);
    throw error;
  }
}

function locked(lock: string): VibeopsError {
  return new VibeopsError({
    code: "git.index-locked",
    exit: Exit.conflict,
    message: "another git command holds the index",
    file: lock,
    fix: "wait for it to end; if no git is running, delete the lock file",
  });
}
