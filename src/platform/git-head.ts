import { lstatSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "./context.ts";
import { type Dialogue, talkToProcess } from "./dialogue.ts";
import { lstatOrNull } from "./files.ts";
import { type Git, gitDirectory, gitEnvironment, gitFailed, headCommit, readHead, tryGit } from "./git.ts";
import { isBrokenRef } from "./git-failure.ts";
import { SAFE_ARGUMENTS } from "./git-settings.ts";
import { fileId } from "./lock.ts";
import { quoteAlways } from "./quote.ts";

export interface HeadMove {
  /** The commit that HEAD must name now; zeros where there must be none. */
  from: string;
  to: string;
  /** A ref that goes in the same transaction. */
  release: string;
  /** For the reflog. */
  reason: string;
  now: Date;
}

/** For one lock file that stays; the next git that takes the same one counts anew. */
const WAIT_MS = 2_000;

/** git's own waiting, in milliseconds, so that ours is in charge; and refs that survive a power cut. */
const SETTINGS = [
  ...["-c", "core.fsync=committed,reference"],
  ...["-c", "core.filesRefLockTimeout=100"],
  ...["-c", "core.packedRefsTimeout=200"],
];

/**
 * Moves HEAD in a transaction that is prepared first: git then holds the locks of all refs in it and has compared
 * HEAD's old value, so `whenSure` runs while nobody else can move it, and a kill in there moves nothing. False
 * where HEAD named another commit; `whenSure` was not called then.
 *
 * @throws VibeopsError `git.ref-locked` (exit 7) where a ref's lock file stays for two seconds, `git.read-only`
 */
export async function moveHead(target: Git, move: HeadMove, whenSure: () => void): Promise<boolean> {
  let holding = { by: "", since: performance.now() };
  for (;;) {
    const complaint = await tryMove(target, move, whenSure);
    if (complaint === null) return true;
    const lock = /Unable to create '(.+)': File exists/.exec(complaint)?.[1];
    if (lock === undefined) {
      if (isBehind(complaint)) return false;
      throw cannotWrite(target, "update-ref", complaint);
    }
    const by = fileId(lock);
    if (by !== holding.by) holding = { by, since: performance.now() };
    if (performance.now() > holding.since + WAIT_MS) throw refLocked(lock, move.now);
    await sleep(20 + Math.random() * 60);
  }
}

/** Whether it says that HEAD names another commit by now, or none. */
function isBehind(complaint: string): boolean {
  if (isBrokenRef(complaint)) return false;
  return /is at .* but expected|reference already exists|unable to resolve reference/.test(complaint);
}

/** Whether a branch is checked out; null where git refuses to look, which it says when it is asked for more. */
export async function whatHeadNames(target: Git): Promise<"a branch" | "a commit" | null> {
  const { exitCode } = await tryGit(target, ["symbolic-ref", "--quiet", "HEAD"]);
  if (exitCode === 0) return "a branch";
  return exitCode === 1 ? "a commit" : null;
}

/**
 * What is committed while no branch is checked out goes when a rebase is given up or a branch is switched to. That may
 * be what somebody wants who commits; what nobody asked for waits until there is a branch.
 *
 * @throws VibeopsError `git.detached` (exit 7)
 */
export async function requireBranch(target: Git, what: string): Promise<void> {
  if ((await whatHeadNames(target)) !== "a commit") return;
  throw new VibeopsError({
    code: "git.detached",
    exit: Exit.conflict,
    message: `no branch is checked out (a rebase or a bisect goes on, or a commit is checked out), so ${what}`,
    file: target.top,
    fix: "finish or give up what git status names, or: git switch BRANCH; then run the command again",
  });
}

/** Tells whoever wants to know it of a commit that only HEAD holds. */
export async function tellIfLoose(
  target: Git,
  id: string,
  { onLooseCommit }: Pick<Context, "onLooseCommit">,
): Promise<void> {
  if (onLooseCommit === undefined || !(await isDetached(target))) return;
  const own = gitDirectory(target);
  const inRebase = REBASES.some((name) => lstatOrNull(join(own, name)) !== null);
  onLooseCommit({ id, top: target.top, inRebase });
}

const REBASES = ["rebase-merge", "rebase-apply"];

/** As {@link whatHeadNames}; a process only where refs are not kept as files, which HEAD then says. */
async function isDetached(target: Git): Promise<boolean> {
  const head = readHead(target);
  if (/^[0-9a-f]{40,64}\n?$/.test(head)) return true;
  if (/^ref: (?!refs\/heads\/\.invalid)/.test(head)) return false;
  return (await whatHeadNames(target)) === "a commit";
}

/** Gives up a ref of our own; where git holds a lock on it, it stays for the next sweep. */
export async function dropRef(target: Git, ref: string): Promise<void> {
  await tryGit(target, [...SETTINGS, "update-ref", "-d", ref]);
}

/** What git says against it; null where HEAD was moved. */
async function tryMove(target: Git, move: HeadMove, whenSure: () => void): Promise<string | null> {
  const args = [...SAFE_ARGUMENTS, ...SETTINGS, "update-ref", "-m", move.reason, "--stdin"];
  let sure = false;
  const talk = async (dialogue: Dialogue) => {
    dialogue.write(`start\nupdate HEAD ${move.to} ${move.from}\ndelete ${move.release}\nprepare\n`);
    if (!(await dialogue.waitFor("prepare: ok\n"))) return;
    whenSure();
    sure = true;
    dialogue.write("commit\n");
  };
  let failure: unknown;
  const result = await talkToProcess(
    "git",
    args,
    { cwd: target.top, env: gitEnvironment(target) },
    talk,
  ).catch((error: unknown) => {
    failure = error;
    return null;
  });
  if (result?.exitCode === 0 && sure) return null;
  if (sure) {
    // It may have moved HEAD and failed at what comes after, as the reflog: then the commit is made.
    if ((await headCommit(target)) === move.to) return null;
    throw result === null ? failure : cannotWrite(target, "update-ref", result.stderr);
  }
  if (result === null) throw failure;
  if (result.exitCode === 0) throw tooOld(target);
  return result.stderr;
}

/** Before 2.34 git does not say at once that it is prepared. */
function tooOld(target: Git): VibeopsError {
  return new VibeopsError({
    code: "git.too-old",
    exit: Exit.notFound,
    message: "this git does not answer while it holds its locks; nothing was committed",
    file: target.top,
    fix: "install git 2.34 or newer; see: git --version",
  });
}

/** What git's own words on a failed write mean. */
export function cannotWrite(target: Git, verb: string, stderr: string): VibeopsError {
  if (
    /Read-only file system|Permission denied|Operation not permitted|insufficient permission/.test(stderr)
  ) {
    return readOnlyGit(target.top, stderr.trim());
  }
  return gitFailed(target, [verb], stderr);
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

/** A git that lives gives a ref's lock back within milliseconds; one that was killed never does. */
function refLocked(lock: string, now: Date): VibeopsError {
  const stats = lstatSync(lock, { throwIfNoEntry: false });
  const age = stats === undefined ? null : Math.max(0, Math.round((now.getTime() - stats.mtimeMs) / 1000));
  return new VibeopsError({
    code: "git.ref-locked",
    exit: Exit.conflict,
    message: `git's lock file${age === null ? "" : ` of ${age} seconds ago`} keeps HEAD from being moved; nothing was committed`,
    file: lock,
    fix: `wait for the git that made it; if none is running, one was killed: rm ${quoteAlways(lock)}`,
    ...(age === null ? {} : { facts: { ageSeconds: age } }),
  });
}
