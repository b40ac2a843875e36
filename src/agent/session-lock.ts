import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { ensureDirectory } from "../platform/folders.ts";
import { acquireLock } from "../platform/lock.ts";

/**
 * Runs a session while no other plays the same role here: two would do the same memos twice, and a second one would take
 * the conversation of the first for one that was cut off.
 *
 * @throws VibeopsError `agent.running`
 */
export async function runAlone<T>(root: string, role: string, act: () => Promise<T>): Promise<T> {
  const lock = join(ensureDirectory(root, ".vibeops"), `agent-${role}.lock`);
  const held = await acquireLock(lock, undefined, 0).catch((error: unknown) => {
    throw error instanceof VibeopsError && error.code === "lock.held" ? running(role, error) : error;
  });
  try {
    return await act();
  } finally {
    held.release();
  }
}

function running(role: string, held: VibeopsError): VibeopsError {
  return new VibeopsError({
    code: "agent.running",
    exit: Exit.conflict,
    message: `a session of ${role} runs here already: ${held.message}`,
    file: held.file,
    fix: "wait for its end or stop it; if that process is gone, delete the lock file",
  });
}
