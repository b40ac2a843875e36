import { type Git, git, headCommit } from "./git.ts";

/** What one commit did to one file. */
export interface FileCommit {
  readonly commit: string;
  readonly time: Date;
  /** git's letter: A added, M changed, D deleted, T became another kind of file. */
  readonly status: string;
  /** Object ids of the file's bytes; zeros where there are none. */
  readonly before: string;
  readonly after: string;
}

/** Every change of the files below some folders, by path as git names it, oldest first. */
export type Trail = ReadonlyMap<string, readonly FileCommit[]>;

const changeLine = /^:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) ([A-Z])/;

/**
 * Reads what the commits did to the files below these folders, in one pass over the history: along first parents, so
 * that what a branch did shows in the commit that merged it.
 */
export async function readTrail(target: Git, folders: readonly string[]): Promise<Trail> {
  const trail = new Map<string, FileCommit[]>();
  if ((await headCommit(target)) === null) return trail;
  const options = ["--first-parent", "-m", "--reverse", "--raw", "--no-abbrev", "--no-renames", "-z"];
  const output = await git(target, ["log", ...options, "--format=%x01%H %ct", "HEAD", "--", ...folders]);
  for (const record of output.split("\u0001").slice(1)) {
    const [header = "", ...fields] = record.split("\0");
    const [commit = "", seconds = ""] = header.trim().split(" ");
    const time = new Date(Number(seconds) * 1000);
    for (let at = 0; at + 1 < fields.length; at += 1) {
      const [, before, after, status] = changeLine.exec((fields[at] ?? "").trimStart()) ?? [];
      const path = fields[at + 1];
      if (before === undefined || after === undefined || status === undefined || path === undefined) continue;
      const changes = trail.get(path);
      const change = { commit, time, status, before, after };
      if (changes === undefined) trail.set(path, [change]);
      else changes.push(change);
      at += 1;
    }
  }
  return trail;
}

/** All commits that HEAD comes from. */
export async function listAncestors(target: Git): Promise<ReadonlySet<string>> {
  if ((await headCommit(target)) === null) return new Set();
  return new Set((await git(target, ["rev-list", "HEAD"])).split("\n").filter((line) => line !== ""));
}
