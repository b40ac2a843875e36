import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../platform/context.ts";
import { readIfExists, writeFileDurably } from "../platform/files.ts";
import { type Git, headCommit } from "../platform/git.ts";
import { sha256 } from "../platform/hash.ts";
import { stateDirectory } from "../platform/person.ts";
import type { Finding } from "../text/finding.ts";

/** Where this person's machine remembers which commit it saw last in a repository: outside of it. */
function seenFile(env: Context["env"], target: Git): string {
  return join(stateDirectory(env), "seen", sha256(target.top));
}

/** The commit that the last audit on this machine ended at; null where there was none. */
export function lastSeenCommit(env: Context["env"], target: Git): string | null {
  const commit = readIfExists(seenFile(env, target))?.toString("utf8").trim();
  return commit !== undefined && /^[0-9a-f]{40,64}$/.test(commit) ? commit : null;
}

/** Remembers HEAD for the next audit; not to be called where the history turned out to be rewritten. */
export async function rememberCommit(env: Context["env"], target: Git): Promise<void> {
  const head = await headCommit(target);
  if (head === null) return;
  mkdirSync(join(stateDirectory(env), "seen"), { recursive: true, mode: 0o700 });
  writeFileDurably(seenFile(env, target), Buffer.from(`${head}\n`), 0o600);
}

/** A commit that something on record names and that HEAD does not come from. */
export function requireAncestor(
  ancestors: ReadonlySet<string>,
  commit: string,
  where: { readonly what: string; readonly file?: string },
): Finding[] {
  if (commit === "none" || ancestors.has(commit)) return [];
  return [
    {
      rule: "audit.history",
      level: "error",
      message: `${where.what} commit ${commit.slice(0, 12)}, which HEAD does not come from: the history was rewritten`,
      ...(where.file === undefined ? {} : { file: where.file }),
      fix: `look for it: git reflog, git branch --contains ${commit.slice(0, 12)}`,
    },
  ];
}
