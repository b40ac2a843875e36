import { Exit, VibeopsError } from "../errors.ts";
import { argumentsWithoutFilters, type Git, git, gitPath, tryGit } from "../platform/git.ts";

/** What changed in a project between a commit and the files as they are now. */
export interface Change {
  readonly since: string;
  /** Paths below the project, with forward slashes, in order. */
  readonly files: readonly string[];
  /** A file as it was; null where it was not there. */
  readBefore(path: string): Promise<string | null>;
}

/** @throws VibeopsError `impact.revision` where there is no such commit */
export async function readChange(target: Git, root: string, revision: string): Promise<Change> {
  const commit = await resolveCommit(target, revision);
  const prefix = gitPath(target, root);
  const below = prefix === "" ? "" : `${prefix}/`;
  const place = ["--", prefix === "" ? "." : prefix];
  const plain = await argumentsWithoutFilters(target);
  const changed = await git(target, [
    ...plain,
    "--literal-pathspecs",
    "diff",
    "--name-only",
    "-z",
    "--no-renames",
    "--no-ext-diff",
    commit,
    ...place,
  ]);
  const fresh = await git(target, [
    "--literal-pathspecs",
    "ls-files",
    "--others",
    "--exclude-standard",
    "-z",
    ...place,
  ]);
  const names = `${changed}${fresh}`.split("\0").filter((name) => name !== "");
  const files = [...new Set(names.map((name) => name.slice(below.length)))].toSorted();
  return {
    since: revision,
    files,
    async readBefore(path) {
      const shown = await tryGit(target, ["cat-file", "blob", `${commit}:${below}${path}`]);
      return shown.exitCode === 0 ? shown.stdout : null;
    },
  };
}

async function resolveCommit(target: Git, revision: string): Promise<string> {
  const found = await tryGit(target, [
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${revision}^{commit}`,
  ]);
  if (found.exitCode === 0) return found.stdout.trim();
  throw new VibeopsError({
    code: "impact.revision",
    exit: Exit.notFound,
    message: `git knows no commit '${revision}'`,
    file: target.top,
    fix: "name a commit, a tag or a branch: --since v1.2.0",
  });
}
