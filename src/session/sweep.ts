import { join } from "node:path";
import { ARCHIVED, INCOMING, OUTGOING, QUARANTINE, SENT } from "../memo/mailbox.ts";
import type { Git } from "../platform/git.ts";
import { mendGit } from "../platform/git-mend.ts";
import { removeOrphans } from "../platform/orphans.ts";

/**
 * Removes what a vibeops that was killed left: temporaries in the project's folders, locks, copies and refs in the
 * repository. Of the folders that are kept by months, this month's and the last one's are looked at.
 *
 * @throws VibeopsError `git.read-only` where there is something and the repository cannot be written from here
 */
export async function sweepLeftOvers(root: string, target: Git, now: Date): Promise<void> {
  const months = [now, new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1))];
  const byMonth = months.flatMap((time) => {
    const month = time.toISOString().slice(0, 7);
    return [`${SENT}/${month}`, `${ARCHIVED}/${month}`];
  });
  for (const folder of ["", ".vibeops", INCOMING, OUTGOING, QUARANTINE, ...byMonth]) {
    removeOrphans(join(root, folder), now);
  }
  await mendGit(target, now);
}
