import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import { quoteAlways } from "./quote.ts";
import { removeTemporary, writeTemporary, writeTemporarySurvivingEio } from "./temporary-file.ts";

const DEFAULT_MAX_BYTES = 4 * 1024 * 1024;

/** Our own temporaries: intake knows them by this name and removes them. */
export const TEMPORARY_NAME = /^\.vibeops-[0-9a-f]{16}\.tmp$/;

export interface ReadOptions {
  /** Bytes; larger files are refused (`file.size`). 4 MiB unless told. */
  maxBytes?: number;
  /** A second hard link is no offence: for what is not judged by its content, as a lock. */
  severalNames?: boolean;
  /** Names of our own temporaries in its folder, where whoever reads many files has listed them already. */
  temporaries?: readonly string[];
  /**
   * For whoever reads many files: they are read into this where they fit, and what is returned is a part of it, good
   * until the next one.
   */
  buffer?: Buffer;
}

/**
 * The bytes of a regular file, reached without following a link at its end and without blocking on a FIFO.
 *
 * @throws VibeopsError `file.missing`, `file.unreadable`, `file.symlink`, `file.type`, `file.hardlink`, `file.size`
 */
export function readRegularFile(path: string, options: ReadOptions = {}): Buffer {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const descriptor = openWithoutFollowing(path);
  try {
    const stats = fstatSync(descriptor);
    refuseUnlessRegular(path, stats, options, descriptor);
    const tooLong = `the file has ${stats.size} bytes; at most ${maxBytes} are read`;
    if (stats.size > maxBytes) throw refusal(path, "file.size", tooLong, "make it shorter, or move it away");
    const { buffer } = options;
    const fits = buffer !== undefined && buffer.length > stats.size;
    return readWhole(descriptor, path, fits ? buffer : Buffer.allocUnsafe(stats.size + 1), stats.size);
  } catch (error) {
    // A bad place on the disk is this one file's trouble.
    if (isSystemError(error, "EIO")) throw unreadable(path, error);
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/** As {@link readRegularFile}, and null where there is nothing. */
export function readIfExists(path: string, options: ReadOptions = {}): Buffer | null {
  try {
    return readRegularFile(path, options);
  } catch (error) {
    if (error instanceof VibeopsError && error.code === "file.missing") return null;
    throw error;
  }
}

/** As {@link readIfExists}, and null too where what lies there is no regular file, too long, or not to be read. */
export function readIfReadable(path: string, options: ReadOptions = {}): Buffer | null {
  try {
    return readRegularFile(path, options);
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

/** A name that no file can have. */
const TOO_LONG = "ENAMETOOLONG";

function openWithoutFollowing(path: string): number {
  if (path.includes("\0")) throw missing(path);
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (isSystemError(error, "ELOOP", "EMLINK")) {
      throw refusal(path, "file.symlink", "this is a symbolic link; only a regular file is read here");
    }
    if (isSystemError(error, "ENXIO", "EOPNOTSUPP")) {
      throw refusal(path, "file.type", "this is not a regular file");
    }
    if (isSystemError(error, TOO_LONG)) throw missing(path, "the name is too long for a file");
    if (isSystemError(error, "ENOENT", "ENOTDIR")) throw missing(path);
    if (isSystemError(error, "EACCES", "EPERM", "EIO")) throw unreadable(path, error);
    throw error;
  }
}

function missing(path: string, message = "there is no such file"): VibeopsError {
  return new VibeopsError({ code: "file.missing", exit: Exit.notFound, message, file: path });
}

/** It may be in order: whoever may read it can tell. */
export function unreadable(path: string, cause: NodeJS.ErrnoException): VibeopsError {
  return new VibeopsError({
    code: "file.unreadable",
    exit: Exit.refused,
    message: `this cannot be read from here (${cause.code})`,
    file: path,
    fix: `look who may read it: ls -ld ${quoteAlways(path)}`,
    cause,
  });
}

function refuseUnlessRegular(path: string, stats: Stats, options: ReadOptions, descriptor: number): void {
  if (!stats.isFile()) throw refusal(path, "file.type", "this is not a regular file");
  if (stats.nlink <= 1 || options.severalNames === true || isBeingDelivered(path, options, descriptor))
    return;
  throw refusal(
    path,
    "file.hardlink",
    "the file has a second hard link: what is checked here could be changed there",
    "copy it: cp FILE COPY && mv COPY FILE",
  );
}

/**
 * Between link() and unlink(), or where it was cut off there, a delivery leaves our temporary as a second name. Whoever
 * delivers does not wait for us: the name is looked for, and where it is not found, it may have gone meanwhile.
 */
function isBeingDelivered(path: string, { temporaries }: ReadOptions, descriptor: number): boolean {
  const stats = fstatSync(descriptor);
  if (stats.nlink > 2) return false;
  const isThisFile = (name: string) => {
    const other = lstatOrNull(join(dirname(path), name));
    return other !== null && other.ino === stats.ino && other.dev === stats.dev;
  };
  if (temporaries?.some(isThisFile) === true) return true;
  const listed = readdirSync(dirname(path)).filter((name) => TEMPORARY_NAME.test(name));
  return listed.some(isThisFile) || fstatSync(descriptor).nlink <= 1;
}

function readWhole(descriptor: number, path: string, buffer: Buffer, size: number): Buffer {
  // One byte more than expected shows a file that grew while it was read.
  const room = size + 1;
  let length = 0;
  for (;;) {
    const count = readSync(descriptor, buffer, length, room - length, null);
    length += count;
    if (count === 0 || length === size) return buffer.subarray(0, length);
    if (length === room) {
      throw refusal(
        path,
        "file.size",
        "the file grew while it was read",
        "try again when nobody writes to it",
      );
    }
  }
}

/** lstat, and null where there is nothing. */
export function lstatOrNull(path: string): Stats | null {
  if (path.includes("\0")) return null;
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (isSystemError(error, TOO_LONG)) return null;
    throw error;
  }
}

/**
 * Publishes a new file so that a reader sees all of it or nothing, and never over something that is there:
 * temporary with O_EXCL in the same folder, write, fsync, link() to the final name, fsync of the folder, unlink
 * of the temporary (the maildir discipline; see maildir(5)). On EIO from fsync it starts again with a new file
 * once, since the page may have been dropped.
 *
 * @param onLinked called once the file is there under its name, and not yet sure to survive a power cut
 */
export function publishNew(path: string, bytes: Uint8Array, onLinked?: () => void): "created" | "exists" {
  const temporary = writeTemporarySurvivingEio(dirname(path), bytes);
  return linkAsNew(temporary, path, () => {
    onLinked?.();
    syncDirectory(dirname(path));
  });
}

/** As {@link publishNew}, for locks and what can be made again: all of it or nothing, but it need not survive a power cut. */
export function publishNewUnsynced(path: string, bytes: Uint8Array): "created" | "exists" {
  return linkAsNew(writeTemporary(dirname(path), bytes, 0o644, false), path);
}

function linkAsNew(temporary: string, path: string, onLinked?: () => void): "created" | "exists" {
  try {
    linkSync(temporary, path);
    onLinked?.();
    return "created";
  } catch (error) {
    if (isSystemError(error, "EEXIST")) return "exists";
    throw error;
  } finally {
    removeTemporary(temporary);
  }
}

/** Replaces or creates a file that only we own: temporary, fsync, rename, fsync of the folder. */
export function writeFileDurably(path: string, bytes: Uint8Array, mode = 0o644): void {
  const temporary = writeTemporarySurvivingEio(dirname(path), bytes, mode);
  try {
    renameSync(temporary, path);
  } catch (error) {
    removeTemporary(temporary);
    throw error;
  }
  syncDirectory(dirname(path));
}

/** As {@link writeFileDurably}, for a cache: all of it or nothing, but it need not survive a power cut. */
export function replaceUnsynced(path: string, bytes: Uint8Array, mode: number): void {
  const temporary = writeTemporary(dirname(path), bytes, mode, false);
  try {
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
}

/** Makes a created, renamed or removed name survive a power cut. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** An error of a path that is not what it should be. */
export function refusal(path: string, code: string, message: string, fix?: string): VibeopsError {
  return new VibeopsError({
    code,
    exit: Exit.invalid,
    message,
    file: path,
    fix: fix ?? "put a regular file there, or remove it",
  });
}
