import { dirname, join } from "node:path";
import { lstatOrNull } from "./files.ts";
import { type Git, gitPath, tryGit } from "./git.ts";

/**
 * Those of these files, by their absolute paths, that a commit here may take in: none in a repository of its own below
 * this one, whose link in our tree a folder would replace, and none that git was told to ignore and does not know yet.
 */
export async function keepOwnFiles(target: Git, files: readonly string[]): Promise<string[]> {
  const ours = files.filter((file) => !isInOtherRepository(target.top, file));
  if (ours.length === 0) return [];
  const names = ours.map((file) => gitPath(target, file));
  const { stdout } = await tryGit(target, ["check-ignore", "-z", "--stdin"], names.join("\0"));
  const ignored = new Set(stdout.split("\0"));
  return ours.filter((_, i) => !ignored.has(names[i] ?? ""));
}

function isInOtherRepository(top: string, file: string): boolean {
  for (let folder = dirname(file); folder.length > top.length; folder = dirname(folder)) {
    if (lstatOrNull(join(folder, ".git")) !== null) return true;
  }
  return false;
}
