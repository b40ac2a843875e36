import { linkSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { VibeopsError } from "../errors.ts";
import { isSystemError } from "../errors.ts";
import { ensureDirectory, findDirectory, lstatOrNull, publishNew, syncDirectory } from "../platform/files.ts";
import { randomSuffix } from "../platform/random-suffix.ts";
import type { Project } from "../project/project.ts";
import { makeVisible } from "../text/visible.ts";
import { QUARANTINE } from "./mailbox.ts";

const REASON = ".reason.md";

/** What was set aside, and the file beside it that says why. */
export interface Quarantined {
  /** Its name in the inbox, as it was; untrusted. */
  name: string;
  path: string;
  reasonPath: string;
  error: VibeopsError;
}

/** Moves whatever lies at `path` to the quarantine, never over something, and writes the reason beside it. */
export function setAside(
  project: Project,
  path: string,
  name: string,
  error: VibeopsError,
  now: Date,
): Quarantined {
  const directory = ensureDirectory(project.root, QUARANTINE);
  const target = moveWithoutReplacing(path, directory, safeName(name));
  const reasonPath = `${target}${REASON}`;
  publishNew(reasonPath, Buffer.from(reasonText(name, error, now)));
  return { name, path: target, reasonPath, error };
}

/** Any bytes that a file name may hold become a name that every file system and every terminal can bear. */
function safeName(name: string): string {
  const safe = name.replaceAll(/[^A-Za-z0-9._-]/gu, "_").slice(0, 160);
  return /^[A-Za-z0-9]/.test(safe) ? safe : `x${safe}`;
}

function moveWithoutReplacing(path: string, directory: string, name: string): string {
  for (let target = join(directory, name); ; target = join(directory, `${randomSuffix()}-${name}`)) {
    if (lstatOrNull(target) !== null) continue;
    try {
      linkThenUnlink(path, target);
      return target;
    } catch (error) {
      if (!isSystemError(error, "EEXIST")) throw error;
    }
  }
}

/** link() refuses to replace; what cannot be linked (a folder) is renamed to a name that was just seen free. */
function linkThenUnlink(path: string, target: string): void {
  try {
    linkSync(path, target);
    rmSync(path);
  } catch (error) {
    if (!isSystemError(error, "EPERM", "EISDIR", "EMLINK", "EXDEV")) throw error;
    renameSync(path, target);
  }
  syncDirectory(join(target, ".."));
  syncDirectory(join(path, ".."));
}

function reasonText(name: string, error: VibeopsError, now: Date): string {
  const place = error.line === undefined ? "" : ` (line ${error.line})`;
  return [
    `# Set aside: ${makeVisible(name, { newlines: false })}`,
    "",
    `- when: ${now.toISOString()}`,
    `- reason: ${error.code}`,
    `- what is wrong: ${makeVisible(error.message, { newlines: false })}${place}`,
    `- what to do: ${makeVisible(error.fix ?? "ask the sender", { newlines: false })}`,
    "",
  ].join("\n");
}

/** Names of what lies in quarantine, without the files that say why. */
export function listQuarantine(project: Project): string[] {
  const directory = findDirectory(project.root, QUARANTINE);
  if (directory === null) return [];
  return readdirSync(directory)
    .filter((name) => !name.endsWith(REASON) && !name.startsWith("."))
    .sort();
}
