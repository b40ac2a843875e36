import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { ensureDirectory } from "../platform/folders.ts";
import { withLock } from "../platform/lock.ts";
import { readOwner } from "../platform/lock-owner.ts";
import type { Gate } from "./gate.ts";

/** A person may sit at a walk for hours: whoever comes second is told at once, and waits for nothing but a commit. */
const WAIT_MS = 1000;

/**
 * Walks, verifies or closes a runbook while nobody else does so in this checkout.
 *
 * @throws VibeopsError `lock.held` (exit 7) with who does, and what `act` throws
 */
export async function withTurn<T>(gate: Gate, id: string, act: () => Promise<T>): Promise<T> {
  const path = join(ensureDirectory(gate.project.root, ".vibeops"), `walk-${id}`);
  const lock = `${path}.lock`;
  try {
    return await withLock(path, act, WAIT_MS);
  } catch (error) {
    if (!(error instanceof VibeopsError) || error.code !== "lock.held" || error.file !== lock) throw error;
    throw taken(lock);
  }
}

function taken(lock: string): VibeopsError {
  const owner = readOwner(lock);
  const who = owner === null ? "" : `: process ${owner.pid} on ${owner.host}`;
  const end = owner === null ? "end it" : `end it (kill ${owner.pid})`;
  return new VibeopsError({
    code: "lock.held",
    exit: Exit.conflict,
    message: `somebody walks, verifies or closes this runbook right now${who}`,
    file: lock,
    fix: `go on there; if nobody sits there any more, ${end} and type this again: the record keeps all of it`,
  });
}
