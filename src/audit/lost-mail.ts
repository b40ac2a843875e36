import { basename, join } from "node:path";
import { idOfFileName } from "../memo/file-name.ts";
import { ARCHIVED, INCOMING, QUARANTINE } from "../memo/mailbox.ts";
import { findDirectory, listNames } from "../platform/folders.ts";
import type { Finding } from "../text/finding.ts";
import { readOrTell } from "./findings.ts";

/**
 * Memos that came in and were neither ended nor set aside: somebody removed them. A person may have had a reason, so that
 * is no error.
 *
 * @param came by the ids of memos, where each of them came to, as git names it below `top`
 * @param kept paths of what was ended or sent, be it there or not
 */
export function findLost(
  { root, top }: { root: string; top: string },
  came: ReadonlyMap<string | null, readonly { readonly path: string }[]>,
  kept: readonly string[],
): Finding[] {
  const [incoming, quarantine] = [INCOMING, QUARANTINE].map((folder) => {
    return readOrTell(() => namesIn(root, folder), folder);
  });
  const unread = [...(incoming?.unread ?? []), ...(quarantine?.unread ?? [])];
  // What lies in there, nobody knows.
  if (unread.length > 0) return unread;
  const ended = kept.filter((path) => path.includes(`${ARCHIVED}/`)).map((path) => basename(path));
  const found = new Set([...ended, ...(incoming?.read ?? [])].map(idOfFileName));
  const findings: Finding[] = [];
  for (const [id, [first]] of came) {
    if (id === null || first === undefined || found.has(id)) continue;
    // The names of what was set aside may begin with something else.
    if (quarantine?.read.some((name) => name.includes(id))) continue;
    findings.push({
      rule: "audit.memo-lost",
      level: "warning",
      message: "this memo came in, and is gone without having been ended",
      file: join(top, first.path),
      fix: `see who removed it: git log -- ${first.path}`,
    });
  }
  return findings;
}

function namesIn(root: string, folder: string): readonly string[] {
  const directory = findDirectory(root, folder);
  return directory === null ? [] : listNames(directory);
}
