import { type Git, gitPath, tryGit } from "../platform/git.ts";

/** A file's bytes in a commit; null where the commit or the file is not there. */
export async function readAtHead(target: Git, path: string, commit = "HEAD"): Promise<Buffer | null> {
  const result = await tryGit(target, ["cat-file", "blob", `${commit}:${gitPath(target, path)}`]);
  return result.exitCode === 0 ? result.stdoutBytes : null;
}
