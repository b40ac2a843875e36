import { join } from "node:path";
import type { Context } from "../platform/context.ts";
import { readIfExists } from "../platform/files.ts";
import type { Git } from "../platform/git.ts";
import { commitFiles } from "../platform/git-commit.ts";
import { sha256 } from "../platform/hash.ts";
import { type LastSession, readLastSession, writeLastSession } from "./session-file.ts";

/** What a session wants committed; its hashes tell later whether the files are still those. */
export function describeLeftOver(
  root: string,
  paths: readonly string[],
  message: string,
): LastSession["pending"] {
  const files = paths.flatMap((path) => {
    const bytes = readIfExists(join(root, path));
    return bytes === null ? [] : [[path, sha256(bytes)] as const];
  });
  return { message, files: Object.fromEntries(files) };
}

/**
 * Commits what the last session could not, because its sandbox keeps the repository read-only. A file that
 * somebody changed since is theirs to commit.
 *
 * @throws VibeopsError of git, and the left-over stays
 */
export async function commitLeftOver(root: string, target: Git, context: Context): Promise<string | null> {
  const last = readLastSession(root);
  if (last?.pending === undefined) return null;
  const { pending, ...done } = last;
  const untouched = Object.entries(pending.files).filter(([path, hash]) => {
    const bytes = readIfExists(join(root, path));
    return bytes !== null && sha256(bytes) === hash;
  });
  const paths = untouched.map(([path]) => join(root, path));
  const commit = paths.length === 0 ? null : await commitFiles(target, paths, pending.message, context);
  writeLastSession(root, { ...done, head: commit ?? done.head });
  return commit;
}
