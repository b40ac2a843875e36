import { mkdirSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Context } from "../platform/context.ts";
import { readIfExists, writeFileDurably } from "../platform/files.ts";
import { type Git, git, gitDirectory, tryGit, withoutIndex } from "../platform/git.ts";
import { sha256 } from "../platform/hash.ts";
import { stateDirectory } from "../platform/person.ts";
import { quoteCommand } from "../platform/quote.ts";
import { describeSystemError } from "../platform/system-error.ts";
import type { Project } from "../project/project.ts";
import type { Finding } from "../text/finding.ts";
import { auditError } from "./findings.ts";

/**
 * Where this person's machine remembers which commit it saw last of a project: outside of it. By the project's place,
 * not by its repository's: whoever makes another `.git` further in has made another repository.
 */
export function seenFile(env: Context["env"], { root }: Pick<Project, "root">): string {
  return join(stateDirectory(env), "seen", sha256(realpathSync(root)));
}

/** The commit that the last audit on this machine ended at; null where there was none. */
export function lastSeenCommit(env: Context["env"], project: Pick<Project, "root">): string | null {
  const commit = readIfExists(seenFile(env, project))?.toString("utf8").trim();
  return commit !== undefined && /^[0-9a-f]{40,64}$/.test(commit) ? commit : null;
}

/**
 * Remembers a commit for the next audit; not to be called where the history turned out to be rewritten. Where nothing can
 * be written, as on a full disk or in a container, what was found is told all the same.
 */
export function rememberCommit(
  env: Context["env"],
  project: Pick<Project, "root">,
  commit: string,
): Finding[] {
  const file = seenFile(env, project);
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileDurably(file, Buffer.from(`${commit}\n`), 0o600);
    return [];
  } catch (error) {
    const system = describeSystemError(error);
    if (system === null) throw error;
    const message = `it cannot be noted here what this audit saw, so the next one cannot tell whether the history was rewritten since: ${system.message}`;
    return [{ rule: "audit.unnoted", level: "warning", message, file, fix: system.fix }];
  }
}

/**
 * A commit that something on record names and that HEAD does not come from; nobody can tell where they cannot be read.
 *
 * @param where `forget`: the file that names it, where nothing else does
 */
export function requireAncestor(
  ancestors: ReadonlySet<string> | null,
  commit: string,
  where: { readonly what: string; readonly file?: string; readonly forget?: string },
): Finding[] {
  if (ancestors === null || commit === "none" || ancestors.has(commit)) return [];
  return [
    {
      rule: "audit.history",
      level: "error",
      message: `${where.what} commit ${commit.slice(0, 12)}, which HEAD does not come from: the history was rewritten`,
      ...(where.file === undefined ? {} : { file: where.file }),
      fix: [
        `look for it: git reflog, git branch --contains ${commit.slice(0, 12)}`,
        ...(where.forget === undefined
          ? []
          : [`where you know who rewrote it and why: ${quoteCommand(["rm", where.forget])}`]),
      ].join("; "),
    },
  ];
}

/** A history that is cut off (`.git/shallow`) begins wherever somebody let it begin. */
export async function auditDepth(target: Git): Promise<Finding[]> {
  if ((await git(target, ["rev-parse", "--is-shallow-repository"])).trim() !== "true") return [];
  const message = "this repository is shallow: what was done before its oldest commits cannot be seen";
  return [
    { rule: "audit.shallow", level: "error", message, fix: "git fetch --unshallow, or clone it whole" },
  ];
}

/** What git exits with where it ends before it is done; below are bits for what it found, each of which it names. */
const DIED = 128;

const DAMAGE = /mismatch|corrupt|garbage|unable to (?:read|unpack)|(?:missing|broken) /;

/**
 * git trusts the names of the objects in its own folder when it reads them: whoever exchanges one there changes the
 * story and keeps every name. Only `git fsck` computes the names again; what else it finds is no matter of ours. That it
 * came to its end is: a setting or an index that it cannot read ends it early, and no other git of ours.
 */
export async function auditObjects(target: Git): Promise<Finding[]> {
  const found = await checkObjects(target);
  const why = found.lines.find((line) => BROKEN_INDEX.test(line));
  if (why === undefined) return judgeObjects(found);
  return [brokenIndex(target, why), ...judgeObjects(await checkObjects(withoutIndex(target)))];
}

interface CheckedObjects {
  readonly exitCode: number;
  readonly lines: readonly string[];
}

async function checkObjects(target: Git): Promise<CheckedObjects> {
  const options = ["--full", "--no-dangling", "--no-progress", "--no-reflogs"];
  const { exitCode, stdout, stderr } = await tryGit(target, ["fsck", ...options]);
  return { exitCode, lines: `${stderr}\n${stdout}`.split("\n") };
}

function judgeObjects({ exitCode, lines }: CheckedObjects): Finding[] {
  const damage = lines.find((line) => DAMAGE.test(line));
  if (damage === undefined) return exitCode < DIED ? [] : [unfinished(lines)];
  const message = `what git keeps is not what its names say: ${damage.replace(/^(?:error|fatal): /, "")}`;
  const fix =
    "move the damaged file out of .git/objects, and fetch from a clone that has it: git fetch --refetch REMOTE";
  return [{ rule: "audit.objects", level: "error", message, fix }];
}

/** What is staged: no part of the history, and it can be made again. An index of a pack is another thing. */
const BROKEN_INDEX = /^fatal: (?!.*(?:pack|\.idx)).*\bindex\b/;

function brokenIndex(target: Git, line: string): Finding {
  const file = join(gitDirectory(target), "index");
  const message = `git cannot read its index: ${line.slice("fatal: ".length)}; the history was looked at without it`;
  const fix = `make it anew, which changes no file of yours: ${quoteCommand(["rm", file])} && git reset`;
  return auditError("index", file, message, fix);
}

function unfinished(lines: readonly string[]): Finding {
  const why = lines.findLast((line) => line.startsWith("fatal: "))?.slice("fatal: ".length);
  const message = `git fsck ended before it had looked at everything${why === undefined ? "" : `: ${why}`}`;
  const fix =
    "mend what it names (settings: git config --list --show-origin), then look again: git fsck --full";
  return { rule: "audit.objects", level: "error", message, fix };
}
