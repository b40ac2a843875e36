import { closeSync, constants, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../errors.ts";
import { randomSuffix } from "./random-suffix.ts";
import { placed } from "./system-error.ts";

/** As {@link writeTemporary}; on EIO it starts again with a new file once, since the page may have been dropped. */
export function writeTemporarySurvivingEio(directory: string, bytes: Uint8Array, mode = 0o644): string {
  try {
    return writeTemporary(directory, bytes, mode);
  } catch (error) {
    if (!isSystemError(error, "EIO")) throw error;
    return writeTemporary(directory, bytes, mode);
  }
}

/** A file of ours with a name of its own, which {@link TEMPORARY_NAME} knows; nothing of it stays where it fails. */
export function writeTemporary(directory: string, bytes: Uint8Array, mode: number, synced = true): string {
  const temporary = join(directory, `.vibeops-${randomSuffix()}.tmp`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const descriptor = openSync(temporary, flags, mode);
  try {
    try {
      writeAll(descriptor, bytes);
      if (synced) fsyncSync(descriptor);
    } finally {
      // On some file systems this is where a full disk is first told of.
      closeSync(descriptor);
    }
  } catch (error) {
    removeTemporary(temporary);
    throw placed(error, directory);
  }
  return temporary;
}

/** write(2) may write less than it was given. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  let offset = 0;
  while (offset < bytes.length) offset += writeSync(descriptor, bytes, offset, bytes.length - offset);
}

/** A reader's intake may have been quicker; one that stays is swept later. Neither says anything about the file itself. */
export function removeTemporary(temporary: string): void {
  try {
    unlinkSync(temporary);
  } catch (error) {
    if (!(error instanceof Error && "syscall" in error)) throw error;
  }
}
