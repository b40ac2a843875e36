import { existsSync } from "node:fs";
import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import { type Check, ok } from "./check.ts";
import type { Context } from "./context.ts";
import { lstatOrNull } from "./files.ts";
import { findGit, type Git, gitDirectory, headCommit, tryGit } from "./git.ts";
import { requireIdentity } from "./git-commit.ts";
import { whatHeadNames } from "./git-head.ts";
import { findGitLeftOvers, mendGit } from "./git-mend.ts";
import { looseTooMany, packLoose } from "./git-pack.ts";
import { namesIn } from "./orphans.ts";
import { quoteAlways } from "./quote.ts";
import { MINUTE_MS } from "./units-of-time.ts";
import { commonDirectory } from "./work-trees.ts";
import { isWritable } from "./writable.ts";

/** The repository around a project: there, ours to commit to, and nothing in it that breaks us or runs code. */
export async function checkRepository(root: string, context: Context): Promise<Check[]> {
  const target = findGit(root, context.env);
  if (target === null) {
    const what = "this project is in no git repository, and git holds the trail";
    return [{ name: "git.repository", status: "error", what, file: root, fix: "run: git init" }];
  }
  const fault = await findFault(target);
  if (fault !== null && UNREADABLE.has(fault.code)) return [checkOf(fault)];
  return [
    fault === null ? ok("git.repository", "the repository") : checkOf(fault),
    await checkIdentity(target, context),
    checkWritable(target),
    ...(await checkSettings(target)),
    ...(fault === null ? await checkHead(target) : []),
    ...(await checkHistory(target)),
    await checkLoose(target),
    ...checkForeignLocks(target, context.now()),
    ...(await checkLeftOvers(target, context.now())),
  ];
}

/** With these, git says nothing else of the repository. */
const UNREADABLE = new Set(["git.owner", "git.no-repository", "git.config"]);

/** What keeps git from reading where the history ends; null where nothing does. */
async function findFault(target: Git): Promise<VibeopsError | null> {
  try {
    await headCommit(target);
    return null;
  } catch (error) {
    if (error instanceof VibeopsError) return error;
    throw error;
  }
}

function checkOf({ code, message, file, line, fix }: VibeopsError): Check {
  return { name: code, status: "error", what: message, file, line, fix };
}

async function checkIdentity(target: Git, context: Context): Promise<Check> {
  try {
    await requireIdentity(target, context);
    return ok("git.identity", "git knows who you are");
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    return checkOf(error);
  }
}

function checkWritable(target: Git): Check {
  const directory = gitDirectory(target);
  if (isWritable(directory)) return ok("git.writable", "commits can be made from here");
  const what = "the repository cannot be written from here (a sandbox, or somebody else's files)";
  return {
    name: "git.read-only",
    status: "warning",
    what,
    file: directory,
    fix: "run vibeops outside the sandbox",
  };
}

/**
 * Settings of the repository itself by which git starts a program. Ours are told to start none; the person's own git
 * does what they say, and whoever works in the folder may have written them.
 */
const STARTS_PROGRAMS =
  /^(?:core\.(?:fsmonitor|hookspath|sshcommand|gitproxy|editor|pager|askpass|alternaterefscommand)|sequence\.editor|interactive\.difffilter|pager\.|diff\.external|diff\..*\.(?:command|textconv)|filter\..*\.(?:clean|smudge|process)|merge\..*\.driver|gpg\.(?:.*\.)?program|credential\.(?:.*\.)?helper|alias\.|remote\..*\.(?:uploadpack|receivepack|vcs)|uploadpack\.packobjectshook|include\.path|includeif\.)/;

async function checkSettings(target: Git): Promise<Check[]> {
  const { stdout } = await tryGit(target, ["config", "--show-scope", "--null", "--list"]);
  const fields = stdout.split("\0");
  const found = fields.flatMap((field, i) => {
    const isOwn = i % 2 === 1 && /^(?:local|worktree)$/.test(fields[i - 1] ?? "");
    const [key = "", ...value] = field.split("\n");
    return isOwn && startsProgram(key, value.join("\n")) ? [key] : [];
  });
  // A linked work tree shares both with the main one.
  const shared = commonDirectory(target.top);
  const folder = join(shared, "hooks");
  const hooks = namesIn(folder).filter((name) => !name.endsWith(".sample"));
  const file = join(shared, "config");
  const checks: Check[] = [];
  if (found.length > 0) {
    const what = `your own git, started here, runs what the repository's configuration names: ${listSome(found)}`;
    const fix = "look at each: git config --local --list";
    checks.push({ name: "git.programs", status: "warning", what, file, fix });
  }
  if (hooks.length > 0) {
    const what = `your own git, started here, runs hooks: ${listSome(hooks)}`;
    checks.push({
      name: "git.hooks",
      status: "warning",
      what,
      file: folder,
      fix: "look at each; delete what nobody needs",
    });
  }
  return checks.length > 0 ? checks : [ok("git.programs", "nothing in .git starts programs")];
}

