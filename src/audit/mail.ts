import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { idOfFileName } from "../memo/file-name.ts";
import { ARCHIVED, INCOMING, listByMonth, newReadBuffer, SENT } from "../memo/mailbox.ts";
import { cameAs, isSameMemo } from "../memo/same-memo.ts";
import type { Context } from "../platform/context.ts";
import { readIfReadable } from "../platform/files.ts";
import { type Git, gitPath, requireGit, withoutIndex } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import { type FileCommit, readCommitFiles, readTrail, type Trail } from "../platform/git-trail.ts";
import { type Finding, withoutDoubles } from "../text/finding.ts";
import { whatBecameOf } from "./became.ts";
import { blobId, isBlobOf } from "./blob.ts";
import { readWholeTrail } from "./earlier-places.ts";
import { auditError, readOrTell } from "./findings.ts";
import { findLost } from "./lost-mail.ts";

/** The memos of which project, in which environment git runs there, and up to which commit. Plain data. */
export interface MailRequest {
  readonly root: string;
  readonly env: Context["env"];
  /** That they are held against; null before the first one. */
  readonly commit: string | null;
  /** It and all that it comes from, children before their parents. */
  readonly ancestors: ReadonlySet<string>;
}

/** What was looked at, and what is wrong with it. */
export interface MailAudit {
  readonly memos: number;
  readonly findings: readonly Finding[];
}

/** A memo that is finished or was sent: not edited from then on. */
interface Kept {
  /** As git names it. */
  readonly path: string;
  readonly file: string;
  readonly bytes: Buffer;
}

/** Where memos lie that are finished or were sent. */
export const KEPT = [ARCHIVED, SENT];

/** Memos between two looks at what else is to be done. */
const BATCH = 2_000;

/** A name under which a memo came in, and the commits that brought it. */
interface Arrival {
  /** As git names it. */
  readonly path: string;
  readonly additions: readonly FileCommit[];
}

/** What the history says. */
interface Memory {
  readonly target: Git;
  /** Of the project below the work tree, as git names it; with a slash at its end where it is not the whole of it. */
  readonly base: string;
  /** What came into the inbox, by the ids of the memos. */
  readonly arrivals: ReadonlyMap<string | null, readonly Arrival[]>;
  /** Of kept memos, path to object id. */
  readonly head: ReadonlyMap<string, string>;
}

/**
 * Holds every archived and sent memo against the history: that it still is what was committed, that no commit changed
 * or removed it, and that an archived one says what it said when it came in, boxes and completion notes apart. Of what
 * came in, it finds what is neither there nor ended.
 */
export async function auditMail(
  request: MailRequest,
  onProgress: (done: number, of: number) => void,
): Promise<MailAudit> {
  const { root } = request;
  // What is left of the trail in the end is gone from the folders.
  const { trail, ...memory } = await readMemory(request);
  const { target, base } = memory;
  const kept = KEPT.map((folder) => readOrTell(() => listByMonth(root, folder), folder));
  const files = kept.flatMap(({ read }) => read);
  const findings = kept.flatMap(({ unread }) => unread);
  const buffer = newReadBuffer();
  for (let at = 0; at < files.length; at += BATCH) {
    const doubts: Doubt[] = [];
    for (const file of files.slice(at, at + BATCH)) {
      const path = base + file.slice(root.length + 1);
      const changes = trail.get(path);
      trail.delete(path);
      if (changes?.length !== 1) findings.push(...auditKept(path, file, changes));
      // Good until the next one is read.
      const bytes = readIfReadable(file, { buffer });
      if (bytes === null) findings.push(unreadable(target, path, file));
      else findings.push(...auditBytes(memory, { path, file, bytes }, changes, doubts));
    }
    findings.push(...(await auditWords(memory, doubts)));
    onProgress(Math.min(at + BATCH, files.length), files.length);
    await setImmediate();
  }
  const lost = findLost({ root, top: target.top }, memory.arrivals, [...files, ...trail.keys()]);
  // Where the folder around all of them cannot be listed, each says so.
  const all = withoutDoubles([...auditRemoved(memory, trail), ...findings, ...lost]);
  return { memos: files.length, findings: all };
}

async function readMemory({
  root,
  env,
  commit,
  ancestors,
}: MailRequest): Promise<Memory & { trail: Map<string, FileCommit[]> }> {
  const target = withoutIndex(requireGit(root, env));
  const folder = gitPath(target, root);
  const base = folder === "" ? "" : `${folder}/`;
  const kept = KEPT.map((name) => `${base}${name}`);
  const [head, { trail }, arrivals] = await Promise.all([
    readCommitFiles(target, commit, kept),
    readWholeTrail(target, { commit, ancestors, base, names: KEPT, files: /\.md$/ }),
    readTrail(target, ancestors, [`${base}${INCOMING}`], "additions"),
  ]);
  return { target, base, trail, arrivals: indexById(arrivals), head };
}

