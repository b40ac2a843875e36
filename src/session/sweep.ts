import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { ARCHIVED, INCOMING, OUTGOING, QUARANTINE, SENT } from "../memo/mailbox.ts";
import { lstatOrNull } from "../platform/files.ts";
import type { Git } from "../platform/git.ts";
import { mendGit } from "../platform/git-mend.ts";
import { compactTime } from "../platform/ids.ts";
import { findLeftOvers, removeLeftOvers } from "../platform/left-overs.ts";
import { RUNBOOKS_FOLDER } from "../runbook/runbook-paths.ts";

/**
 * Removes what a vibeops that was killed left: temporaries and locks in the project's folders, locks, copies and refs
 * in the repository. Of the folders that are kept by months, and of runbooks, this month's and the last one's are looked at; the inbox
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
  const isRecent = (id: string) => months.some((time) => id.startsWith(compactTime(time).slice(0, 6)));
  const prepared = [
    ...foldersIn(root, "deploy"),
    ...foldersIn(root, RUNBOOKS_FOLDER).filter((path) => isRecent(basename(path))),
  ];
  return ["", ".vibeops", INCOMING, OUTGOING, QUARANTINE, ...byMonth, ...prepared].map((folder) =>
    join(root, folder),
  );
}

/** The folders in a folder of the project; none where it is not there, or no folder of the project's. */
function foldersIn(root: string, folder: string): string[] {
  const path = join(root, folder);
  if (lstatOrNull(path)?.isDirectory() !== true) return [];
  const entries = readdirSync(path, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return entries.map((entry) => `${folder}/${entry.name}`);
}
