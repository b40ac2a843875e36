import { copyFileSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import { type Git, git } from "./git.ts";
import { randomSuffix } from "./random-suffix.ts";

/** One path of the index or of a commit: git's blob id and mode. */
export interface IndexEntry {
  path: string;
  blob: string;
  mode: string;
}

/** The index while we hold git's own lock on it: nobody's `git commit` can run between our commit and our refresh. */
export interface LockedIndex {
  /** Entries of these paths as they are staged now; unmerged ones are left out. */
  staged(paths: readonly string[]): Promise<Map<string, IndexEntry>>;
  /** Prepares the index with these entries set, and these paths removed. */
  stage(entries: readonly IndexEntry[], removed: readonly string[], zero: string): Promise<void>;
  /** Puts the prepared index in place. Without it, nothing changes. */
  publish(): void;
}

const WAIT_MS = 10_000;

/**
 * Runs `act` under `index.lock`.
 *
 * @throws VibeopsError `git.index-locked` (exit 7) where another git holds it for more than ten seconds
 */
export async function withLockedIndex<T>(target: Git, act: (index: LockedIndex) => Promise<T>): Promise<T> {
  const index = join(gitDirectory(target), "index");
  const lock = `${index}.lock`;
  const mark = ownMark();
  await acquire(lock, mark);
  const copy = `${index}.vibeops-${randomSuffix()}`;
  const inCopy: Git = { ...target, env: { ...target.env, GIT_INDEX_FILE: copy } };
  try {
    copyIfExists(index, copy);
    return await act({
      staged: async (paths) =>
        parseStaged(await git(inCopy, ["ls-files", "--stage", "-z", "--", ...paths.map(literal)])),
      stage: async (entries, removed, zero) => {
        const lines = [
          ...entries.map((entry) => `${entry.mode} ${entry.blob} 0\t${entry.path}\0`),
          ...removed.map((path) => `0 ${zero} 0\t${path}\0`),
        ];
        await git(inCopy, ["update-index", "-z", "--index-info"], { input: lines.join("") });
      },
      publish: () => {
        renameSync(copy, lock);
        renameSync(lock, index);
      },
    });
  } finally {
    rmSync(copy, { force: true });
    releaseOwn(lock, mark);
  }
}

/** `.git` itself, or the folder that a work tree's `.git` file names. */
function gitDirectory(target: Git): string {
  const path = join(target.top, ".git");
  if (lstatSync(path).isDirectory()) return path;
  const pointer = /^gitdir: (.+)$/m.exec(readFileSync(path, "utf8"))?.[1];
  return resolve(target.top, pointer ?? ".git");
}

function literal(path: string): string {
  return `:(top,literal)${path}`;
}

function parseStaged(output: string): Map<string, IndexEntry> {
  const entries = new Map<string, IndexEntry>();
  for (const record of output.split("\0")) {
    const [, mode, blob, stage, path] = /^(\d+) ([0-9a-f]+) (\d)\t([\s\S]+)$/.exec(record) ?? [];
    if (mode && blob && path && stage === "0") entries.set(path, { path, blob, mode });
  }
  return entries;
}

function copyIfExists(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
  }
}

/** What our lock file says, so that one left by a killed vibeops is known and removed, and git's own never is. */
function ownMark(): string {
  return `vibeops ${process.pid} ${hostname()} ${randomSuffix()}\n`;
}

async function acquire(lock: string, mark: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    try {
      writeFileSync(lock, mark, { flag: "wx" });
      return;
    } catch (error) {
      if (isSystemError(error, "EROFS", "EACCES", "EPERM")) throw readOnlyGit(lock, error);
      if (!isSystemError(error, "EEXIST")) throw error;
    }
    if (isLeftByDead(lock)) rmSync(lock, { force: true });
    else if (performance.now() > deadline) throw locked(lock);
    else await sleep(5 + Math.random() * 20);
  }
}

function isLeftByDead(lock: string): boolean {
  try {
    const [, pid, host] = /^vibeops (\d+) (\S+) /.exec(readFileSync(lock, "utf8")) ?? [];
    if (pid === undefined || host !== hostname()) return false;
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return isSystemError(error, "ESRCH");
  }
}

function releaseOwn(lock: string, mark: string): void {
  try {
    if (readFileSync(lock, "utf8") === mark) rmSync(lock);
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
  }
}

export function readOnlyGit(file: string, cause: unknown): VibeopsError {
  return new VibeopsError({
    code: "git.read-only",
    exit: Exit.refused,
    message: "the repository cannot be written from here (a sandbox, or somebody else's files)",
    file,
    fix: "run the command outside the sandbox",
    cause,
  });
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
