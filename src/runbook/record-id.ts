import { Exit, VibeopsError } from "../errors.ts";
import { newId } from "../platform/ids.ts";
import type { Gate } from "./gate.ts";

/** Within one second chance decides how two ids sort, and one that begins with z leaves little room above it. */
const TRIES = 100_000;
const TIME_LENGTH = "20261120T143211Z".length;

/**
 * An id for a record that sorts after the one before it: which is the latest is read from the names.
 *
 * @throws VibeopsError `record.clock` where the clock says that the one before it was written in the future
 */
export function nextRecordId({ context }: Gate, before: string | undefined): string {
  for (let i = 0; i < TRIES; i += 1) {
    const id = newId(context);
    if (before === undefined || id > before) return id;
    if (id.slice(0, TIME_LENGTH) < before.slice(0, TIME_LENGTH)) break;
  }
  throw new VibeopsError({
    code: "record.clock",
    exit: Exit.conflict,
    message: `the latest record here, ${before}, is dated after this machine's time, ${context.now().toISOString()}`,
    fix: "set the clock; if that record is the one with the wrong time, wait until it is past",
  });
}
