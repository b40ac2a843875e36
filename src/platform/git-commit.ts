import { lstatSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "./context.ts";
import { lstatOrNull } from "./files.ts";
import { type Git, git, gitFailed, gitPath, tryGit } from "./git.ts";
import { type IndexEntry, type LockedIndex, readOnlyGit, withLockedIndex } from "./git-index.ts";
import { randomSuffix } from "./random-suffix.ts";
import { sameBytes } from "./replace.ts";

/**
 * What a commit does to one file. `edit` is given the file's bytes in HEAD (and, where the person has staged
 * others, those as well) and returns the new ones; null stands for an absent file.
 */
export interface FileChange {
  /** Absolute path inside the work tree. */
  path: string;
  edit: (before: Buffer | null) => Buffer | null;
  executable?: boolean;
}

export function put(path: string, bytes: Uint8Array): FileChange {
  const after = Buffer.from(bytes);
  return { path, edit: () => after };
}

export function remove(path: string): FileChange {
  return { path, edit: () => null };
}

const ATTEMPTS = 100;

/**
 * Commits exactly these changes on top of HEAD, whoever else commits at the same time, and stages them in the
 * person's index so that their next plain commit keeps them. The work tree is not touched, nor anything else
 * that is staged. Returns the new commit, or HEAD's where nothing differs.
 *
 * @throws VibeopsError `git.identity`, `git.read-only`, `git.race` (exit 7)
 */
export async function commitChanges(
  target: Git,
  changes: readonly FileChange[],
  message: string,
  context: Pick<Context, "now">,
): Promise<string> {
  const [author, committer] = await Promise.all([
    identity(target, "GIT_AUTHOR_IDENT", context.now()),
    identity(target, "GIT_COMMITTER_IDENT", context.now()),
  ]);
  const paths = changes.map((change) => gitPath(target, change.path));
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const base = await readBase(target, paths);
    const edits = changes.map((change, i) => planEdit(change, paths[i] ?? "", base.files[i] ?? null));
    if (base.head !== null && edits.every((edit) => sameBytes(edit.before, edit.after))) return base.head;
    const built = await buildCommit(target, base.head, edits, { author, committer, message });
    if (await publish(target, base, built, edits, message)) return built.commit;
    await sleep(Math.random() * Math.min(100, 10 * (attempt + 1)));
  }
  throw new VibeopsError({
    code: "git.race",
    exit: Exit.conflict,
    message: `HEAD moved ${ATTEMPTS} times while this was being committed; nothing was committed`,
    file: target.top,
    fix: "run the command again when fewer programs commit here",
  });
}

/** Commits these files as they are on disk; a missing one is removed. Null where nothing differs from HEAD. */
export async function commitFiles(
  target: Git,
  absolutePaths: readonly string[],
  message: string,
  context: Pick<Context, "now">,
): Promise<string | null> {
  const before = await tryGit(target, ["rev-parse", "--quiet", "--verify", "HEAD^{commit}"]);
  const changes = absolutePaths.map(changeFromDisk);
  const after = await commitChanges(target, changes, message, context);
  return after === before.stdout.trim() ? null : after;
}

function changeFromDisk(path: string): FileChange {
  const stats = lstatOrNull(path);
  if (stats === null) return remove(path);
  return { ...put(path, readFileSync(path)), executable: (lstatSync(path).mode & 0o100) !== 0 };
}

async function identity(target: Git, name: string, now: Date): Promise<string> {
  const result = await tryGit(target, ["var", name]);
  const [, who, zone] = /^(.*<.+>) \d+ ([+-]\d{4})\s*$/.exec(result.stdout) ?? [];
  if (result.exitCode === 0 && who && zone) return `${who} ${Math.floor(now.getTime() / 1000)} ${zone}`;
  throw new VibeopsError({
    code: "git.identity",
    exit: Exit.usage,
    message: "git does not know who you are, and every commit names somebody",
    file: target.top,
    fix: 'git config --global user.name "Your Name" && git config --global user.email you@example.com',
  });
}

interface BaseFile {
  blob: string;
  bytes: Buffer;
}

interface Base {
  head: string | null;
  files: readonly (BaseFile | null)[];
}

/** HEAD and the files in it, in one git process. Should HEAD move in between, the compare-and-swap finds out. */
async function readBase(target: Git, paths: readonly string[]): Promise<Base> {
  const names = ["HEAD^{commit}", ...paths.map((path) => `HEAD:${path}`)];
  const result = await tryGit(target, ["cat-file", "--batch"], `${names.join("\n")}\n`);
  if (result.exitCode !== 0) throw gitFailed(target, ["cat-file"], result.stderr);
  const [head, ...files] = parseBatch(result.stdoutBytes, names.length);
  return { head: head?.blob ?? null, files };
}

function parseBatch(output: Buffer, count: number): (BaseFile | null)[] {
  const found: (BaseFile | null)[] = [];
  let offset = 0;
  while (found.length < count) {
    const end = output.indexOf(10, offset);
    if (end < 0) throw new Error("git cat-file ended early");
    const [, blob, size] = /^([0-9a-f]{40,64}) \w+ (\d+)$/.exec(output.toString("utf8", offset, end)) ?? [];
    offset = end + 1;
    if (blob === undefined) found.push(null);
    else {
      found.push({ blob, bytes: output.subarray(offset, offset + Number(size)) });
      offset += Number(size) + 1;
    }
  }
  return found;
}

