import { linkSync, readdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import {
  lstatOrNull,
  publishNew,
  publishNewUnsynced,
  readIfExists,
  readRegularFile,
  syncDirectory,
  writeFileDurably,
} from "../platform/files.ts";
import { ensureDirectory, findDirectory } from "../platform/folders.ts";
import { quoteAlways } from "../platform/quote.ts";
import { randomSuffix } from "../platform/random-suffix.ts";
import type { Undo } from "../platform/undo.ts";
import type { Project } from "../project/project.ts";
import { makeVisible } from "../text/visible.ts";
import { QUARANTINE } from "./mailbox.ts";
import { maxBytesLookedAt, maxMemoBytes } from "./memo.ts";

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
 * Moves what was refused to the quarantine, never over something, with the reason beside each. One pass, however many.
 * Returns the files to commit as well, with those of an earlier pass that was killed before its commit: the reasons,
 * what may go into the history, the list of what may not. What cannot be read just now stays where it is: nobody could
 * say which of the two it is. So does what cannot be moved: it hides no other.
 *
 * @param committed names that HEAD holds in the quarantine
 */
export function setAside(
  project: Project,
  refusals: readonly Refusal[],
  { now, committed }: { now: Date; committed: ReadonlySet<string> },
  undo: Undo,
): { quarantined: Quarantined[]; left: Refusal[]; files: string[] } {
  const found = findDirectory(project.root, QUARANTINE);
  if (refusals.length === 0 && found === null) return { quarantined: [], left: [], files: [] };
  const directory = found ?? ensureDirectory(project.root, QUARANTINE);
  const quarantined: Quarantined[] = [];
  const left: Refusal[] = [];
  for (const refusal of refusals) {
    try {
      quarantined.push(moveAside(directory, refusal, { now, committed }, undo));
    } catch (error) {
      if (!isUnreadable(error) && !isStuck(error)) throw error;
      left.push({ ...refusal, error });
    }
  }
  for (const folder of new Set(refusals.flatMap(({ path }) => [directory, dirname(path)])))
    syncDirectory(folder);
  // A place that HEAD knows already is settled, and holds something else now.
  const again = quarantined.flatMap(({ path, reasonPath, isLocal }) => (isLocal ? [] : [path, reasonPath]));
  const changed = again.filter((path) => committed.has(basename(path)));
  return { quarantined, left, files: [...settle(directory, committed, undo), ...changed] };
}

function isUnreadable(error: unknown): error is VibeopsError {
  return error instanceof VibeopsError && error.code === "file.unreadable";
}

/** Everything in there with a reason beside it that HEAD does not hold: to be committed, or to be ignored by git. */
function settle(directory: string, committed: ReadonlySet<string>, undo: Undo): string[] {
  const names = new Set(readdirSync(directory));
  const fresh = [...names].filter((name) => !committed.has(name)).sort();
  const reasons = fresh.filter((name) => name.endsWith(REASON));
  const local = reasons.filter((name) => isLocalBy(join(directory, name))).map(withoutReason);
  const kept = fresh.filter(
    (name) => names.has(`${name}${REASON}`) && !isLocalBy(join(directory, `${name}${REASON}`)),
  );
  const ignored = local.length === 0 ? [] : [ignore(directory, local, undo)];
  return [...[...kept, ...reasons].map((name) => join(directory, name)), ...ignored];
}

function withoutReason(name: string): string {
  return name.slice(0, -REASON.length);
}

const KEPT_HERE = "kept: on this machine only";

function isLocalBy(reasonPath: string): boolean {
  return readIfExists(reasonPath)?.includes(KEPT_HERE) ?? false;
}

/** The reason first, then the file: a kill in between leaves a file that the next intake refuses again, and finishes. */
function moveAside(
  directory: string,
  { path, name, error }: Refusal,
  { now, committed }: { now: Date; committed: ReadonlySet<string> },
  undo: Undo,
): Quarantined {
  const { target: first, isHalfMoved } = chooseTarget(path, directory, safeName(name));
  if (isHalfMoved) tryToMove(path, () => rmSync(path));
  const isLocal = error.code === "memo.secret" || !isCommittable(isHalfMoved ? first : path);
  // Git ignores no name that HEAD holds.
  const isTaken = isLocal && !isHalfMoved && committed.has(basename(first));
  const target = isTaken ? join(directory, `${randomSuffix()}-${basename(first)}`) : first;
  const reasonPath = `${target}${REASON}`;
  const reason = Buffer.from(reasonText({ path, name, error }, isLocal, now));
  const isNew = publishNewUnsynced(reasonPath, reason) === "created";
  if (isNew) undo(() => rmSync(reasonPath, { force: true }));
  else if (!isHalfMoved) replaceReason(reasonPath, reason, undo);
  if (!isHalfMoved)
    tryToMove(
      path,
      () => linkThenUnlink(path, target),
      () => isNew && rmSync(reasonPath),
    );
  undo(() => linkThenUnlink(target, path));
  return { name, path: target, reasonPath, error, isLocal };
}

/** Why the same one was set aside before, and put back by a person, is no reason any more. */
function replaceReason(path: string, reason: Buffer, undo: Undo): void {
  const before = readRegularFile(path);
  writeFileDurably(path, reason);
  undo(() => writeFileDurably(path, before));
}

/**
 * Gives up the places of what a person put back into the inbox and was taken in now, with the reasons that stand there.
 * Returns the paths that HEAD holds no longer, to be committed.
 *
 * @param committed names that HEAD holds in the quarantine
 */
export function clearReturned(
  project: Project,
  names: readonly string[],
  committed: ReadonlySet<string>,
  undo: Undo,
): string[] {
  const directory = findDirectory(project.root, QUARANTINE);
  if (directory === null) return [];
  const returned = names.filter((name) => lstatOrNull(join(directory, name)) === null);
  const places = returned.flatMap((name) => [name, `${name}${REASON}`]).filter((name) => committed.has(name));
  const paths = places.map((name) => join(directory, name));
  for (const path of paths) {
    const bytes = readIfExists(path);
    if (bytes === null) continue;
    rmSync(path);
    undo(() => writeFileDurably(path, bytes));
  }
  return paths;
}

/** A free name; or the one under which the file lies there already, where a kill cut its move in two. */
function chooseTarget(
  path: string,
  directory: string,
  name: string,
): { target: string; isHalfMoved: boolean } {
  for (let target = join(directory, name); ; target = join(directory, `${randomSuffix()}-${name}`)) {
    const [there, here] = [lstatOrNull(target), lstatOrNull(path)];
    if (there === null) return { target, isHalfMoved: false };
    if (there.ino === here?.ino && there.dev === here.dev) return { target, isHalfMoved: true };
  }
}

function isCommittable(path: string): boolean {
  try {
    readRegularFile(path, { maxBytes: maxMemoBytes, temporaries: [] });
    return true;
  } catch (error) {
    if (error instanceof VibeopsError && !isUnreadable(error)) return false;
    throw error;
  }
}

/** Or the person's next `git add -A` would take a link or a large file into the history. */
function ignore(directory: string, local: readonly string[], undo: Undo): string {
  const file = join(directory, ".gitignore");
  const bytes = readIfExists(file);
  const before = bytes?.toString("utf8") ?? "";
  const listed = new Set(before.split("\n"));
  const lines = local.map((name) => `/${name}`).filter((line) => !listed.has(line));
  if (lines.length === 0) return file;
  const gap = before === "" || before.endsWith("\n") ? "" : "\n";
  writeFileDurably(file, Buffer.from(`${before}${gap}${lines.map((line) => `${line}\n`).join("")}`));
  undo(() => (bytes === null ? rmSync(file) : writeFileDurably(file, bytes)));
  return file;
}

/** Any bytes that a file name may hold become a name that every file system and every terminal can bear. */
function safeName(name: string): string {
  const safe = name.replaceAll(/[^A-Za-z0-9._-]/gu, "_").slice(0, 160);
  const shown = /^[A-Za-z0-9]/.test(safe) ? safe : `x${safe}`;
  // Or it would be taken for the reason of another one, and be in no list; some disks know no case.
  return shown.toLowerCase().endsWith(REASON) ? `${shown}_` : shown;
}

const STUCK = "file.stuck";

function isStuck(error: unknown): error is VibeopsError {
  return error instanceof VibeopsError && error.code === STUCK;
}

/** Somebody else's file in a folder with the sticky bit, one that is mounted there, one that nobody may change. */
function tryToMove(path: string, move: () => void, takeBack: () => void = () => undefined): void {
  try {
    move();
  } catch (error) {
    if (!isSystemError(error, "EPERM", "EACCES", "EBUSY", "EXDEV")) throw error;
    takeBack();
    throw new VibeopsError({
      code: STUCK,
      exit: Exit.refused,
      message: `this is no memo, and cannot be moved to quarantine from here (${error.code})`,
      file: path,
      fix: `look whose it is, and move it away: ls -ld ${quoteAlways(path)}`,
      cause: error,
    });
  }
}

/** link() refuses to replace; what cannot be linked (a folder) is renamed to a name that was just seen free. */
function linkThenUnlink(path: string, target: string): void {
  try {
    linkSync(path, target);
  } catch (error) {
    if (!isSystemError(error, "EPERM", "EISDIR", "EMLINK", "EXDEV")) throw error;
    renameOrCopy(path, target);
    return;
  }
  try {
    rmSync(path);
  } catch (error) {
    rmSync(target);
    throw error;
  }
}

/** Over the border of a disk, where the inbox is one of its own: what is small enough to be looked at. */
function renameOrCopy(path: string, target: string): void {
  try {
    renameSync(path, target);
  } catch (error) {
    if (!isSystemError(error, "EXDEV")) throw error;
    const stats = lstatOrNull(path);
    if (stats?.isSymbolicLink()) symlinkSync(readlinkSync(path), target);
    else if (stats?.isFile() && stats.size <= maxBytesLookedAt) {
      publishNew(target, readRegularFile(path, { severalNames: true }));
    } else throw error;
    rmSync(path);
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
    ...(isLocal ? [`- ${KEPT_HERE}; it is nothing for the history, and git ignores it`] : []),
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
