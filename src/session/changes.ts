import { type Git, tryGit } from "../platform/git.ts";

export interface Commit {
  /** Abbreviated. */
  hash: string;
  /** `YYYY-MM-DD` */
  date: string;
  author: string;
  subject: string;
}

/** What was committed below the project's folder since the last session. */
export interface Changes {
  /** The commit at which the last session ended; null where there was none, or history no longer has it. */
  since: string | null;
  /** Newest first, at most fifty. */
  commits: readonly Commit[];
  /** Whether there are more than `commits` holds. */
  more: boolean;
  /** `3 files changed, 10 insertions(+)`; empty where nothing did. */
  summary: string;
}

const MAX_COMMITS = 50;

/** Without a last session: enough to see what the project is about. */
const FIRST_COMMITS = 10;

const NO_CHANGES: Changes = { since: null, commits: [], more: false, summary: "" };

export async function readChanges(target: Git, root: string, since: string | null): Promise<Changes> {
  if (since === null) return await readLatest(target, root);
  const range = `${since}..HEAD`;
  const [commits, summary] = await Promise.all([
    readLog(target, [range, "--", root], MAX_COMMITS + 1),
    tryGit(target, ["--literal-pathspecs", "diff", "--shortstat", since, "HEAD", "--", root]),
  ]);
  // A rebase and a garbage collection can take the commit away.
  if (commits === null) return await readLatest(target, root);
  return {
    since,
    commits: commits.slice(0, MAX_COMMITS),
    more: commits.length > MAX_COMMITS,
    summary: summary.exitCode === 0 ? summary.stdout.trim() : "",
  };
}

async function readLatest(target: Git, root: string): Promise<Changes> {
  const commits = await readLog(target, ["HEAD", "--", root], FIRST_COMMITS + 1);
  if (commits === null) return NO_CHANGES;
  return { ...NO_CHANGES, commits: commits.slice(0, FIRST_COMMITS), more: commits.length > FIRST_COMMITS };
}

/** Null where the range cannot be read: no commit yet, or one that is gone. */
async function readLog(target: Git, range: readonly string[], count: number): Promise<Commit[] | null> {
  const format = "--format=%h%x00%as%x00%an%x00%s";
  const result = await tryGit(target, [
    "--literal-pathspecs",
    "log",
    "--no-show-signature",
    "--no-color",
    `-n${count}`,
    format,
    ...range,
  ]);
  if (result.exitCode !== 0) return null;
  const lines = result.stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const [hash = "", date = "", author = "", subject = ""] = line.split("\0");
    return { hash, date, author, subject };
  });
}
