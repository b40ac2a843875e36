import { join } from "node:path";
import { ARCHIVED, INCOMING, OUTGOING, QUARANTINE, SENT } from "../memo/mailbox.ts";
import type { Git } from "../platform/git.ts";
import { mendGit } from "../platform/git-mend.ts";
import { findLeftOvers, removeLeftOvers } from "../platform/left-overs.ts";

/**
 * Removes what a vibeops that was killed left: temporaries and locks in the project's folders, locks, copies and refs
 * in the repository. Of the folders that are kept by months, this month's and the last one's are looked at; the inbox
 * is left to the intake, which lists it anyway.
 *
 * @throws VibeopsError `git.read-only` where there is something and the repository cannot be written from here
 */
export async function sweepLeftOvers(root: string, target: Git, now: Date): Promise<void> {
  const inbox = join(root, INCOMING);
  for (const folder of sweptFolders(root, now)) if (folder !== inbox) removeLeftOvers(folder, now);
  await mendGit(target, now);
}

/** The same in the project's folders alone. */
export function sweepFolders(root: string, now: Date): void {
  for (const folder of sweptFolders(root, now)) removeLeftOvers(folder, now);
}

/** What {@link sweepFolders} would remove, as absolute paths. */
export function findSwept(root: string, now: Date): string[] {
  return sweptFolders(root, now).flatMap((folder) => findLeftOvers(folder, now));
}

function sweptFolders(root: string, now: Date): string[] {
  const months = [now, new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1))];
  const byMonth = months.flatMap((time) => {
    const month = time.toISOString().slice(0, 7);
    return [`${SENT}/${month}`, `${ARCHIVED}/${month}`];
  });
  return ["", ".vibeops", INCOMING, OUTGOING, QUARANTINE, ...byMonth].map((folder) => join(root, folder));
}
