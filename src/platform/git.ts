import { existsSync, lstatSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "./context.ts";
import { readIfExists, readRegularFile } from "./files.ts";
import { explainFailure, type GitEnding, isBrokenRef } from "./git-failure.ts";
import { requireGitFiles } from "./git-files.ts";
import { SAFE_ARGUMENTS, safeEnvironment, withoutFilters } from "./git-settings.ts";
import { runProcess } from "./process.ts";
import type { ProcessResult } from "./process-result.ts";
import { distrustPrograms } from "./program.ts";
import { MINUTE_MS } from "./units-of-time.ts";
import { commonDirectory, readGitFile, workTreesOf } from "./work-trees.ts";

/** A work tree and the environment that git runs in there. */
export interface Git {
  /** Absolute real path of the work tree. */
  readonly top: string;
  readonly env: Context["env"];
  /** What git was asked already, by `askAhead`: each answer is given once, and null where there is none. */
  readonly takeAnswer?: (args: readonly string[]) => Promise<ProcessResult | null>;
}

/** The work tree around a folder, found by its `.git`; null where there is none. */
export function findGit(directory: string, env: Context["env"]): Git | null {
  let current = realpathSync(directory);
  for (;;) {
    if (lstatSync(join(current, ".git"), { throwIfNoEntry: false })) {
      for (const tree of workTreesOf(current)) distrustPrograms(tree);
      // What lies there may be no repository: git would look for one above, and commit our paths to that.
      return { top: current, env: { ...safeEnvironment(env), GIT_CEILING_DIRECTORIES: dirname(current) } };
    }
    const parent = dirname(current);
    if (parent === current) return null;
    current = parent;
  }
}

/** @throws VibeopsError `git.missing` */
export function requireGit(directory: string, env: Context["env"]): Git {
  const git = findGit(directory, env);
  if (git !== null) return git;
  throw new VibeopsError({
    code: "git.missing",
    exit: Exit.notFound,
    message: "this project is in no git repository, and git holds the trail",
    file: directory,
    fix: "run: git init",
  });
}

/** `.git` itself, be it a link to a folder, or the folder that a linked work tree's `.git` file names. */
export function gitDirectory(target: Git): string {
  const path = join(target.top, ".git");
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return path;
  return resolve(target.top, readGitFile(readRegularFile(path).toString("utf8")) ?? ".git");
}

/** Path below the work tree with forward slashes, as git names it. */
export function gitPath(git: Git, absolute: string): string {
  const path = relative(git.top, absolute).split(sep).join("/");
  if (path.startsWith("../") || path === "..") throw new Error(`${absolute} lies outside ${git.top}`);
  return path;
}

export interface GitOptions {
  input?: string | Uint8Array;
  /** Return the output whatever the exit code; callers that need the code use {@link tryGit}. */
  allowFailure?: boolean;
}

/** Runs git in the work tree and returns its standard output. @throws VibeopsError `git.failed` */
export async function git(target: Git, args: readonly string[], options: GitOptions = {}): Promise<string> {
  const result = await tryGit(target, args, options.input);
  if (result.exitCode === 0 || options.allowFailure === true) return result.stdout;
  throw gitFailed(target, args, result);
}

/**
 * @throws VibeopsError `git.no-file` where git would wait for a named pipe, `git.hung` where it does not come to an end
 */
export async function tryGit(
  target: Git,
  args: readonly string[],
  input?: string | Uint8Array,
  limitMs: number = limitOf(args),
): Promise<ProcessResult> {
  if (target.takeAnswer !== undefined && input === undefined) {
    const known = await target.takeAnswer(args);
    if (known !== null) return known;
  }
  requireNoPipes(target);
  const result = await runProcess("git", [...SAFE_ARGUMENTS, ...args], {
    cwd: target.top,
    env: gitEnvironment(target),
    timeoutMs: limitMs,
    ...(input === undefined ? {} : { input }),
  });
  if (result.timedOut) throw gitHung(target, args, limitMs);
  return result;
}

/**
 * What a git of ours runs with. Whatever `core.worktree` says, the paths that we ask of are those below our folder:
 * where git took another one for it, they would be of files that are not there, in any commit.
 */
export function gitEnvironment(target: Git): Context["env"] {
  // One that is named outright is our own.
  if (target.env.GIT_DIR !== undefined || !mayHold(target, "config", NAMES_WORK_TREE)) return target.env;
  return { ...target.env, GIT_WORK_TREE: target.top };
}

/** `core.worktree`, `extensions.worktreeConfig`, or another file that may say so. */
const NAMES_WORK_TREE = /worktree|include/i;

/** In a folder that is no repository (any more) git itself says so. */
export function requireNoPipes(target: Git): void {
  if (!existsSync(join(target.top, ".git"))) return;
  requireGitFiles(gitDirectory(target), commonDirectory(target.top));
}

/** These read the whole history, which may be long; a git that does anything else answers in seconds. */
const READS_HISTORY = new Set(["fsck", "rev-list", "diff-tree", "cat-file", "log", "grep"]);

/** Milliseconds that git may take for this. */
export function limitOf(args: readonly string[]): number {
  return READS_HISTORY.has(verbOf(args)) ? 120 * MINUTE_MS : 10 * MINUTE_MS;
}

function verbOf(args: readonly string[]): string {
  return args.find((arg) => !arg.startsWith("-") && !arg.includes("=")) ?? "";
}

export function gitFailed(target: Git, args: readonly string[], ending: GitEnding | string): VibeopsError {
  const known = typeof ending === "string" ? { stderr: ending } : ending;
  return new VibeopsError({ ...explainFailure(verbOf(args), known), file: target.top });
}

/** It was asked to end, which lets it remove its locks. */
function gitHung(target: Git, args: readonly string[], limitMs: number): VibeopsError {
  const minutes = Math.max(1, Math.round(limitMs / MINUTE_MS));
  return new VibeopsError({
    code: "git.hung",
    exit: Exit.unexpected,
    message: `git ${verbOf(args)} did not come to an end within ${minutes} minutes, and was ended`,
    file: target.top,
    fix: "look for what it waits for: a named pipe below .git (find .git -type p), or a disk or network share that does not answer",
  });
}

/**
 * The commit that HEAD names; null before the first one.
 *
 * @throws VibeopsError `git.damaged` where it names one that cannot be read; what git says where it refuses to look
 */
export async function headCommit(target: Git): Promise<string | null> {
  const args = ["rev-parse", "--quiet", "--verify", "HEAD^{commit}"];
  const result = await tryGit(target, args);
  if (result.exitCode === 0) return result.stdout.trim();
  if (result.exitCode !== 1) throw gitFailed(target, args, result);
  await requireUnborn(target);
  return null;
}

/** For what reads the history alone: an index that is damaged, or that somebody made, has no part in it. */
export function withoutIndex(target: Git): Git {
  // Nobody but root makes a file there, and git takes one that is not there for an empty one.
  return { ...target, env: { ...target.env, GIT_INDEX_FILE: "/dev/vibeops-no-index" } };
}

/** What HEAD says, where it is a file; as bytes. */
export function readHead(target: Git): string {
  try {
    const file = join(gitDirectory(target), "HEAD");
    return readIfExists(file, { severalNames: true })?.toString("latin1") ?? "";
  } catch (error) {
    // An older git makes it a link.
    if (error instanceof VibeopsError) return "";
    throw error;
  }
}

/** A history whose end cannot be read is not one that has not begun: whoever took it for that would begin another. */
async function requireUnborn(target: Git): Promise<void> {
  const named = await tryGit(target, ["rev-parse", "--quiet", "--verify", "HEAD"]);
  if (named.exitCode === 0) throw gitFailed(target, ["rev-parse"], `bad object ${named.stdout.trim()}`);
  // Of such a ref, symbolic-ref says that it is none.
  const branch = /^ref: (.+?)\n?$/.exec(readHead(target))?.[1];
  if (branch === undefined) return;
  const looked = await tryGit(target, ["for-each-ref", branch]);
  if (isBrokenRef(looked.stderr)) throw gitFailed(target, ["for-each-ref"], looked);
}

/**
 * Arguments for a git command that reads files of the work tree: without them it would start the filters that the
 * repository's configuration names for those.
 */
export async function argumentsWithoutFilters(target: Git): Promise<string[]> {
  if (!mayNameFilters(target)) return [];
  const listed = await tryGit(target, [
    "config",
    "--show-scope",
    "--name-only",
    "-z",
    "--get-regexp",
    "^filter[.]",
  ]);
  return withoutFilters(listed.stdout);
}

/** Whether {@link argumentsWithoutFilters} has to ask git. */
export function mayNameFilters(target: Git): boolean {
  return mayHold(target, "config", NAMES_FILTERS);
}

/** A filter, or another file that may name one: sections are read in any case. */
const NAMES_FILTERS = /filter|include|worktreeconfig/i;

/**
 * Whether this file of the repository may say such a thing, without asking git: what nearly every command would ask, and
 * hardly any repository says.
 *
 * @param file below `.git`, or below that of the main work tree
 */
export function mayHold(target: Git, file: string, pattern: RegExp): boolean {
  // Where `.git` is none, a git before 2.38 takes the folder itself for a repository, and its `config` for the settings.
  if (existsSync(join(target.top, "HEAD"))) return true;
  try {
    const bytes = readIfExists(join(commonDirectory(target.top), file));
    return bytes !== null && pattern.test(bytes.toString("latin1"));
  } catch (error) {
    // What git makes of such a file, it says itself.
    if (error instanceof VibeopsError) return true;
    throw error;
  }
}
