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
  breakDeadLock(ownLock(target));
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
    ...findDeadOwnLock(target),
    ...findIndexLeftOvers(target),
    ...holders.map(({ ref }) => ref),
    ...findOrphans(gitDirectory(target), now),
  ];
}

/** Held by those of us that commit, one at a time. */
function ownLock(target: Git): string {
  return join(gitDirectory(target), "vibeops.lock");
}

function findDeadOwnLock(target: Git): string[] {
  const lock = ownLock(target);
  const owner = readOwner(lock);
  return owner !== null && isDead(owner) ? [lock] : [];
}
