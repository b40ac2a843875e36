import { VibeopsError } from "../errors.ts";
import { lstatOrNull } from "./files.ts";
import type { Git } from "./git.ts";
import { indexFile, withLockedIndex } from "./git-index.ts";

/** An index of fewer bytes lists so few files that git reads them sooner than another git is started. */
const LARGE_INDEX = 64 * 1024;

/**
 * Spares each later `git status` what it costs after a clone: git cannot tell whether a file of the second in which the
 * index was written changed after that ("racy git"), and reads it again until somebody writes the index. Done where the
 * index is large, nobody holds it, and it can be written.
 *
 * @param late absolute path of a committed file, of those that a checkout writes last: it is racy where any are
 */
export async function refreshRacyIndex(target: Git, late: string): Promise<void> {
  const index = indexFile(target);
  const written = lstatOrNull(index);
  const checkedOut = lstatOrNull(late);
  if (written === null || written.size < LARGE_INDEX || checkedOut === null) return;
  if (secondOf(checkedOut.mtimeMs) !== secondOf(written.mtimeMs)) return;
  if (lstatOrNull(`${index}.lock`) !== null) return;
  try {
    await withLockedIndex(target, async ({ refresh, publish }) => {
      await refresh();
      publish();
    });
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
  }
}

function secondOf(timeMs: number): number {
  return Math.floor(timeMs / 1000);
}
