import { type Dirent, readdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../../errors.ts";
import { lstatOrNull } from "../../platform/files.ts";
import { isWithin } from "../../platform/work-trees.ts";
import { chooseInFolder } from "../compose-file/choose-files.ts";
import type { ComposeFiles } from "../compose-file/compose-files.ts";
import { kindByName } from "./file-kind.ts";

/** Where no configuration of this tree lies. */
const SKIPPED = new Set([
  ".git",
  ".hg",
  ".svn",
  "node_modules",
  "vendor",
  ".venv",
  "venv",
  "__pycache__",
  ".terraform",
  ".vibeops",
  ".cache",
  "dist",
  "target",
]);
const MAX_DEPTH = 24;
const MAX_FOLDERS = 50_000;

export interface FoundFiles {
  readonly files: readonly string[];
  /** Links that lead out of the folder. */
  readonly strays: readonly string[];
  /** Whether there were more folders than are looked into. */
  readonly isCutOff: boolean;
}

/**
 * Files below a folder that lint has rules for, sorted, also what only has such a name; links are not followed.
 *
 * @param composeFiles to find the Compose files of any name that a `.env` chooses
 */
export function findFiles(folder: string, composeFiles: ComposeFiles): FoundFiles {
  const entries: { entry: Dirent; path: string }[] = [];
  const queue = [{ path: folder, depth: 0 }];
  let count = 0;
  for (let next = queue.shift(); next !== undefined && count < MAX_FOLDERS; next = queue.shift()) {
    count += 1;
    const { path: here, depth } = next;
    const listed = listEntries(here).map((entry) => ({ entry, path: join(here, entry.name) }));
    for (const { path } of listed.filter(({ entry }) => entry.isDirectory() && !SKIPPED.has(entry.name)))
      if (depth < MAX_DEPTH) queue.push({ path, depth: depth + 1 });
    const named = new Set(chooseInFolder(here, composeFiles));
    entries.push(
      ...listed.filter(
        ({ entry, path }) => !entry.isDirectory() && (kindByName(path) !== "other" || named.has(path)),
      ),
    );
  }
  const root = realpathSync(folder);
  const files = entries.filter(({ entry }) => !entry.isSymbolicLink()).map(({ path }) => path);
  const strays = entries
    .filter(({ entry, path }) => entry.isSymbolicLink() && !staysInside(path, root))
    .map(({ path }) => path);
  return { files: files.toSorted(), strays: strays.toSorted(), isCutOff: queue.length > 0 };
}

function listEntries(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (isSystemError(error, "EACCES", "EPERM", "ENOENT")) return [];
    throw error;
  }
}

/** What it leads to is found by its own name then. */
function staysInside(link: string, root: string): boolean {
  try {
    return isWithin(realpathSync(link), root);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ELOOP", "EACCES")) return false;
    throw error;
  }
}

/** Whether a name is a folder; a link to one counts, since somebody named it. */
export function isFolderName(path: string): boolean {
  const stats = lstatOrNull(path);
  if (stats?.isSymbolicLink() !== true) return stats?.isDirectory() === true;
  try {
    return lstatOrNull(realpathSync(path))?.isDirectory() === true;
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ELOOP", "EACCES")) return false;
    throw error;
  }
}