function startsProgram(key: string, value: string): boolean {
  if (!STARTS_PROGRAMS.test(key)) return false;
  if (key.startsWith("alias.")) return value.startsWith("!");
  return key !== "core.fsmonitor" || !/^(?:true|false|yes|no|on|off|0|1|)$/i.test(value);
}

/** Where commits would go that nobody finds again, or in the middle of something. */
async function checkHead(target: Git): Promise<Check[]> {
  const directory = gitDirectory(target);
  const begun = [
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "rebase-merge",
    "rebase-apply",
    "BISECT_LOG",
  ];
  const [unfinished] = begun.filter((name) => existsSync(join(directory, name)));
  if (unfinished !== undefined) {
    const what = "a merge, rebase or the like was begun here and is not finished";
    const fix = "see: git status; finish it, or give it up";
    return [{ name: "git.unfinished", status: "warning", what, file: join(directory, unfinished), fix }];
  }
  const named = await whatHeadNames(target);
  if (named === null) return [];
  if (named === "a branch") return [ok("git.branch", "a branch is checked out")];
  const what =
    "no branch is checked out: nothing finds what is committed now once another one is, so mail waits in the inbox";
  return [{ name: "git.detached", status: "warning", what, file: target.top, fix: "run: git switch BRANCH" }];
}

async function checkHistory(target: Git): Promise<Check[]> {
  const [shallow, partial] = await Promise.all([
    tryGit(target, ["rev-parse", "--is-shallow-repository"]),
    tryGit(target, ["config", "--get-regexp", "^remote[.].*[.](promisor|partialclonefilter)$"]),
  ]);
  const missing =
    shallow.stdout.trim() === "true" ? "a shallow clone" : partial.stdout === "" ? null : "a partial clone";
  if (missing === null) return [ok("git.history", "the whole history")];
  const what = `this is ${missing}: what is not here can neither be compared nor audited`;
  const fix =
    missing === "a shallow clone" ? "run: git fetch --unshallow" : "run: git fetch --refetch --no-filter";
  return [{ name: "git.history", status: "warning", what, file: target.top, fix }];
}

async function checkLoose(target: Git): Promise<Check> {
  const count = await looseTooMany(target);
  if (count === null) return ok("git.packed", "few loose objects");
  const what = `about ${count} objects lie loose in the repository and make it large: git packs them after commits of its own only`;
  const mend = {
    does: `pack what lies loose in ${target.top} (git pack-objects)`,
    apply: async () => await packLoose(target),
  };
  return { name: "git.loose", status: "warning", what, file: target.top, fix: "vibeops doctor --fix", mend };
}

/** A git that lives holds its locks for moments. */
const LOCK_MS = 10 * MINUTE_MS;

function checkForeignLocks(target: Git, now: Date): Check[] {
  const own = gitDirectory(target);
  const locks = [join(own, "index.lock"), join(own, "HEAD.lock"), ...locksIn(commonDirectory(target.top))];
  return locks.flatMap((file): Check[] => {
    const stats = lstatOrNull(file);
    const age = stats === null ? 0 : now.getTime() - stats.mtimeMs;
    if (age < LOCK_MS) return [];
    const what = `git's own lock lies here for ${Math.round(age / MINUTE_MS)} minutes: the git that made it was killed`;
    const fix = `if no git is running: rm ${quoteAlways(file)}`;
    return [{ name: "git.lock", status: "error", what, file, fix }];
  });
}

/** Of what all work trees share. */
function locksIn(directory: string): string[] {
  return ["config.lock", "packed-refs.lock", "shallow.lock"].map((name) => join(directory, name));
}

async function checkLeftOvers(target: Git, now: Date): Promise<Check[]> {
  const left = await findGitLeftOvers(target, now);
  if (left.length === 0) return [];
  const what = `a vibeops that was killed left in the repository: ${listSome(left.map((path) => path.replace(`${gitDirectory(target)}/`, "")))}`;
  const mend = {
    does: `remove from ${gitDirectory(target)} what a killed vibeops left there`,
    apply: () => mendGit(target, now),
  };
  return [
    {
      name: "git.left-over",
      status: "warning",
      what,
      file: gitDirectory(target),
      fix: "vibeops doctor --fix",
      mend,
    },
  ];
}

const MOST_NAMED = 5;

/** The first few of what was found. */
export function listSome(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  return `${names.slice(0, MOST_NAMED).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
