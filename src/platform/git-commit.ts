import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "./context.ts";
import { lstatOrNull, readRegularFile } from "./files.ts";
import { type Git, git, gitDirectory, gitPath, headCommit, tryGit } from "./git.ts";
import {
  alreadyIn,
  buildCommit,
  type FileChange,
  type PlannedCommit,
  type PlannedEdit,
  planOnHead,
  put,
  remove,
  type Signature,
  signatureFor,
} from "./git-build.ts";
import { dropRef, type HeadMove, moveHead, tellIfLoose } from "./git-head.ts";
import { type IndexEntry, type LockedIndex, withGitLock, withLockedIndex } from "./git-index.ts";
import { asCheckedIn } from "./git-line-ends.ts";
import { requireOwnLogs } from "./git-logs.ts";

export { type FileChange, put, remove };

/** What a commit takes from the context. */
export type Committing = Pick<Context, "now" | "trailers" | "onLooseCommit">;

const ATTEMPTS = 100;

const MAX_FILE_BYTES = 256 * 1024 * 1024;

/**
 * Makes sure that git knows who commits. Whoever writes files and commits them afterwards asks this first: the refusal
 * that is likely then comes while there is nothing to take back.
 *
 * @throws VibeopsError `git.identity`; `git.failed` where git cannot read its configuration
 */
export async function requireIdentity(target: Git, context: Pick<Context, "now">): Promise<void> {
  await signatureFor(target, "", context.now());
}

/**
 * Commits exactly these changes on top of HEAD, whoever else commits at the same time, and stages them in the
 * person's index so that their next plain commit keeps them. The work tree is not touched, nor anything else
 * that is staged. Returns the new commit, or HEAD's where nothing differs.
 *
 * @throws VibeopsError `git.identity`, `git.read-only`; `git.race`, `git.ref-locked`, `git.index-locked`,
 *   `git.unmerged` (exit 7)
 */
export async function commitChanges(
  target: Git,
  changes: readonly FileChange[],
  message: string,
  context: Committing,
): Promise<string> {
  const signature = await signatureFor(target, withTrailers(message, context.trailers), context.now());
  const paths = changes.map((change) => gitPath(target, change.path));
  const first = await planOnHead(target, paths, changes);
  const already = alreadyIn(first);
  if (already !== null) return already;
  // One of ours at a time: git's own lock, which stops the person's commands, is then held for the last moment only.
  const commit = await withGitLock(join(gitDirectory(target), "vibeops.lock"), async ({ getOn }) => {
    let plan = first;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const commit =
        alreadyIn(plan) ?? (await tryCommit(target, plan, signature, { now: context.now(), getOn }));
      if (commit !== null) return commit;
      await sleep(Math.random() * Math.min(100, 10 * attempt));
      plan = await planOnHead(target, paths, changes);
      getOn();
    }
    throw lostRace(target);
  });
  await tellIfLoose(target, commit, context);
  return commit;
}

/** As git reads them: the last paragraph, a line each. */
function withTrailers(message: string, trailers: Context["trailers"] = []): string {
  if (trailers.length === 0) return message;
  const text = message.trimEnd();
  const hasTrailers = /\n\n(?:[A-Za-z][\w-]*: [^\n]*(?:\n|$))+$/.test(text);
  const lines = trailers.map((line) => line.replaceAll(/\s+/g, " ").trim());
  return `${text}${hasTrailers ? "\n" : "\n\n"}${lines.join("\n")}\n`;
}

function lostRace(target: Git): VibeopsError {
  return new VibeopsError({
    code: "git.race",
    exit: Exit.conflict,
    message: `HEAD moved ${ATTEMPTS} times while this was being committed; nothing was committed`,
    file: target.top,
    fix: "run the command again when fewer programs commit here",
  });
}

/**
 * Moves HEAD and the person's index together; null where HEAD had moved. The index goes first, on disk, while git
 * holds HEAD at its old value: killed at any point, the index holds what HEAD holds of these paths, or more, so that
 * no plain commit of theirs takes anything of ours away (docs/adr/0001-commits.md).
 */
