import { Exit, VibeopsError } from "../errors.ts";
import { readIfExists, writeFileDurably } from "./files.ts";
import { withLock } from "./lock.ts";

/**
 * Replaces a file that others write too: under its lock, and only if it still holds `before` (null: it is not
 * there). A lost race is an error, never a lost edit.
 *
 * @throws VibeopsError `file.changed` (exit 7), `lock.held`
 */
export async function replaceFile(path: string, before: Uint8Array | null, after: Uint8Array): Promise<void> {
  await withLock(path, () => {
    const current = readIfExists(path);
    if (!sameBytes(current, before)) {
      throw new VibeopsError({
        code: "file.changed",
        exit: Exit.conflict,
        message: "somebody changed the file in the meantime; nothing was written",
        file: path,
        fix: "run the command again: it starts from the new text",
      });
    }
    writeFileDurably(path, after);
  });
}

export function sameBytes(one: Uint8Array | null, other: Uint8Array | null): boolean {
  if (one === null || other === null) return one === other;
  return Buffer.compare(one, other) === 0;
}
