import { linkSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { isSystemError, VibeopsError } from "../errors.ts";
import {
  ensureDirectory,
  findDirectory,
  lstatOrNull,
  publishNewUnsynced,
  readIfExists,
  readRegularFile,
  syncDirectory,
  writeFileDurably,
} from "../platform/files.ts";
import { randomSuffix } from "../platform/random-suffix.ts";
import type { Undo } from "../platform/undo.ts";
import type { Project } from "../project/project.ts";
import { makeVisible } from "../text/visible.ts";
import { QUARANTINE } from "./mailbox.ts";
import { maxMemoBytes } from "./memo.ts";

const REASON = ".reason.md";

/** What is to be set aside. */
export interface Refusal {
  path: string;
  /** Its name in the inbox, as it was; untrusted. */
  name: string;
  error: VibeopsError;
}

/** What was set aside, and the file beside it that says why. */
export interface Quarantined extends Refusal {
  reasonPath: string;
  /** Links, pipes, folders and what is too large stay out of the history: on this machine only, ignored by git. */
  isLocal: boolean;
}

/**
 * Moves what was refused to the quarantine, never over something, and writes the reason beside each. One pass, however
 * many. Returns the files to commit as well: the reasons, what may go into the history, the list of what may not.
 */
export function setAside(
  project: Project,
  refusals: readonly Refusal[],
  now: Date,
  undo: Undo,
): { quarantined: Quarantined[]; files: string[] } {
  if (refusals.length === 0) return { quarantined: [], files: [] };
  const directory = ensureDirectory(project.root, QUARANTINE);
  const quarantined = refusals.map((refusal) => moveAside(directory, refusal, now, undo));
  for (const folder of new Set([directory, ...refusals.map(({ path }) => dirname(path))]))
    syncDirectory(folder);
  const local = quarantined.filter(({ isLocal }) => isLocal);
  const ignored = local.length === 0 ? [] : [ignore(directory, local, undo)];
  const files = quarantined.flatMap(({ path, reasonPath, isLocal }) =>
    isLocal ? [reasonPath] : [path, reasonPath],
  );
  return { quarantined, files: [...files, ...ignored] };
}

function moveAside(directory: string, { path, name, error }: Refusal, now: Date, undo: Undo): Quarantined {
  const target = moveWithoutReplacing(path, directory, safeName(name));
  undo(() => linkThenUnlink(target, path));
  const isLocal = !isCommittable(target);
  const reasonPath = `${target}${REASON}`;
  publishNewUnsynced(reasonPath, Buffer.from(reasonText({ path, name, error }, isLocal, now)));
  undo(() => rmSync(reasonPath));
  return { name, path: target, reasonPath, error, isLocal };
}

function isCommittable(path: string): boolean {
  try {
    readRegularFile(path, { maxBytes: maxMemoBytes, temporaries: [] });
    return true;
  } catch (error) {
    if (error instanceof VibeopsError) return false;
    throw error;
  }
}

/** Or the person's next `git add -A` would take a link or a large file into the history. */
function ignore(directory: string, local: readonly Quarantined[], undo: Undo): string {
  const file = join(directory, ".gitignore");
  const bytes = readIfExists(file);
  const before = bytes?.toString("utf8") ?? "";
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  const lines = local.map(({ path }) => `/${path.slice(directory.length + 1)}\n`);
  writeFileDurably(file, Buffer.from(`${before}${gap}${lines.join("")}`));
  undo(() => (bytes === null ? rmSync(file) : writeFileDurably(file, bytes)));
  return file;
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
}

function reasonText({ name, error }: Refusal, isLocal: boolean, now: Date): string {
  const place = error.line === undefined ? "" : ` (line ${error.line})`;
  return [
    `# Set aside: ${makeVisible(name, { newlines: false })}`,
    "",
    `- when: ${now.toISOString()}`,
    `- reason: ${error.code}`,
    `- what is wrong: ${makeVisible(error.message, { newlines: false })}${place}`,
    `- what to do: ${makeVisible(error.fix ?? "ask the sender", { newlines: false })}`,
    ...(isLocal ? ["- kept: on this machine only; it is nothing for the history, and git ignores it"] : []),
    "",
  ].join("\n");
}

/** Names of what lies in quarantine, without the files that say why. */
export function listQuarantine(project: Pick<Project, "root">): string[] {
  const directory = findDirectory(project.root, QUARANTINE);
  if (directory === null) return [];
  return readdirSync(directory)
    .filter((name) => !name.endsWith(REASON) && !name.startsWith("."))
    .sort();
}
