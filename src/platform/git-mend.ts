import { join } from "node:path";
import { type Git, gitDirectory } from "./git.ts";
import { findLeftHolders, sweepHolders } from "./git-holder.ts";
import { findIndexLeftOvers, freeIndex } from "./git-index.ts";
import { breakDeadLock } from "./left-overs.ts";
import { isDead, readOwner } from "./lock-owner.ts";
import { findOrphans, removeOrphans } from "./orphans.ts";

/**
 * Puts right what a killed vibeops left in the repository: its lock on the index, copies of that, refs that hold
 * commits nobody published, temporaries. Nothing that git or a person made is touched; repeating it changes nothing.
 *
 * @throws VibeopsError `git.read-only` where the repository cannot be written from here
 */
export async function mendGit(target: Git, now: Date): Promise<void> {
  for (const lock of ownLocks(target)) breakDeadLock(lock);
  await freeIndex(target);
  await sweepHolders(target, now);
  removeOrphans(gitDirectory(target), now);
}

/**
 * What {@link mendGit} would put right: paths, and names of refs.
 *
 * @throws VibeopsError `file.symlink`, `file.type` where something that is no lock was put in a lock's place
 */
export async function findGitLeftOvers(target: Git, now: Date): Promise<string[]> {
  const holders = await findLeftHolders(target, now);
  return [
    ...ownLocks(target).filter(isHeldByNobody),
    ...findIndexLeftOvers(target),
    ...holders.map(({ ref }) => ref),
    ...findOrphans(gitDirectory(target), now),
  ];
}

/** Held by those of us that take in or end mail, one at a time. */
export const MAIL_LOCK = "vibeops-mail.lock";

/** Beside it, the one of those that commit. */
function ownLocks(target: Git): string[] {
  return ["vibeops.lock", MAIL_LOCK].map((name) => join(gitDirectory(target), name));
}

function isHeldByNobody(lock: string): boolean {
  const owner = readOwner(lock);
  return owner !== null && isDead(owner);
}