async function tryCommit(
  target: Git,
  plan: PlannedCommit,
  signature: Signature,
  { now, getOn }: { now: Date; getOn: () => void },
): Promise<string | null> {
  requireOwnLogs(target);
  const built = await buildCommit(target, plan, signature);
  getOn();
  const zero = "0".repeat(built.commit.length);
  const reason = `vibeops: ${signature.message.split("\n", 1)[0]}`;
  const move = { from: plan.base ?? zero, to: built.commit, release: built.holder, reason, now };
  let moved = false;
  try {
    await withLockedIndex(
      target,
      async (index) => {
        const paths = plan.edits.map((edit) => edit.path);
        // To ask for what is staged reads the whole index: not for files that are new.
        const edited = plan.edits.filter((edit) => !isNew(edit)).map((edit) => edit.path);
        const [staged, head] = await Promise.all([index.staged(edited), headCommit(target)]);
        if (head !== plan.base) return;
        const entries = await planEntries(target, plan.edits, built.blobs, staged);
        const kept = new Set(entries.map((entry) => entry.path));
        const removed = paths.filter((path) => !kept.has(path));
        await index.stage(entries, removed, zero);
        moved = await moveHeadWithIndex(target, move, index);
      },
      getOn,
    );
  } catch (error) {
    // With HEAD moved, the commit is made; what could not be tidied up is swept later.
    if (!moved) throw error;
  } finally {
    if (!moved) await dropRef(target, built.holder);
  }
  return moved ? built.commit : null;
}

/** Nobody else's staged version of it can be at stake. */
function isNew({ change, blobInHead, after }: PlannedEdit): boolean {
  return change.whole === true && blobInHead === null && after !== null;
}

async function moveHeadWithIndex(target: Git, move: HeadMove, index: LockedIndex): Promise<boolean> {
  try {
    return await moveHead(target, move, () => index.publish());
  } catch (error) {
    index.withdraw();
    throw error;
  }
}

async function planEntries(
  target: Git,
  edits: readonly PlannedEdit[],
  written: readonly string[],
  staged: ReadonlyMap<string, IndexEntry>,
): Promise<IndexEntry[]> {
  const blobs = [...written];
  const entries: IndexEntry[] = [];
  for (const edit of edits) {
    const blob = edit.after === null ? null : (blobs.shift() ?? null);
    const entry = await entryFor(target, edit, blob, staged.get(edit.path) ?? null);
    if (entry !== null) entries.push(entry);
  }
  return entries;
}

/** What the person staged and HEAD does not hold keeps its difference: our edit is made in it too. */
async function entryFor(
  target: Git,
  edit: PlannedEdit,
  blob: string | null,
  staged: IndexEntry | null,
): Promise<IndexEntry | null> {
  const ours = blob === null ? null : { path: edit.path, blob, mode: edit.mode };
  if (staged === null || edit.change.whole === true) return ours;
  if (staged.blob === edit.blobInHead || staged.blob === blob) return ours;
  const before = await tryGit(target, ["cat-file", "blob", staged.blob]);
  const after = edit.change.edit(before.stdoutBytes);
  if (after === null) return null;
  const written = await git(target, ["hash-object", "-w", "--stdin"], { input: after });
  return { path: edit.path, blob: written.trim(), mode: staged.mode };
}

/**
 * Commits these files as they are on disk, but for line ends that git has otherwise in the work tree; a missing one is
 * removed. Null where nothing differs from HEAD.
 */
export async function commitFiles(
  target: Git,
  absolutePaths: readonly string[],
  message: string,
  context: Committing,
): Promise<string | null> {
  const before = await headCommit(target);
  const changes = await Promise.all(absolutePaths.map((path) => asGitHasIt(target, path)));
  const after = await commitChanges(target, changes, message, context);
  return after === before ? null : after;
}

async function asGitHasIt(target: Git, path: string): Promise<FileChange> {
  const change = asOnDisk(path);
  const bytes = change.edit(null);
  if (bytes === null) return change;
  const kept = await asCheckedIn(target, path, bytes);
  return { ...change, edit: () => kept };
}

/** What makes HEAD hold a file as it is on disk, or no longer where it is not there. */
export function asOnDisk(path: string): FileChange {
  const stats = lstatOrNull(path);
  if (stats === null) return remove(path);
  const bytes = readRegularFile(path, { maxBytes: MAX_FILE_BYTES, severalNames: true });
  return { ...put(path, bytes), executable: (stats.mode & 0o100) !== 0 };
}