const NONE: readonly Finding[] = [];

/** What a memo says now; where it is not known whether it said so when it came in, it is added to `doubts`. */
function auditBytes(
  memory: Memory,
  kept: Kept,
  changes: readonly FileCommit[] | undefined,
  doubts: Doubt[],
): readonly Finding[] {
  addDoubts(memory, kept, changes?.[0]?.after, doubts);
  const committed = memory.head.get(kept.path);
  return committed === undefined || isBlobOf(kept.bytes, committed) ? NONE : [edited(kept)];
}

function unreadable(target: Git, path: string, file: string): Finding {
  const message = `this memo was kept, and ${whatBecameOf(target.top, path)}`;
  return auditError("memo-unreadable", file, message, `see: git log -- ${path}`);
}

/** Files that the history knows as kept and that were not come by. */
function auditRemoved({ target, base }: Memory, left: Trail): Finding[] {
  const folders = KEPT.map((folder) => `${base}${folder}/`);
  const findings: Finding[] = [];
  for (const path of left.keys()) {
    if (!folders.some((folder) => path.startsWith(folder)) || idOfFileName(basename(path)) === null) continue;
    const fix = `bring it back: git log -- ${path}`;
    const message = `this memo was kept, and ${whatBecameOf(target.top, path)}`;
    findings.push(auditError("memo-gone", join(target.top, path), message, fix));
  }
  return findings;
}

/** What the history says of one file: added once, and nothing since. */
function auditKept(path: string, file: string, changes: readonly FileCommit[] | undefined): Finding[] {
  if (changes === undefined) {
    const message = "this memo was kept and never committed, so nothing vouches for it";
    return [{ rule: "audit.memo-untracked", level: "warning", message, file, fix: `git add ${path}` }];
  }
  const [first] = changes;
  // Branches that meet tell of the same addition more than once.
  const isFirst = ({ status, after }: FileCommit) => status === "A" && after === first?.after;
  return changes
    .filter((change) => !isFirst(change))
    .map(({ commit, time, status }) => {
      const what = status === "D" ? "removed" : status === "A" ? "brought other words for" : "changed";
      const when = time.toISOString().slice(0, 10);
      const message = `commit ${commit.slice(0, 12)} of ${when} ${what} this memo, which was kept`;
      return auditError("memo-changed", file, message, `see: git show ${commit.slice(0, 12)} -- ${path}`);
    });
}

function edited({ path, file }: Kept): Finding {
  return auditError(
    "memo-edited",
    file,
    "this memo is not what was committed",
    `see: git diff HEAD -- ${path}`,
  );
}

/** A memo that came in with other bytes than it lies here, and of which it is not known yet whether the words differ. */
interface Doubt extends Kept {
  readonly commit: string;
  /** Of the bytes that came in, and where that was. */
  readonly id: string;
  readonly cameTo: string;
}

/**
 * Nearly every memo came in as it lies here, its boxes empty and nothing under *Completion*: then git's name for that
 * text is the name of what came in, and nothing has to be read.
 */
function addDoubts(
  { arrivals }: Memory,
  { path, file, bytes }: Kept,
  asKept: string | undefined,
  doubts: Doubt[],
): void {
  const before = doubts.length;
  for (const { path: cameTo, additions } of arrivals.get(idOfFileName(basename(path))) ?? []) {
    for (const { commit, after } of additions) {
      if (after === asKept || doubts.some(({ id }, i) => i >= before && id === after)) continue;
      if (cameAs(bytes, (text) => blobId(text, after.length) === after)) continue;
      doubts.push({ path, file, bytes: Buffer.from(bytes), commit, id: after, cameTo });
    }
  }
}

/** By the ids of the memos: a memo that is archived under another name, or came in under two, is the same memo. */
function indexById(arrivals: Trail): Memory["arrivals"] {
  const byId = new Map<string | null, Arrival[]>();
  for (const [path, additions] of arrivals) {
    const id = idOfFileName(basename(path));
    const known = byId.get(id);
    if (known === undefined) byId.set(id, [{ path, additions }]);
    else known.push({ path, additions });
  }
  return byId;
}

/** Archived memos held against the words that came in. */
async function auditWords({ target }: Memory, doubts: readonly Doubt[]): Promise<Finding[]> {
  const objects = await readObjects(
    target,
    doubts.map(({ id }) => id),
  );
  return doubts.flatMap(({ file, path, bytes, commit, cameTo }, i) => {
    const came = objects[i];
    if (came != null && isSameMemo(came.bytes, bytes)) return [];
    const name = commit.slice(0, 12);
    const message = `this memo does not say what came in with commit ${name}`;
    const fix = `compare: git diff ${name}:${cameTo} HEAD:${path}`;
    return [auditError("memo-words", file, message, fix)];
  });
}
