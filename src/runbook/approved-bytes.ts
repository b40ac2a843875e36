import { join } from "node:path";
import { readIfExists } from "../platform/files.ts";
import { type Git, gitPath, tryGit } from "../platform/git.ts";
import { sha256 } from "../platform/hash.ts";

/** How many versions of a file are looked at in its history. */
const MOST_VERSIONS = 100;

/**
 * The bytes of a file as a statement names them: from disk, from the commit that the statement names, or from the
 * file's history. What is returned has that hash, wherever it was found; null where git does not have it.
 *
 * @param path below the project's root
 */
export async function findApprovedBytes(
  git: Git,
  root: string,
  path: string,
  approved: { readonly sha256: string; readonly base: string },
): Promise<Buffer | null> {
  const file = join(root, path);
  const onDisk = readIfExists(file);
  if (onDisk !== null && sha256(onDisk) === approved.sha256) return onDisk;
  const name = gitPath(git, file);
  for (const blob of await blobsOf(git, name, approved.base)) {
    const { exitCode, stdoutBytes } = await tryGit(git, ["cat-file", "blob", blob]);
    if (exitCode === 0 && sha256(stdoutBytes) === approved.sha256) return stdoutBytes;
  }
  return null;
}

async function blobsOf(git: Git, name: string, base: string): Promise<Set<string>> {
  const atBase =
    base === "none"
      ? ""
      : (await tryGit(git, ["rev-parse", "--verify", "--quiet", `${base}:${name}`])).stdout;
  const options = ["--format=", "--raw", "--no-abbrev", "--no-renames", `--max-count=${MOST_VERSIONS}`];
  const log = (await tryGit(git, ["log", ...options, "--", `:(top,literal)${name}`])).stdout;
  const changed = Array.from(log.matchAll(/^:\d+ \d+ ([0-9a-f]+) ([0-9a-f]+) /gm), ([, before, after]) => [
    after,
    before,
  ]);
  const blobs = [atBase.trim(), ...changed.flat()].filter((id) => id !== undefined && /[1-9a-f]/.test(id));
  return new Set(blobs as string[]);
}
