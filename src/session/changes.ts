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

/** What {@link readChanges} asks git first. */
export function changesQuestions(root: string, since: string | null): string[][] {
  if (since === null) return [latestQuestion(root)];
  return [sinceQuestion(root, since), summaryQuestion(root, since)];
}

export async function readChanges(target: Git, root: string, since: string | null): Promise<Changes> {
  if (since === null) return await readLatest(target, root);
  const [commits, summary] = await Promise.all([
    readLog(target, sinceQuestion(root, since)),
    tryGit(target, summaryQuestion(root, since)),
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
  const commits = await readLog(target, latestQuestion(root));
  if (commits === null) return NO_CHANGES;
  return { ...NO_CHANGES, commits: commits.slice(0, FIRST_COMMITS), more: commits.length > FIRST_COMMITS };
}

function latestQuestion(root: string): string[] {
  return logArguments("HEAD", root, FIRST_COMMITS + 1);
}

function sinceQuestion(root: string, since: string): string[] {
  return logArguments(`${since}..HEAD`, root, MAX_COMMITS + 1);
}

function summaryQuestion(root: string, since: string): string[] {
  return ["--literal-pathspecs", "diff", "--shortstat", since, "HEAD", "--", root];
}

function logArguments(range: string, root: string, count: number): string[] {
  return [
    "--literal-pathspecs",
    "log",
    "--no-show-signature",
    "--no-color",
    `-n${count}`,
    "--format=%h%x00%as%x00%an%x00%s",
    range,
    "--",
    root,
  ];
}

/** Null where the range cannot be read: no commit yet, or one that is gone. */
async function readLog(target: Git, question: readonly string[]): Promise<Commit[] | null> {
  const result = await tryGit(target, question);
  if (result.exitCode !== 0) return null;
  const lines = result.stdout.split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const [hash = "", date = "", author = "", subject = ""] = line.split("\0");
    return { hash, date, author, subject };
  });
}
