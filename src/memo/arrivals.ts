import { VibeopsError } from "../errors.ts";
import type { Git } from "../platform/git.ts";
import { type Addition, readAdditions } from "./additions.ts";
import type { StoredMemo } from "./mailbox.ts";
import { parseMemo } from "./memo.ts";

/** A memo that no intake has checked, as it first came. */
export interface Arrival {
  stored: StoredMemo;
  /** The bytes that its sender vouches for: a person may have committed it, and ticked it, before any intake. */
  original: StoredMemo;
  /** When it came: a grant that ended since covered it then. */
  came: Date;
}

/** What lies in the inbox and was not checked before. `committed`: names there that HEAD holds. */
export async function readArrivals(
  target: Git,
  directory: string,
  unseen: readonly StoredMemo[],
  committed: ReadonlySet<string>,
  now: Date,
): Promise<Arrival[]> {
  const names = unseen.map(({ name }) => name).filter((name) => committed.has(name));
  const additions =
    names.length === 0 ? new Map<string, Addition>() : await readAdditions(target, directory, names);
  return unseen.map((stored) => {
    const addition = additions.get(stored.name);
    if (addition === undefined) return { stored, original: stored, came: now };
    return { stored, original: originalOf(stored, addition, now), came: addition.time };
  });
}

/** Where the first bytes were no memo, today's are what is held against the sender's copy. */
function originalOf(stored: StoredMemo, addition: Addition, now: Date): StoredMemo {
  try {
    return { ...stored, memo: parseMemo(addition.bytes, { file: stored.path, now }) };
  } catch (error) {
    if (error instanceof VibeopsError) return stored;
    throw error;
  }
}
