import { basename, join } from "node:path";
import { VibeopsError } from "../errors.ts";
import { ARCHIVED, INCOMING, listByMonth, SENT } from "../memo/mailbox.ts";
import { isSameMemo } from "../memo/same-memo.ts";
import { readRegularFile } from "../platform/files.ts";
import { type Git, gitPath } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import type { FileCommit, Trail } from "../platform/git-trail.ts";
import type { Project } from "../project/project.ts";
import type { Finding } from "../text/finding.ts";
import { isBlobOf } from "./blob.ts";
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
  /** Null where it cannot be read. */
  readonly bytes: Buffer | null;
}

/** Texts that are compared at once: enough to keep git busy, little enough to hold. */
const BATCH = 4_000;

/**
 * Holds every archived and sent memo against the history: that it still is what was committed, that no commit changed
 * or removed it, and that an archived one says what it said when it came in, boxes and completion notes apart.
 */
export async function auditMail(target: Git, project: Project, { trail, head }: Story): Promise<MailAudit> {
  const files = [ARCHIVED, SENT].flatMap((folder) => listByMonth(project.root, folder));
  const findings = auditRemoved(target, project, trail, new Set(files));
  for (let at = 0; at < files.length; at += BATCH) {
    const some = files.slice(at, at + BATCH);
    // git looks for what came in while we read what is there.
    const arrivals = readArrivals(target, project, some, trail);
    const kept = some.map((file) => readKept(target, file));
    for (const one of kept) findings.push(...auditKept(one, trail.get(one.path)));
    findings.push(...auditEdits(kept, head));
    findings.push(...auditWords(target, project, kept, await arrivals));
  }
  return { memos: files.length, findings };
}

function readKept(target: Git, file: string): Kept {
  const path = gitPath(target, file);
  try {
    return { path, file, bytes: readRegularFile(file) };
  } catch (error) {
    if (error instanceof VibeopsError) return { path, file, bytes: null };
    throw error;
  }
}

function error(rule: string, file: string, message: string, fix: string): Finding {
  return { rule: `audit.${rule}`, level: "error", message, file, fix };
}

/** Files that the history knows as kept and that are not there any more. */
function auditRemoved(target: Git, project: Project, trail: Trail, present: ReadonlySet<string>): Finding[] {
  const folders = [ARCHIVED, SENT].map((folder) => `${gitPath(target, join(project.root, folder))}/`);
  const findings: Finding[] = [];
  for (const path of trail.keys()) {
    const file = join(target.top, path);
    if (!path.endsWith(".md") || !folders.some((folder) => path.startsWith(folder)) || present.has(file))
      continue;
    findings.push(
      error("memo-gone", file, "this memo was kept, and it is gone", `bring it back: git log -- ${path}`),
    );
  }
  return findings;
}

/** What the history says of one file: added once, and nothing since. */
function auditKept({ path, file, bytes }: Kept, changes: readonly FileCommit[] | undefined): Finding[] {
  if (bytes === null) {
    return [
      error("memo-unreadable", file, "this is no regular file that can be read", `see: git log -- ${path}`),
    ];
  }
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
      return error("memo-changed", file, message, `see: git show ${commit.slice(0, 12)} -- ${path}`);
    });
}

/** Files whose bytes are not those that HEAD holds. */
function auditEdits(kept: readonly Kept[], head: Story["head"]): Finding[] {
  return kept.flatMap(({ path, file, bytes }) => {
    const committed = head.get(path);
    if (bytes === null || committed === undefined || isBlobOf(bytes, committed)) return [];
    return [
      error("memo-edited", file, "this memo is not what was committed", `see: git diff HEAD -- ${path}`),
    ];
  });
}

/** A memo as it came in: once, as a rule. */
interface Arrival {
  readonly commit: string;
  readonly bytes: Buffer | undefined;
}

/** The words with which these memos came in, by file; those that lie there as they came are left out. */
async function readArrivals(
  target: Git,
  project: Project,
  files: readonly string[],
  trail: Trail,
): Promise<Map<string, Arrival[]>> {
  const incoming = gitPath(target, join(project.root, INCOMING));
  const came = files.flatMap((file) => {
    const changes = trail.get(`${incoming}/${basename(file)}`) ?? [];
    const additions = new Map(changes.flatMap((one) => (one.status === "A" ? [[one.after, one]] : [])));
    additions.delete(trail.get(gitPath(target, file))?.[0]?.after ?? "");
    return [...additions.values()].map(({ commit, after }) => ({ file, commit, id: after }));
  });
  const objects = await readObjects(
    target,
    came.map(({ id }) => id),
  );
  const arrivals = new Map<string, Arrival[]>();
  for (const [index, { file, commit }] of came.entries()) {
    const arrival = { commit, bytes: objects[index]?.bytes };
    arrivals.set(file, [...(arrivals.get(file) ?? []), arrival]);
  }
  return arrivals;
}

/** Archived memos held against the words that came in. */
function auditWords(
  target: Git,
  project: Project,
  kept: readonly Kept[],
  arrivals: ReadonlyMap<string, readonly Arrival[]>,
): Finding[] {
  const incoming = gitPath(target, join(project.root, INCOMING));
  return kept.flatMap(({ file, path, bytes }) => {
    if (bytes === null) return [];
    const others = (arrivals.get(file) ?? []).filter(
      (came) => came.bytes === undefined || !isSameMemo(came.bytes, bytes),
    );
    return others.map((came) => {
      const commit = came.commit.slice(0, 12);
      const message = `this memo does not say what came in with commit ${commit}`;
      const fix = `compare: git diff ${commit}:${incoming}/${basename(file)} HEAD:${path}`;
      return error("memo-words", file, message, fix);
    });
  });
}

/** Our archived memos held against the copies of those senders whose projects can be read here. */
export function auditSenders(project: Project, peers: readonly { name: string; root: string }[]): Finding[] {
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
    error(
      "memo-copy",
      ours,
      `the copy that ${name} keeps of this memo says something else`,
      `diff ${ours} ${copy}`,
    ),
  ];
}