interface PlannedEdit {
  change: FileChange;
  path: string;
  mode: string;
  blobInHead: string | null;
  before: Buffer | null;
  after: Buffer | null;
}

function planEdit(change: FileChange, path: string, inHead: BaseFile | null): PlannedEdit {
  const before = inHead?.bytes ?? null;
  const mode = change.executable === true ? "100755" : "100644";
  return { change, path, mode, blobInHead: inHead?.blob ?? null, before, after: change.edit(before) };
}

interface Built {
  commit: string;
  /** A ref of our own that holds the commit until HEAD does. */
  holder: string;
  /** Blob ids in the order of the edits that write a file. */
  blobs: readonly string[];
}

/**
 * One `git fast-import` writes blobs, the touched trees and the commit: it never reads or writes the entries of
 * folders that do not change, as `read-tree` into a private index would (docs/adr/0001-commits.md).
 */
async function buildCommit(
  target: Git,
  head: string | null,
  edits: readonly PlannedEdit[],
  about: { author: string; committer: string; message: string },
): Promise<Built> {
  const holder = `refs/vibeops/pending-${randomSuffix()}`;
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
    head === null ? "" : `from ${head}\n`,
    ...edits.filter((edit) => edit.after === null).map((edit) => `D ${quotePath(edit.path)}\n`),
    ...written.map((edit, i) => `M ${edit.mode} :${i + 2} ${quotePath(edit.path)}\n`),
    "\nget-mark :1\ndone\n",
  ];
  const args = ["-c", "core.fsync=committed,reference", "fast-import", "--quiet"];
  const result = await tryGit(target, args, Buffer.concat(stream.map((part) => Buffer.from(part))));
  if (result.exitCode !== 0) throw cannotWrite(target, result.stderr);
  const ids = result.stdout.trim().split("\n");
  return { commit: ids.pop() ?? "", holder, blobs: ids };
}

function data(bytes: Buffer | string): Buffer {
  const content = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`data ${content.length}\n`), content, Buffer.from("\n")]);
}

function quotePath(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/** Moves HEAD and the person's index together; false where HEAD had moved. */
async function publish(
  target: Git,
  base: Base,
  built: Built,
  edits: readonly PlannedEdit[],
  message: string,
): Promise<boolean> {
  const zero = "0".repeat(built.commit.length);
  return await withLockedIndex(target, async (index) => {
    await stageEdits(target, index, built, edits, zero);
    const moved = await moveHead(target, base.head ?? zero, built, message);
    if (moved) index.publish();
    return moved;
  });
}

async function stageEdits(
  target: Git,
  index: LockedIndex,
  built: Built,
  edits: readonly PlannedEdit[],
  zero: string,
): Promise<void> {
  const staged = await index.staged(edits.map((edit) => edit.path));
  const blobs = [...built.blobs];
  const entries: IndexEntry[] = [];
  for (const edit of edits) {
    const blob = edit.after === null ? null : (blobs.shift() ?? null);
    const entry = await entryFor(target, edit, blob, staged.get(edit.path) ?? null);
    if (entry !== null) entries.push(entry);
  }
  const kept = new Set(entries.map((entry) => entry.path));
  const removed = edits.map((edit) => edit.path).filter((path) => !kept.has(path));
  await index.stage(entries, removed, zero);
}

/** What the person staged and HEAD does not hold keeps its difference: our edit is made in it too. */
async function entryFor(
  target: Git,
  edit: PlannedEdit,
  blob: string | null,
  staged: IndexEntry | null,
): Promise<IndexEntry | null> {
  const ours = blob === null ? null : { path: edit.path, blob, mode: edit.mode };
  if (staged === null || staged.blob === edit.blobInHead) return ours;
  const before = await tryGit(target, ["cat-file", "blob", staged.blob]);
  const after = edit.change.edit(before.stdoutBytes);
  if (after === null) return null;
  const written = await git(target, ["hash-object", "-w", "--stdin"], { input: after });
  return { path: edit.path, blob: written.trim(), mode: staged.mode };
}

async function moveHead(target: Git, old: string, built: Built, message: string): Promise<boolean> {
  const subject = `vibeops: ${message.split("\n", 1)[0]}`;
  const transaction = `start\nupdate HEAD ${built.commit} ${old}\ndelete ${built.holder}\nprepare\ncommit\n`;
  const args = ["-c", "core.fsync=committed,reference", "update-ref", "-m", subject, "--stdin"];
  const result = await tryGit(target, args, transaction);
  if (result.exitCode === 0) return true;
  await tryGit(target, ["update-ref", "-d", built.holder]);
  if (/cannot lock ref|is at .* but expected|reference already exists/.test(result.stderr)) return false;
  throw cannotWrite(target, result.stderr);
}

function cannotWrite(target: Git, stderr: string): VibeopsError {
  if (
    /Read-only file system|Permission denied|Operation not permitted|insufficient permission/.test(stderr)
  ) {
    return readOnlyGit(target.top, stderr.trim());
  }
  return gitFailed(target, ["fast-import"], stderr);
}
