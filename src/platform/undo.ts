import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { publishNew, syncDirectory } from "./files.ts";

/** Notes how the step that was just done is taken back. */
export type Undo = (step: () => void | Promise<void>) => void;

/**
 * Runs `act`; where it throws, what it noted is taken back, the last first, and its error goes on. For what ends in a
 * commit that may be refused. A kill takes nothing back: every step must be one that can be repeated.
 */
export async function allOrNothing<T>(act: (undo: Undo) => Promise<T>): Promise<T> {
  const steps: (() => void | Promise<void>)[] = [];
  try {
    return await act((step) => steps.unshift(step));
  } catch (error) {
    for (const step of steps) await tryStep(step);
    throw error;
  }
}

/** What cannot be taken back keeps nothing else from being so, and hides no error. */
async function tryStep(step: () => void | Promise<void>): Promise<void> {
  try {
    await step();
  } catch {
    // The first error says why.
  }
}

/** {@link publishNew}, to be taken back only where it was this call that created the file. */
export function publishUndoably(path: string, bytes: Uint8Array, undo: Undo): void {
  // Noted as soon as the name is there: what fails after that leaves it otherwise.
  publishNew(path, bytes, () =>
    undo(() => {
      rmSync(path, { force: true });
      syncDirectory(dirname(path));
    }),
  );
}
