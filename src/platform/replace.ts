import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { lstatOrNull, readIfExists, syncDirectory, writeFileDurably } from "./files.ts";
import { withLock } from "./lock.ts";
import { writeTemporary } from "./temporary-file.ts";
import type { Undo } from "./undo.ts";

/**
 * Replaces a file that others write too: under its lock, and only if it still holds `before` (null: it is not
 * there). A lost race is an error, never a lost edit. Taken back only where nobody has changed it since. What makes a
 * commit fail may be that the disk is full by then, so the room that taking back needs is kept until it is settled.
 *
 * @throws VibeopsError `file.changed` (exit 7), `lock.held`
 */
export async function replaceFile(
  path: string,
  before: Uint8Array | null,
  after: Uint8Array,
  undo?: Undo,
): Promise<void> {
  if (undo === undefined) return await exchange(path, before, after);
  const giveBack = keepRoom(dirname(path), before);
  const takeBack = () => {
    giveBack();
    return exchange(path, after, before);
  };
  try {
    await exchange(path, before, after);
  } catch (error) {
    // It may have failed after the new text was in place; where it was not, there is nothing to take back.
    if (error instanceof VibeopsError) giveBack();
    else undo(takeBack, giveBack);
    throw error;
  }
  undo(takeBack, giveBack);
}

/** Room for a lock and for a file that is taken back, as temporaries of ours: whoever is killed leaves them to be swept. */
function keepRoom(directory: string, before: Uint8Array | null): () => void {
  const kept: string[] = [];
  const giveBack = () => {
    for (const path of kept) rmSync(path, { force: true });
  };
  try {
    const needed = [Buffer.alloc(LOCK_BYTES), ...(before === null ? [] : [before])];
    for (const bytes of needed) kept.push(writeTemporary(directory, bytes, 0o600, false));
  } catch (error) {
    giveBack();
    throw error;
  }
  return giveBack;
}

/** More than a lock has. */
const LOCK_BYTES = 1024;

async function exchange(path: string, before: Uint8Array | null, after: Uint8Array | null): Promise<void> {
  await withLock(path, () => {
    const current = readIfExists(path);
    if (!sameBytes(current, before)) {
      throw new VibeopsError({
        code: "file.changed",
        exit: Exit.conflict,
        message: "somebody changed the file in the meantime; nothing was written",
        file: path,
        fix: "run the command again: it starts from the new text",
      });
    }
    // What only its owner may read stays so.
    if (after !== null) writeFileDurably(path, after, modeOf(path));
    else {
      rmSync(path);
      syncDirectory(dirname(path));
    }
  });
}

function modeOf(path: string): number | undefined {
  const stats = lstatOrNull(path);
  return stats === null ? undefined : stats.mode & 0o777;
}

export function sameBytes(one: Uint8Array | null, other: Uint8Array | null): boolean {
  if (one === null || other === null) return one === other;
  return Buffer.compare(one, other) === 0;
}
