import { Exit, VibeopsError } from "../errors.ts";
import { boundText } from "./bounded-text.ts";
import type { RecordEvent } from "./record-event.ts";

/** A record that is longer is not read. */
export const MOST_RECORD_BYTES = 64 * 1024 * 1024;
/** From here on less is kept of what commands print: a value that a step captures is still whole. */
const SCARCE_BYTES = MOST_RECORD_BYTES / 2;
const SCARCE_TEXT = 4 * 1024;
/** From here on nothing more is begun, and what was begun can still be written down. */
const FULL_BYTES = MOST_RECORD_BYTES - 8 * 1024 * 1024;
const BEGINNINGS: readonly RecordEvent["event"][] = ["locked", "started", "retry", "rollback"];

/**
 * A line as there is room for it in a record of so many bytes, so that what was written can be read again.
 *
 * @throws VibeopsError `record.full` for what would begin something
 */
export function fitIntoRecord(event: RecordEvent, size: number, file: string): RecordEvent {
  if (size >= FULL_BYTES && BEGINNINGS.includes(event.event)) {
    throw new VibeopsError({
      code: "record.full",
      exit: Exit.refused,
      message: `this record has ${size} bytes, and no more is begun in it`,
      file,
      fix: "do by hand what cannot wait; put what is left into a runbook of its own: vibeops runbook new",
    });
  }
  return size < SCARCE_BYTES ? event : (boundTexts(event) as RecordEvent);
}

function boundTexts(event: RecordEvent): Record<string, unknown> {
  const texts = ["stdout", "stderr", "deviation"];
  const entries = Object.entries(event).map(([key, value]) => {
    return [key, texts.includes(key) && typeof value === "string" ? boundText(value, SCARCE_TEXT) : value];
  });
  return Object.fromEntries(entries);
}
