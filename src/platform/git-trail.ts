import { type Git, git, headCommit } from "./git.ts";

/** What one commit did to one file, held against one of its parents. */
export interface FileCommit {
  readonly commit: string;
  readonly time: Date;
  /** git's letter: A added, M changed, D deleted, T became another kind of file. */
  readonly status: string;
  /** Object ids of the file's bytes; zeros where there are none. */
  readonly before: string;
  readonly after: string;
}

/** Every change of the files below some folders, by path as git names it, parents before their children. */
export type Trail = ReadonlyMap<string, readonly FileCommit[]>;

const headerLine = /^([0-9a-f]{40,64}) (\d+)$/;

/**
 * What these commits did to the files below these folders. Each commit is held against each of
 * its parents, and the first one against nothing: a story that came in by a merge is told as well as the one that it
 * met. With plumbing, which no configuration bends.
 *
 * @param commits children before their parents
 * @param only what is asked for, where the rest of the story does not matter
 */
export async function readTrail(
  target: Git,
  commits: Iterable<string>,
  folders: readonly string[],
  only?: "additions",
): Promise<Map<string, FileCommit[]>> {
  const filter = only === undefined ? [] : ["--diff-filter=A"];
  return await readChanges(target, commits, ["--literal-pathspecs"], filter, folders);
}

/**
 * The files that these commits removed from folders of these names, wherever they lay: with the bytes that each had.
 *
 * @param names of folders, as `runbooks`; nothing that a pattern could take for more than it is
 * @param except folders that are not looked into: a pattern is held against each name in a folder that changed, and
 *   those that change most are known
 */
export async function readRemovals(
  target: Git,
  commits: Iterable<string>,
  names: readonly string[],
  except: readonly string[],
): Promise<Map<string, FileCommit[]>> {
  const anywhere = names.map((name) => `:(top,glob)**/${name}/**`);
  const others = except.map((folder) => `:(top,exclude,literal)${folder}`);
  return await readChanges(target, commits, [], ["--diff-filter=D"], [...anywhere, ...others]);
}

async function readChanges(
  target: Git,
  commits: Iterable<string>,
  settings: readonly string[],
  filter: readonly string[],
  pathspecs: readonly string[],
): Promise<Map<string, FileCommit[]>> {
  const options = ["--stdin", "-m", "--root", "-r", "--raw", "--no-abbrev", "--no-renames", "-z", ...filter];
  const args = [...settings, "diff-tree", ...options, "--format=%H %ct", "--", ...pathspecs];
  const input = [...commits].reverse().map((commit) => `${commit}\n`);
  return parseTrail(await git(target, args, { input: input.join("") }));
}

/** Where the name of the bytes before stands in `:100644 100644 <before> <after> M`. */
const BEFORE = ":100644 100644 ".length;

function parseTrail(output: string): Map<string, FileCommit[]> {
  const trail = new Map<string, FileCommit[]>();
  let [commit, time] = ["", new Date(0)];
  for (let at = 0; at < output.length; ) {
    // The first change of a commit stands on a line of its own.
    if (output[at] === "\n") at += 1;
    const end = endOfField(output, at);
    if (output[at] !== ":") {
      const [, name, seconds] = headerLine.exec(output.slice(at, end).trim()) ?? [];
      if (name !== undefined) [commit, time] = [name, new Date(Number(seconds) * 1000)];
      at = end + 1;
      continue;
    }
    const digits = (end - at - BEFORE - " M ".length) >> 1;
    const before = at + BEFORE;
    const after = before + digits + 1;
    // Whatever it looks like, the field after a change is its path.
    const next = endOfField(output, end + 1);
    const path = output.slice(end + 1, next);
    const change = {
      commit,
      time,
      status: output[after + digits + 1] ?? "",
      before: output.slice(before, before + digits),
      after: output.slice(after, after + digits),
    };
    const changes = trail.get(path);
    if (changes === undefined) trail.set(path, [change]);
    else changes.push(change);
    at = next + 1;
  }
  return trail;
}

function endOfField(output: string, at: number): number {
  const end = output.indexOf("\0", at);
  return end === -1 ? output.length : end;
}

/** All commits that HEAD comes from, children before their parents. */
export async function listAncestors(target: Git): Promise<ReadonlySet<string>> {
  if ((await headCommit(target)) === null) return new Set();
  const output = await git(target, ["rev-list", "--topo-order", "HEAD"]);
  return new Set(output.split("\n").filter((line) => line !== ""));
}

/** The files below these folders that a commit holds, path as git names it to object id; none without a commit. */
export async function readCommitFiles(
  target: Git,
  commit: string | null,
  folders: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (commit === null) return new Map();
  const output = await git(target, ["--literal-pathspecs", "ls-tree", "-r", "-z", commit, "--", ...folders]);
  const files = new Map<string, string>();
  for (const entry of output.split("\0")) {
    // `100644 blob <id>\t<path>`
    const tab = entry.indexOf("\t");
    if (tab === -1 || !entry.startsWith(" blob ", entry.indexOf(" "))) continue;
    files.set(entry.slice(tab + 1), entry.slice(entry.lastIndexOf(" ", tab) + 1, tab));
  }
  return files;
}
