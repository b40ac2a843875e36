import { join } from "node:path";
import { argumentsWithoutFilters, type Git, git, gitPath, mayNameFilters } from "../platform/git.ts";

/** A path that differs from HEAD, and how: the two letters of `git status --porcelain`. */
export interface Uncommitted {
  /** Relative to the project, with forward slashes. */
  path: string;
  status: string;
}

/** What these hold is named elsewhere, or is local. */
const OWN_FOLDERS = ["memos/outgoing/", "memos/quarantine/", ".vibeops/"];

/** What below the project differs from HEAD; a folder that is new as a whole is one entry, the memos' apart. */
export async function listUncommitted(target: Git, root: string): Promise<Uncommitted[]> {
  const changes = await readStatus(target, root, "normal", root);
  const isMemoFolder = ({ path }: Uncommitted) => path === "memos/" || path === "memos/incoming/";
  if (!changes.some(isMemoFolder)) return changes;
  const memos = await readStatus(target, root, "all", join(root, "memos"));
  const others = changes.filter(({ path }) => !path.startsWith("memos/"));
  return [...others, ...memos].sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** What {@link listUncommitted} asks git first; nothing where it has to know the repository's filters before, to start none. */
export function uncommittedQuestions(target: Git, root: string): string[][] {
  return mayNameFilters(target) ? [] : [statusArguments([], "normal", root)];
}

function statusArguments(filters: readonly string[], untracked: "normal" | "all", below: string): string[] {
  return [
    ...filters,
    "--no-optional-locks",
    "--literal-pathspecs",
    "status",
    "--porcelain=v1",
    "-z",
    "--no-renames",
    // A git in there would run with settings of its own.
    "--ignore-submodules=dirty",
    `--untracked-files=${untracked}`,
    "--",
    below,
  ];
}

async function readStatus(
  target: Git,
  root: string,
  untracked: "normal" | "all",
  below: string,
): Promise<Uncommitted[]> {
  const filters = await argumentsWithoutFilters(target);
  const output = await git(target, statusArguments(filters, untracked, below));
  const prefix = root === target.top ? "" : `${gitPath(target, root)}/`;
  return output
    .split("\0")
    .filter((entry) => entry !== "")
    .map((entry) => ({ status: entry.slice(0, 2), path: relativeTo(prefix, entry.slice(3)) }))
    .filter(({ path }) => !OWN_FOLDERS.some((folder) => path.startsWith(folder)));
}

/** Git names a new folder that holds the whole project by the folder above. */
function relativeTo(prefix: string, path: string): string {
  return path.startsWith(prefix) ? path.slice(prefix.length) || "." : ".";
}

export function isUntouched(changes: readonly Uncommitted[], path: string): boolean {
  return !changes.some((change) => change.path === path || change.path === ".");
}
