import { dirname, join } from "node:path";
import { lstatOrNull, readIfReadable } from "../platform/files.ts";
import { type Git, gitPath } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import type { FileCommit } from "../platform/git-trail.ts";
import type { Project } from "../project/project.ts";
import { MOST_RECORD_BYTES } from "../runbook/record-room.ts";
import type { Finding } from "../text/finding.ts";
import { whatBecameOf } from "./became.ts";
import { blobId, isBlobOf } from "./blob.ts";
import { auditLeftPlaces } from "./earlier-places.ts";
import { auditError } from "./findings.ts";
import type { Story } from "./source.ts";

const ONCE = /^[^/]+\/(?:approvals\/[^/]+|record\.md|seal\.yaml(?:\.sig)?)$/;
const GROWING = /^[^/]+\/records\/[^/]+\.jsonl$/;
/** What shows, below a project, that somebody decided on a runbook or walked it. */
export const PROVES = /^runbooks\/[^/]+\/(?:approvals\/|records\/|record\.md$|seal\.yaml)/;
/** Versions of records that are compared at once. */
const BATCH = 500;
const NOTHING = Buffer.alloc(0);

type History = readonly [path: string, changes: readonly FileCommit[]];

/**
 * What the commits did to the files of runbooks: decisions, seals and record.md are written once, and a record only grows,
 * each version beginning with the one before. What HEAD holds of them is still there.
 */
export async function auditRunbookTrail(
  target: Git,
  project: Project,
  { trail, head, left }: Story,
): Promise<Finding[]> {
  const folder = `${gitPath(target, join(project.root, "runbooks"))}/`;
  const nameOf = (path: string) => (path.startsWith(folder) ? path.slice(folder.length) : "");
  const once = [...trail].filter(([path]) => ONCE.test(nameOf(path)));
  const growing = [...trail].filter(([path]) => GROWING.test(nameOf(path)));
  const findings = once.flatMap(([path, changes]) => auditOnce(target, path, changes));
  findings.push(...auditLeftPlaces({ left }));
  const tree = new WorkTree(target.top);
  for (const [path, id] of head) {
    if (ONCE.test(nameOf(path))) findings.push(...auditOnDisk(target, tree, path, id));
    else if (GROWING.test(nameOf(path))) findings.push(...auditOnDisk(target, tree, path, null));
  }
  const grown = growing.filter((history) => !isAsItCame(tree, history, head));
  for (let at = 0; at < grown.length; at += BATCH) {
    findings.push(...(await auditGrowth(target, tree, grown.slice(at, at + BATCH), head)));
  }
  return findings;
}

/** Branches that meet tell of the same addition more than once. */
function auditOnce(target: Git, path: string, changes: readonly FileCommit[]): Finding[] {
  const [first] = changes;
  return changes
    .filter(({ status, after }) => status !== "A" || after !== first?.after)
    .map((change) => rewritten(target, path, change));
}

/** A file that HEAD holds, and what became of it in the folder; a record without an id may have grown. */
function auditOnDisk(target: Git, tree: WorkTree, path: string, id: string | null): Finding[] {
  const file = join(target.top, path);
  const bytes = tree.read(path);
  if (bytes === null) {
    const message = `this file was committed, and ${whatBecameOf(target.top, path)}`;
    return [auditError("gone", file, message, `see: git log -- ${path}`)];
  }
  return id === null || isBlobOf(bytes, id) ? [] : [notCommitted(target, path)];
}

function notCommitted(target: Git, path: string): Finding {
  const fix = `see: git diff HEAD -- ${path}`;
  return auditError("rewritten", join(target.top, path), "this file is not what was committed", fix);
}

/**
 * The files of the work tree, by their names in git; none is read through a link. Whatever else reads runbooks passes
 * over a folder that is one, so what lies behind it was looked at by nobody.
 */
class WorkTree {
  readonly #top: string;
  readonly #folders = new Map<string, boolean>([[".", true]]);

  constructor(top: string) {
    this.#top = top;
  }

  /** Null where there is none that can be read. */
  read(path: string): Buffer | null {
    if (!this.#isFolder(dirname(path))) return null;
    return readIfReadable(join(this.#top, path), { maxBytes: MOST_RECORD_BYTES });
  }

  #isFolder(path: string): boolean {
    const known = this.#folders.get(path);
    if (known !== undefined) return known;
    const is = this.#isFolder(dirname(path)) && lstatOrNull(join(this.#top, path))?.isDirectory() === true;
    this.#folders.set(path, is);
    return is;
  }
}

/** A record that came in one commit, is in HEAD as it came, and lies there byte for byte: it has no versions to compare. */
function isAsItCame(tree: WorkTree, [path, changes]: History, head: Story["head"]): boolean {
  const [added, ...later] = changes;
  if (added?.status !== "A" || later.length > 0 || head.get(path) !== added.after) return false;
  const bytes = tree.read(path);
  return bytes !== null && blobId(bytes, added.after.length) === added.after;
}

/**
 * All versions of a record are beginnings of the longest one, no commit goes back to a shorter, and the file goes on
 * from what HEAD holds.
 */
async function auditGrowth(
  target: Git,
  tree: WorkTree,
  records: readonly History[],
  head: Story["head"],
): Promise<Finding[]> {
  const ids = records.flatMap(([, changes]) => changes.map(({ after }) => after));
  const objects = await readObjects(target, ids);
  const texts = new Map(ids.map((id, at) => [id, objects[at]?.bytes ?? NOTHING]));
  const textOf = (id: string | undefined) => texts.get(id ?? "") ?? NOTHING;
  return records.flatMap(([path, changes]) => {
    const longest = changes
      .map(({ after }) => textOf(after))
      .reduce((one, other) => (other.length > one.length ? other : one));
    const grew = ({ status, before, after }: FileCommit) => {
      const shorter = status === "A" ? NOTHING : textOf(before);
      return "AM".includes(status) && begins(textOf(after), shorter) && begins(longest, textOf(after));
    };
    const wrong = changes.filter((change) => !grew(change)).map((change) => rewritten(target, path, change));
    const onDisk = tree.read(path);
    const goesOn = onDisk === null || begins(onDisk, textOf(head.get(path)));
    return goesOn ? wrong : [...wrong, notCommitted(target, path)];
  });
}

function begins(text: Buffer, beginning: Buffer): boolean {
  return text.subarray(0, beginning.length).equals(beginning);
}

function rewritten(target: Git, path: string, { commit, status, time }: FileCommit): Finding {
  const name = commit.slice(0, 12);
  const what = status === "D" ? "removed this file" : "changed what stood in this file";
  const message = `commit ${name} of ${time.toISOString().slice(0, 10)} ${what}`;
  return auditError("rewritten", join(target.top, path), message, `see: git show ${name} -- ${path}`);
}
