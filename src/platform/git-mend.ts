import { join } from "node:path";
import { type Git, gitDirectory } from "./git.ts";
import { sweepHolders } from "./git-holder.ts";
import { freeIndex } from "./git-index.ts";
import { breakLock } from "./lock.ts";
import { isDead, readOwner } from "./lock-owner.ts";
import { removeOrphans } from "./orphans.ts";

/**
 * Puts right what a killed vibeops left in the repository: its lock on the index, copies of that, refs that hold
 * commits nobody published, temporaries. Nothing that git or a person made is touched; repeating it changes nothing.
 *
 * @throws VibeopsError `git.read-only` where the repository cannot be written from here
 */
export async function mendGit(target: Git, now: Date): Promise<void> {
  const ours = join(gitDirectory(target), "vibeops.lock");
  const holder = readOwner(ours);
  if (holder !== null && isDead(holder)) breakLock(ours, holder);
  await freeIndex(target);
  await sweepHolders(target, now);
  removeOrphans(gitDirectory(target), now);
}
