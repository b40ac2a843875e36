import { type Dirent, readdirSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../errors.ts";
import { PROJECT_FILE } from "./discovery.ts";

export interface ProjectScan {
  /** Absolute paths, sorted. */
  readonly roots: readonly string[];
  /** Folders that may not be read from here. */
  readonly unreadable: readonly string[];
  /** Whether there is more below than was looked at. */
  readonly isCut: boolean;
}

export interface ScanLimits {
  /** How many levels of folders below the first one. */
  readonly depth: number;
  /** How many folders in all. */
  readonly folders: number;
}

/** What others put there, in thousands, and where no project of the person's lies. */
const SKIPPED = new Set(["node_modules", "memos", "runbooks"]);

/**
 * Finds the projects in a folder and below it: folders with a vibeops.yaml. Level by level, so that what is cut off is
 * what lies deepest. Follows no link and looks into no folder whose name begins with a dot.
 */
export function scanProjects(folder: string, limits: ScanLimits): ProjectScan {
  const roots: string[] = [];
  const unreadable: string[] = [];
  let level = [folder];
  let looked = 0;
  for (let depth = 0; depth <= limits.depth && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const directory of level) {
      looked += 1;
      if (looked > limits.folders) return { roots: roots.sort(), unreadable, isCut: true };
      const entries = readFolder(directory);
      if (entries === null) unreadable.push(directory);
      else if (entries.some((entry) => entry.name === PROJECT_FILE && entry.isFile())) roots.push(directory);
      next.push(...(entries ?? []).filter(isLookedInto).map((entry) => join(directory, entry.name)));
    }
    level = next;
  }
  return { roots: roots.sort(), unreadable, isCut: level.length > 0 };
}

function isLookedInto(entry: Dirent): boolean {
  return entry.isDirectory() && !entry.name.startsWith(".") && !SKIPPED.has(entry.name);
}

/** Null where it may not be read, or went away meanwhile. */
function readFolder(directory: string): Dirent[] | null {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (isSystemError(error, "EACCES", "EPERM", "EIO", "ENOENT", "ELOOP", "ENAMETOOLONG")) return null;
    throw error;
  }
}
