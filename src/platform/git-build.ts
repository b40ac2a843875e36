import { rmSync } from "node:fs";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { type Git, gitDirectory, gitFailed, headCommit, tryGit } from "./git.ts";
import { cannotWrite } from "./git-head.ts";
import { newHolder } from "./git-holder.ts";
import { type GitObject, readObjects } from "./git-objects.ts";
import { sameBytes } from "./replace.ts";
import { commonDirectory } from "./work-trees.ts";

/**
 * What a commit does to one file. `edit` is given the file's bytes in HEAD (and, where the person has staged
 * others, those as well) and returns the new ones; null stands for an absent file.
 */
export interface FileChange {
  /** Absolute path inside the work tree. */
  path: string;
  edit: (before: Buffer | null) => Buffer | null;
  executable?: boolean;
  /** What comes out does not depend on what was there. */
  whole?: true;
}

export function put(path: string, bytes: Uint8Array): FileChange {
  const after = Buffer.from(bytes);
  return { path, edit: () => after, whole: true };
}

export function remove(path: string): FileChange {
  return { path, edit: () => null, whole: true };
}

export interface Signature {
  author: string;
  committer: string;
  message: string;
}

/**
 * Who commits, as git knows them, at this time. Asked before anything is written that a commit is to hold.
 *
 * @throws VibeopsError `git.identity`; `git.failed` where git cannot read its configuration
 */
export async function signatureFor(target: Git, message: string, now: Date): Promise<Signature> {
  const [author, committer] = await Promise.all([
    identity(target, "GIT_AUTHOR_IDENT", now),
    identity(target, "GIT_COMMITTER_IDENT", now),
  ]);
  return { author, committer, message };
}

/** git's words for an identity that it lacks or cannot use; with others it says what else is wrong. */
const NO_IDENTITY =
  /tell me who you are|auto-detect|empty ident|no (?:name|email) was given|disallowed characters/i;

async function identity(target: Git, name: string, now: Date): Promise<string> {
  const result = await tryGit(target, ["var", name]);
  const [, who, zone] = /^(.*<.+>) \d+ ([+-]\d{4})\s*$/.exec(result.stdout) ?? [];
  if (result.exitCode === 0 && who && zone) return `${who} ${Math.floor(now.getTime() / 1000)} ${zone}`;
  if (result.exitCode !== 0 && !NO_IDENTITY.test(result.stderr)) throw gitFailed(target, ["var"], result);
  throw new VibeopsError({
    code: "git.identity",
    exit: Exit.usage,
    message: "git does not know who you are, and every commit names somebody",
    file: target.top,
    fix: 'git config --global user.name "Your Name" && git config --global user.email you@example.com',
  });
}

export interface PlannedEdit {
  change: FileChange;
  path: string;
  mode: string;
  blobInHead: string | null;
  before: Buffer | null;
  after: Buffer | null;
}

function planEdit(change: FileChange, path: string, inHead: GitObject | null): PlannedEdit {
  const before = inHead?.bytes ?? null;
  const mode = change.executable === true ? "100755" : "100644";
  return { change, path, mode, blobInHead: inHead?.id ?? null, before, after: change.edit(before) };
}

/** What a commit on top of `base` would do. */
export interface PlannedCommit {
  /** HEAD when it was planned; null before the first commit. */
  base: string | null;
  edits: readonly PlannedEdit[];
}

/** Makes the changes in HEAD's files; writes nothing. */
export async function planOnHead(
  target: Git,
  paths: readonly string[],
  changes: readonly FileChange[],
): Promise<PlannedCommit> {
  const base = await readBase(target, paths);
  const edits = changes.map((change, i) => planEdit(change, paths[i] ?? "", base.files[i] ?? null));
  return { base: base.head, edits };
}

/** Where a plan changes nothing: the commit that holds all of it already. */
export function alreadyIn({ base, edits }: PlannedCommit): string | null {
  return edits.every((edit) => sameBytes(edit.before, edit.after)) ? base : null;
}

interface Base {
  head: string | null;
  files: readonly (GitObject | null)[];
}

/** HEAD and the files in it, in one git process. Should HEAD move in between, the compare-and-swap finds out. */
async function readBase(target: Git, paths: readonly string[]): Promise<Base> {
  const names = ["HEAD^{commit}", ...paths.map((path) => `HEAD:${path}`)];
  const [head, ...files] = await readObjects(target, names);
  // Not to begin a second history where the end of the first one cannot be read.
  if (!head) await headCommit(target);
  return { head: head?.id ?? null, files };
}

export interface Built {
  commit: string;
  /** A ref of our own that holds the commit until HEAD does. */
  holder: string;
  /** Blob ids in the order of the edits that write a file. */
  blobs: readonly string[];
}

/**
 * Writes the commit; nothing but its holder names it yet. One `git fast-import` writes blobs, the touched trees and the commit: it never reads or writes the entries of
 * folders that do not change, as `read-tree` into a private index would (docs/adr/0001-commits.md).
 */
export async function buildCommit(
  target: Git,
  { base, edits }: PlannedCommit,
  about: Signature,
): Promise<Built> {
  const holder = newHolder();
  const written = edits.filter((edit) => edit.after !== null);
  const stream = [
    "feature done\nfeature get-mark\n",
    ...written.flatMap((edit, i) => [
      `blob\nmark :${i + 2}\n`,
      data(edit.after ?? ""),
      `get-mark :${i + 2}\n`,
    ]),
    `commit ${holder}\nmark :1\nauthor ${about.author}\ncommitter ${about.committer}\n`,
    data(`${about.message.trimEnd()}\n`),
    base === null ? "" : `from ${base}\n`,
    ...edits.filter((edit) => edit.after === null).map((edit) => `D ${quotePath(edit.path)}\n`),
    ...written.map((edit, i) => `M ${edit.mode} :${i + 2} ${quotePath(edit.path)}\n`),
    "\nget-mark :1\ndone\n",
  ];
  const args = ["-c", "core.fsync=committed,reference", "fast-import", "--quiet"];
  const result = await tryGit(target, args, Buffer.concat(stream.map((part) => Buffer.from(part))));
  if (result.exitCode !== 0) {
    removeCrashReport(target, result.stderr);
    throw cannotWrite(target, "fast-import", result.stderr);
  }
  const ids = result.stdout.trim().split("\n");
  return { commit: ids.pop() ?? "", holder, blobs: ids };
}

/** git leaves one where fast-import fails, removes none, and repeats in it what we know: on a full disk it takes the last room. */
function removeCrashReport(target: Git, stderr: string): void {
  const name = /dumping crash report to \S*?(fast_import_crash_\d+)\s*$/m.exec(stderr)?.[1];
  if (name === undefined) return;
  for (const folder of [gitDirectory(target), commonDirectory(target.top)]) {
    rmSync(join(folder, name), { force: true });
  }
}

function data(bytes: Buffer | string): Buffer {
  const content = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`data ${content.length}\n`), content, Buffer.from("\n")]);
}

function quotePath(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
