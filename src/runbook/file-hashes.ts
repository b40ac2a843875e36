import { VibeopsError } from "../errors.ts";
import { sha256 } from "../platform/hash.ts";
import type { FileSource } from "./compile-runbook.ts";

/** What a statement says of a file that the runbook installs or calls. */
export function hashFile(files: FileSource, path: string): string {
  try {
    return sha256(files.readFile(path));
  } catch (error) {
    // A file that is gone or became a link has no bytes of its own any more.
    if (error instanceof VibeopsError) return "absent";
    throw error;
  }
}

/** What it says of one of the rules. */
export function hashOrAbsent(bytes: Buffer | null): string {
  return bytes === null ? "absent" : sha256(bytes);
}
