import { join } from "node:path";
import { readIfExists, writeFileDurably } from "../platform/files.ts";
import { ensureDirectory } from "../platform/folders.ts";

/**
 * Names of pending memos that an intake has checked, as this machine remembers it. It may be deleted at any time:
 * what is not in it is checked again, as it first came.
 */
const FILE = "taken-in";

export function readTakenIn(root: string): Set<string> {
  const bytes = readIfExists(join(root, ".vibeops", FILE));
  return new Set(
    bytes === null
      ? []
      : bytes
          .toString("utf8")
          .split("\n")
          .filter((name) => name !== ""),
  );
}

export function writeTakenIn(root: string, names: ReadonlySet<string>): void {
  const path = join(ensureDirectory(root, ".vibeops"), FILE);
  writeFileDurably(
    path,
    Buffer.from(
      [...names]
        .sort()
        .map((name) => `${name}\n`)
        .join(""),
    ),
  );
}
