import { sha256 } from "../platform/hash.ts";
import { unifiedDiff } from "../text/diff.ts";

/** A file that a preparation wants to be there. */
export interface PreparedFile {
  /** Below the project's root, forward slashes. */
  path: string;
  content: string;
  /** As it is, where it need not be text: `content` only shows it then. */
  bytes?: Buffer;
}

export function bytesOf({ content, bytes }: PreparedFile): Buffer {
  return bytes ?? Buffer.from(content);
}

/**
 * What happens to it: `kept-edited` means that its bytes are not the ones that we wrote, so a person changed them;
 * it is left alone, and the diff shows what we would have made of it.
 */
type FileAction = "create" | "update" | "unchanged" | "kept-edited";

export interface PlannedFile extends PreparedFile {
  action: FileAction;
  /** Unified, from what is there to `content`; empty where nothing differs. */
  diff: string;
  /** What was there when the plan was made; null for nothing. */
  before: Buffer | null;
}

/**
 * Decides for one file by what is there and by the hash of what we wrote the last time (undefined: never).
 */
export function planFile(
  file: PreparedFile,
  before: Buffer | null,
  written: string | undefined,
): PlannedFile {
  if (before === null)
    return { ...file, action: "create", diff: unifiedDiff("", file.content, file.path), before };
  if (before.equals(bytesOf(file))) return { ...file, action: "unchanged", diff: "", before };
  const action = written === sha256(before) ? "update" : "kept-edited";
  return { ...file, action, diff: unifiedDiff(before.toString("utf8"), file.content, file.path), before };
}
