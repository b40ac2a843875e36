import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { publishNew, syncDirectory } from "./files.ts";

/** Notes how the step that was just done is taken back, and what is to be tidied up once nothing will be. */
export type Undo = (step: () => void | Promise<void>, settle?: () => void) => void;

/**
 * Runs `act`; where it throws, what it noted is taken back, the last first, and its error goes on. For what ends in a
 * commit that may be refused. A kill takes nothing back: every step must be one that can be repeated.
 */
export async function allOrNothing<T>(act: (undo: Undo) => Promise<T>): Promise<T> {
  const steps: (() => void | Promise<void>)[] = [];
  const settlements: (() => void)[] = [];
  const undo: Undo = (step, settle) => {
    steps.unshift(step);
    if (settle !== undefined) settlements.push(settle);
  };
  let result: T;
  try {
    result = await act(undo);
  } catch (error) {
    for (const step of steps) await tryStep(step);
    throw error;
  }
  for (const settle of settlements) await tryStep(settle);
  return result;
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
export function publishUndoably(path: string, bytes: Uint8Array, undo: Undo): "created" | "exists" {
  // Noted as soon as the name is there: what fails after that leaves it otherwise.
  return publishNew(path, bytes, () =>
    undo(() => {
      rmSync(path, { force: true });
      syncDirectory(dirname(path));
    }),
  );
}
