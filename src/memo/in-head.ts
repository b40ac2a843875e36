import { type Git, git, gitPath, headCommit, tryGit } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";

/** Names that HEAD holds directly in a folder; absolute path. */
export type InHead = (directory: string) => ReadonlySet<string>;

/** What {@link readCommitted} asks git first. */
export function committedQuestion(target: Git, directories: readonly string[]): string[] {
  return [
    "ls-tree",
    "-z",
    "--name-only",
    "HEAD",
    ...directories.map((directory) => folderIn(target, directory)),
  ];
}

function folderIn(target: Git, directory: string): string {
  return `${gitPath(target, directory)}/`;
}

/** Tells what HEAD holds directly in one of these folders. */
export async function readCommitted(target: Git, directories: readonly string[]): Promise<InHead> {
  const args = committedQuestion(target, directories);
  const listed = await tryGit(target, args);
  // It fails where nothing is committed yet; whatever else is wrong, git says when it is asked again.
  const isEmpty = listed.exitCode !== 0 && (await headCommit(target)) === null;
  const output = listed.exitCode === 0 || isEmpty ? listed.stdout : await git(target, args);
  const paths = output.split("\0");
  return (directory) => {
    const folder = folderIn(target, directory);
    const inside = paths.filter((path) => path.startsWith(folder));
    return new Set(inside.map((path) => path.slice(folder.length)));
  };
}

/** Those of these files that HEAD holds; absolute paths. */
export async function keepCommitted(target: Git, paths: readonly string[]): Promise<ReadonlySet<string>> {
  if (paths.length === 0) return new Set();
  const names = paths.map((path) => `HEAD:${gitPath(target, path)}`);
  const objects = await readObjects(target, names);
  return new Set(paths.filter((_, i) => objects[i] !== null));
}
