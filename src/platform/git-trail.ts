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

const changeLine = /^:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) ([A-Z])/;
const headerLine = /^([0-9a-f]{40,64}) (\d+)$/;

/**
 * Reads what these commits did to the files below these folders. Each commit is held against each of its parents, and
 * the first one against nothing: a story that came in by a merge is told as well as the one that it met. With plumbing,
 * which no configuration bends.
 */
export async function readTrail(
  target: Git,
  commits: ReadonlySet<string>,
  folders: readonly string[],
): Promise<Trail> {
  const options = ["--stdin", "-m", "--root", "-r", "--raw", "--no-abbrev", "--no-renames", "-z"];
  const args = ["--literal-pathspecs", "diff-tree", ...options, "--format=%H %ct", "--", ...folders];
  const input = [...commits].reverse().map((commit) => `${commit}\n`);
  return parseTrail(await git(target, args, { input: input.join("") }));
}

function parseTrail(output: string): Trail {
  const trail = new Map<string, FileCommit[]>();
  const fields = output.split("\0");
  let [commit, time] = ["", new Date(0)];
  for (let at = 0; at < fields.length; at += 1) {
    const field = (fields[at] ?? "").trim();
    const [, before, after, status] = changeLine.exec(field) ?? [];
    if (before === undefined || after === undefined || status === undefined) {
      const [, name, seconds] = headerLine.exec(field) ?? [];
      if (name !== undefined) [commit, time] = [name, new Date(Number(seconds) * 1000)];
      continue;
    }
    // Whatever it looks like, the field after a change is its path.
    at += 1;
    const path = fields[at] ?? "";
    const changes = trail.get(path);
    const change = { commit, time, status, before, after };
    if (changes === undefined) trail.set(path, [change]);
    else changes.push(change);
  }
  return trail;
}

/** All commits that HEAD comes from, children before their parents. */
export async function listAncestors(target: Git): Promise<ReadonlySet<string>> {
  if ((await headCommit(target)) === null) return new Set();
  const output = await git(target, ["rev-list", "--topo-order", "HEAD"]);
  return new Set(output.split("\n").filter((line) => line !== ""));
}

/** The files below these folders in HEAD: path as git names it to object id. */
export async function readHeadFiles(
  target: Git,
  folders: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if ((await headCommit(target)) === null) return new Map();
  const output = await git(target, ["--literal-pathspecs", "ls-tree", "-r", "-z", "HEAD", "--", ...folders]);
  return new Map(
    output.split("\0").flatMap((entry) => {
      const [, id, path] = /^\d+ blob ([0-9a-f]+)\t([\s\S]+)$/.exec(entry) ?? [];
      return id === undefined || path === undefined ? [] : [[path, id]];
    }),
  );
}
