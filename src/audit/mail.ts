import { basename, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { VibeopsError } from "../errors.ts";
import { ARCHIVED, INCOMING, listByMonth, SENT } from "../memo/mailbox.ts";
import { cameAs, isSameMemo } from "../memo/same-memo.ts";
import { readRegularFile } from "../platform/files.ts";
import { type Git, gitPath } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import type { FileCommit, Trail } from "../platform/git-trail.ts";
import type { Project } from "../project/project.ts";
import type { Finding } from "../text/finding.ts";
import { whatBecameOf } from "./became.ts";
import { blobId, isBlobOf } from "./blob.ts";
import { auditError } from "./findings.ts";
import type { Story } from "./source.ts";

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

/** Memos between two looks at what else is to be done. */
const BATCH = 2_000;

/**
 * Holds every archived and sent memo against the history: that it still is what was committed, that no commit changed
 * or removed it, and that an archived one says what it said when it came in, boxes and completion notes apart.
 */
export async function auditMail(
  target: Git,
  project: Project,
  { trail, arrivals, head }: Story,
  onProgress: (done: number, of: number) => void,
): Promise<MailAudit> {
  const folder = gitPath(target, project.root);
  const base = folder === "" ? "" : `${folder}/`;
  const files = [ARCHIVED, SENT].flatMap((folder) => listByMonth(project.root, folder));
  const pathOf = (file: string) => base + file.slice(project.root.length + 1);
  const findings = auditRemoved(target, base, trail, new Set(files.map(pathOf)));
  for (let at = 0; at < files.length; at += BATCH) {
    const doubts: Doubt[] = [];
    for (const file of files.slice(at, at + BATCH)) {
      const path = pathOf(file);
      const changes = trail.get(path);
      if (changes === undefined || changes.length > 1) findings.push(...auditKept(path, file, changes));
      const bytes = tryRead(file);
      if (bytes === null) {
        findings.push(unreadable(target, path, file));
        continue;
      }
      const kept = { path, file, bytes };
      const committed = head.get(path);
      if (committed !== undefined && !isBlobOf(bytes, committed)) findings.push(edited(kept));
      doubts.push(...findDoubts(kept, `${base}${INCOMING}`, arrivals, changes));
    }
    findings.push(...(await auditWords(target, `${base}${INCOMING}`, doubts)));
    onProgress(Math.min(at + BATCH, files.length), files.length);
    await setImmediate();
  }
  return { memos: files.length, findings };
}

function tryRead(file: string): Buffer | null {
  try {
    return readRegularFile(file);
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

function unreadable(target: Git, path: string, file: string): Finding {
  const message = `this memo was kept, and ${whatBecameOf(target.top, path)}`;
  return auditError("memo-unreadable", file, message, `see: git log -- ${path}`);
}

/** Files that the history knows as kept and that are not there any more. */
function auditRemoved(target: Git, base: string, trail: Trail, present: ReadonlySet<string>): Finding[] {
  const folders = [ARCHIVED, SENT].map((folder) => `${base}${folder}/`);
  const findings: Finding[] = [];
  for (const path of trail.keys()) {
    if (!folders.some((folder) => path.startsWith(folder)) || !path.endsWith(".md") || present.has(path))
      continue;
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
  /** Of the bytes that came in. */
  readonly id: string;
}

/**
 * Nearly every memo came in as it lies here, its boxes empty and nothing under *Completion*: then git's name for that
 * text is the name of what came in, and nothing has to be read.
 */
function findDoubts(
  kept: Kept,
  incoming: string,
  arrivals: Trail,
  changes: readonly FileCommit[] | undefined,
): Doubt[] {
  const additions = arrivals.get(`${incoming}${kept.path.slice(kept.path.lastIndexOf("/"))}`);
  if (additions === undefined) return [];
  const asKept = changes?.[0]?.after;
  const doubts: Doubt[] = [];
  for (const { commit, after } of additions) {
    if (after === asKept || doubts.some(({ id }) => id === after)) continue;
    if (cameAs(kept.bytes, (text) => blobId(text, after.length) === after)) continue;
    doubts.push({ ...kept, commit, id: after });
  }
  return doubts;
}

/** Archived memos held against the words that came in. */
async function auditWords(target: Git, incoming: string, doubts: readonly Doubt[]): Promise<Finding[]> {
  const objects = await readObjects(
    target,
    doubts.map(({ id }) => id),
  );
  return doubts.flatMap(({ file, path, bytes, commit }, i) => {
    const came = objects[i];
    if (came != null && isSameMemo(came.bytes, bytes)) return [];
    const name = commit.slice(0, 12);
    const message = `this memo does not say what came in with commit ${name}`;
    const fix = `compare: git diff ${name}:${incoming}/${basename(file)} HEAD:${path}`;
    return [auditError("memo-words", file, message, fix)];
  });
}

/** Our archived memos held against the copies of those senders whose projects can be read here. */
export function auditSenders(project: Project, peers: readonly { name: string; root: string }[]): Finding[] {
  if (peers.length === 0) return [];
  const archived = new Map(listByMonth(project.root, ARCHIVED).map((file) => [basename(file), file]));
  return peers.flatMap(({ name, root }) =>
    listByMonth(root, SENT).flatMap((copy) => {
      const ours = archived.get(basename(copy));
      return ours === undefined ? [] : compareCopies(name, ours, copy);
    }),
  );
}

function compareCopies(name: string, ours: string, copy: string): Finding[] {
  try {
    const [one, other] = [readRegularFile(ours), readRegularFile(copy)];
    if (isSameMemo(one, other)) return [];
  } catch (failure) {
    if (failure instanceof VibeopsError) return [];
    throw failure;
  }
  return [
    auditError(
      "memo-copy",
      ours,
      `the copy that ${name} keeps of this memo says something else`,
      `diff ${ours} ${copy}`,
    ),
  ];
}
