import { join } from "node:path";
import { isSystemError, VibeopsError } from "../errors.ts";
import { type Git, gitDirectory } from "../platform/git.ts";
import { readOnlyGit } from "../platform/git-head.ts";
import { MAIL_LOCK } from "../platform/git-mend.ts";
import { acquireLock, type HeldLock } from "../platform/lock.ts";

/** Whoever has a large inbox to take in may need as long. */
const WAIT_MS = 60_000;

/**
 * Runs `act` while nobody else takes in or ends mail of this work tree, or writes its STATE.md: what one of them moves,
 * another has just read, and what is written into a file first is committed first.
 *
 * @throws VibeopsError `lock.held` (exit 7), `git.read-only`
 */
export async function withMailTurn<T>(target: Git, act: () => Promise<T>): Promise<T> {
  const held = await takeTurn(join(gitDirectory(target), MAIL_LOCK));
  try {
    return await act();
  } finally {
    held.release();
  }
}

/** As {@link withMailTurn}; where git can only be read, nobody commits, and there is no turn to wait for. */
export async function withTurnIfWritable<T>(target: Git, act: () => Promise<T>): Promise<T> {
  const held = await takeTurn(join(gitDirectory(target), MAIL_LOCK)).catch((error: unknown) => {
    if (error instanceof VibeopsError && error.code === "git.read-only") return null;
    throw error;
  });
  try {
    return await act();
  } finally {
    held?.release();
  }
}

async function takeTurn(lock: string): Promise<HeldLock> {
  try {
    return await acquireLock(lock, undefined, WAIT_MS);
  } catch (error) {
    if (isSystemError(error, "EROFS", "EACCES", "EPERM")) throw readOnlyGit(lock, error);
    throw error;
  }
}
