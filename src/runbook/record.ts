import { closeSync, constants, fsyncSync, ftruncateSync, openSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { readRegularFile, syncDirectory } from "../platform/files.ts";
import { isFolder } from "../platform/folders.ts";
import { sha256 } from "../platform/hash.ts";
import { ID_PATTERN } from "../platform/ids.ts";
import { writeAll } from "../platform/temporary-file.ts";
import { decodeText } from "../text/decode.ts";
import { type RecordEvent, recordEventSchema } from "./record-event.ts";
import { refuseOtherFile, unwritable, VERIFICATION } from "./record-refusal.ts";
import { fitIntoRecord, MOST_RECORD_BYTES } from "./record-room.ts";
import type { RunbookFolder } from "./runbook-folder.ts";

/** What the first line follows from. */
export const FIRST = "0".repeat(64);

interface Chained {
  readonly seq: number;
  readonly time: string;
  readonly prev: string;
  readonly hash: string;
}

const HASH = /^[0-9a-f]{64}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

function isChained(value: unknown): value is Chained {
  if (typeof value !== "object" || value === null) return false;
  const { seq, time, prev, hash } = value as Record<string, unknown>;
  if (!Number.isSafeInteger(seq) || typeof time !== "string") return false;
  if (typeof prev !== "string" || typeof hash !== "string" || !HASH.test(prev) || !HASH.test(hash))
    return false;
  return TIME.test(time) && !Number.isNaN(Date.parse(time));
}

/** What stands at the end of each line: the hash of all that stands before it. */
const HASH_KEY = ',"hash":"';
const END_LENGTH = HASH_KEY.length + 64 + '"}'.length;

/** One line of a record: what happened, when, and the hash of the line before. */
export type RecordLine = RecordEvent & {
  readonly seq: number;
  readonly time: string;
  readonly prev: string;
  readonly hash: string;
};

/** A record as it stands on disk, its chain verified. */
export interface WalkRecord {
  readonly id: string;
  readonly file: string;
  readonly events: readonly RecordLine[];
  /** Of the last line; zeros for an empty record. */
  readonly head: string;
  /** Bytes of whole lines. */
  readonly length: number;
  /** The last line as it was written; empty for an empty record. */
  readonly lastLine: string;
  /** Bytes after the last whole line: a write that was cut off, so nothing followed from it. Empty as a rule. */
  readonly torn: Buffer;
}

/** Walks of a runbook, oldest first. */
export function listWalkIds(folder: RunbookFolder): string[] {
  return idsOf(listFiles(folder), /^(.+)\.jsonl$/);
}

/** Verifications of a runbook, oldest first. */
export function listVerificationIds(folder: RunbookFolder): string[] {
  return idsOf(listFiles(folder), /^verify-(.+)\.jsonl$/);
}

function listFiles(folder: RunbookFolder): string[] {
  return isFolder(folder.records) ? readdirSync(folder.records) : [];
}

function idsOf(files: readonly string[], name: RegExp): string[] {
  return files
    .map((file) => name.exec(file)?.[1] ?? "")
    .filter((id) => ID_PATTERN.test(id))
    .sort();
}

/** Whether a record is a verification's, by its name. */
export function isVerification({ id }: Pick<WalkRecord, "id">): boolean {
  return id.startsWith(VERIFICATION);
}

/** The names of all records of a runbook, walks first: a walk's id, or `verify-<id>`. */
export function listRecordNames(folder: RunbookFolder): string[] {
  const files = listFiles(folder);
  const verifications = idsOf(files, /^verify-(.+)\.jsonl$/).map((id) => `verify-${id}`);
  return [...idsOf(files, /^(.+)\.jsonl$/), ...verifications];
}

export function recordFile(folder: RunbookFolder, name: string): string {
  return join(folder.records, `${name}.jsonl`);
}

/**
 * Reads a record and verifies every link of its chain. `name` is a walk's id, or `verify-<id>`.
 *
 * @throws VibeopsError `record.broken` with the line
 */
export function readRecord(folder: RunbookFolder, name: string): WalkRecord {
  const file = recordFile(folder, name);
  const bytes = readRegularFile(file, { maxBytes: MOST_RECORD_BYTES });
  const length = bytes.lastIndexOf(10) + 1;
  const text = decodeText(bytes.subarray(0, length), file, "record");
  const lines = text.split("\n").slice(0, -1);
  const events: RecordLine[] = [];
  for (const line of lines) events.push(readLine(line, events, file));
  const head = events.at(-1)?.hash ?? FIRST;
  return { id: name, file, events, head, lastLine: lines.at(-1) ?? "", length, torn: bytes.subarray(length) };
}

function readLine(line: string, before: readonly RecordLine[], file: string): RecordLine {
  const broken = (message: string) =>
    new VibeopsError({
      code: "record.broken",
      exit: Exit.refused,
      message,
      file,
      line: before.length + 1,
      fix: "the record was changed after it was written; compare with: git log -p",
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw broken("this line is not JSON");
  }
  if (!isChained(parsed)) throw broken("this line has no place in the chain");
  const { seq, time, prev, hash } = parsed;
  // One spelling: no key twice, none after the hash, nothing that another reader could take otherwise.
  if (JSON.stringify(parsed) !== line || !line.endsWith(`${HASH_KEY}${hash}"}`)) {
    throw broken("this line was written otherwise");
  }
  if (sha256(`${line.slice(0, -END_LENGTH)}}`) !== hash) throw broken("this line does not match its hash");
  if (seq !== before.length) throw broken(`line ${seq} stands where line ${before.length} belongs`);
  if (prev !== (before.at(-1)?.hash ?? FIRST)) throw broken("this line does not follow from the one before");
  const event = recordEventSchema.safeParse(parsed);
  if (!event.success) throw broken("this line says nothing that is known");
  return { ...event.data, seq, time, prev, hash };
}

/** Keeps a line outside the project, before it is written; see record-head.ts. */
export type NoteLine = (line: string) => void;

/**
 * Writes a record, one line at a time, each on disk before `append` returns. Holds the file open; `close` it.
 */
export class RecordWriter {
  readonly file: string;
  readonly #events: RecordLine[];
  readonly #note: NoteLine;
  #descriptor: number | null;
  /** Bytes that we know the file to have. */
  #size: number;

  private constructor(record: Pick<WalkRecord, "file" | "events" | "length">, note: NoteLine) {
    this.file = record.file;
    this.#events = [...record.events];
    this.#note = note;
    this.#descriptor = null;
    this.#size = record.length;
  }

  /** Starts a record that must not exist yet; the first line makes the file. Its folder must exist. */
  static create(folder: RunbookFolder, name: string, note: NoteLine): RecordWriter {
    return new RecordWriter({ file: recordFile(folder, name), events: [], length: 0 }, note);
  }

  /** Goes on with a record; a torn last line is cut off, and what it was is written down. */
  static resume(folder: RunbookFolder, name: string, time: Date, note: NoteLine): RecordWriter {
    const record = readRecord(folder, name);
    const writer = new RecordWriter(record, note);
    const descriptor = openSync(record.file, constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW);
    writer.#descriptor = descriptor;
    if (record.torn.length > 0) {
      ftruncateSync(descriptor, record.length);
      fsyncSync(descriptor);
      writer.append({ event: "torn", bytes: record.torn.toString("base64") }, time);
    }
    return writer;
  }

  get events(): readonly RecordLine[] {
    return this.#events;
  }

  /**
   * Writes one line and waits until it is on disk.
   *
   * @throws VibeopsError `record.unwritable`, `record.changed`, `record.full`: then nothing may happen
   */
  append(event: RecordEvent, time: Date): RecordLine {
    const seq = this.#events.length;
    const prev = this.#events.at(-1)?.hash ?? FIRST;
    const fitting = recordEventSchema.parse(fitIntoRecord(event, this.#size, this.file));
    const rest = { seq, time: time.toISOString(), ...fitting, prev };
    const line = { ...rest, hash: sha256(JSON.stringify(rest)) };
    this.#writeLine(JSON.stringify(line));
    this.#events.push(line);
    return line;
  }

  #writeLine(text: string): void {
    const bytes = Buffer.from(`${text}\n`);
    try {
      if (this.#descriptor !== null) refuseOtherFile(this.#descriptor, this.file, this.#size);
      this.#note(text);
      this.#descriptor ??= createRecord(this.file);
      writeAll(this.#descriptor, bytes);
      fsyncSync(this.#descriptor);
      // The lock lies where agents write, so two walks may have come this far: at most one of them goes on.
      refuseOtherFile(this.#descriptor, this.file, this.#size + bytes.length);
    } catch (cause) {
      if (cause instanceof VibeopsError) throw cause;
      throw unwritable(this.file, cause);
    }
    this.#size += bytes.length;
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
  }
}

function createRecord(file: string): number {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;
  const descriptor = openSync(file, flags | constants.O_NOFOLLOW, 0o644);
  syncDirectory(dirname(file));
  return descriptor;
}

/**
 * Writes the last line of a record again that was noted and is not there: whoever wrote it was killed in between, or
 * somebody cut it off. Bytes after the last whole line are the beginning of that line, and are replaced by it.
 */
export function completeRecord(record: Pick<WalkRecord, "file" | "length">, line: string): void {
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  const descriptor = openSync(record.file, flags, 0o644);
  try {
    ftruncateSync(descriptor, record.length);
    writeAll(descriptor, Buffer.from(`${line}\n`));
    fsyncSync(descriptor);
    syncDirectory(dirname(record.file));
  } finally {
    closeSync(descriptor);
  }
}
