import { closeSync, constants, fsyncSync, ftruncateSync, openSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { Exit, VibeopsError } from "../errors.ts";
import { findDirectory, readRegularFile, syncDirectory, writeAll } from "../platform/files.ts";
import { sha256 } from "../platform/hash.ts";
import { ID_PATTERN } from "../platform/ids.ts";
import { decodeText } from "../text/decode.ts";
import { type RecordEvent, recordEventSchema } from "./record-event.ts";
import type { RunbookFolder } from "./runbook-folder.ts";

const MAX_BYTES = 64 * 1024 * 1024;
const FIRST = "0".repeat(64);

const chainSchema = z.looseObject({
  seq: z.int(),
  time: z.iso.datetime(),
  prev: z.string().regex(/^[0-9a-f]{64}$/),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});

type Chained = z.output<typeof chainSchema>;

/** The value itself is kept, with its keys in the order in which they were written. */
function isChained(value: unknown): value is Chained {
  return chainSchema.safeParse(value).success;
}

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
  /** Bytes after the last whole line: a write that was cut off, so nothing followed from it. Empty as a rule. */
  readonly torn: Buffer;
}

/** Walks of a runbook, oldest first. */
export function listWalkIds(folder: RunbookFolder): string[] {
  return listRecords(folder, /^(.+)\.jsonl$/);
}

/** Verifications of a runbook, oldest first. */
export function listVerificationIds(folder: RunbookFolder): string[] {
  return listRecords(folder, /^verify-(.+)\.jsonl$/);
}

function listRecords(folder: RunbookFolder, name: RegExp): string[] {
  if (findDirectory(folder.path, "records") === null) return [];
  return readdirSync(folder.records)
    .map((file) => name.exec(file)?.[1] ?? "")
    .filter((id) => ID_PATTERN.test(id))
    .sort();
}

function recordFile(folder: RunbookFolder, name: string): string {
  return join(folder.records, `${name}.jsonl`);
}

/**
 * Reads a record and verifies every link of its chain. `name` is a walk's id, or `verify-<id>`.
 *
 * @throws VibeopsError `record.broken` with the line
 */
export function readRecord(folder: RunbookFolder, name: string): WalkRecord {
  const file = recordFile(folder, name);
  const bytes = readRegularFile(file, { maxBytes: MAX_BYTES });
  const length = bytes.lastIndexOf(10) + 1;
  const text = decodeText(bytes.subarray(0, length), file, "record");
  const events: RecordLine[] = [];
  for (const line of text.split("\n").slice(0, -1)) events.push(readLine(line, events, file));
  return { id: name, file, events, head: events.at(-1)?.hash ?? FIRST, length, torn: bytes.subarray(length) };
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
  const { hash, ...rest } = parsed;
  if (JSON.stringify({ ...rest, hash }) !== line) throw broken("this line was written otherwise");
  if (sha256(JSON.stringify(rest)) !== hash) throw broken("this line does not match its hash");
  if (rest.seq !== before.length) throw broken(`line ${rest.seq} stands where line ${before.length} belongs`);
  if (rest.prev !== (before.at(-1)?.hash ?? FIRST))
    throw broken("this line does not follow from the one before");
  const event = recordEventSchema.safeParse(parsed);
  if (!event.success) throw broken("this line says nothing that is known");
  return { ...event.data, seq: rest.seq, time: rest.time, prev: rest.prev, hash };
}

/** Keeps a line's hash outside the project, before the line is written; see record-head.ts. */
export type NoteHead = (note: { readonly head: string; readonly prev: string }) => void;

/**
 * Writes a record, one line at a time, each on disk before `append` returns. Holds the file open; `close` it.
 */
export class RecordWriter {
  readonly file: string;
  readonly #descriptor: number;
  readonly #events: RecordLine[];
  readonly #note: NoteHead;

  private constructor(file: string, descriptor: number, events: RecordLine[], note: NoteHead) {
    this.file = file;
    this.#descriptor = descriptor;
    this.#events = events;
    this.#note = note;
  }

  /** Starts a record that must not exist yet. Its folder must. */
  static create(folder: RunbookFolder, name: string, note: NoteHead): RecordWriter {
    const file = recordFile(folder, name);
    const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL;
    const descriptor = openSync(file, flags | constants.O_NOFOLLOW, 0o644);
    syncDirectory(folder.records);
    return new RecordWriter(file, descriptor, [], note);
  }

  /** Goes on with a record; a torn last line is cut off, and what it was is written down. */
  static resume(folder: RunbookFolder, name: string, time: Date, note: NoteHead): RecordWriter {
    const record = readRecord(folder, name);
    const descriptor = openSync(record.file, constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW);
    const writer = new RecordWriter(record.file, descriptor, [...record.events], note);
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

  /** Writes one line and waits until it is on disk. @throws VibeopsError `record.unwritable`: then nothing may happen */
  append(event: RecordEvent, time: Date): RecordLine {
    const seq = this.#events.length;
    const prev = this.#events.at(-1)?.hash ?? FIRST;
    const rest = { seq, time: time.toISOString(), ...recordEventSchema.parse(event), prev };
    const line = { ...rest, hash: sha256(JSON.stringify(rest)) };
    try {
      this.#note({ head: line.hash, prev });
      writeAll(this.#descriptor, Buffer.from(`${JSON.stringify(line)}\n`));
      fsyncSync(this.#descriptor);
    } catch (cause) {
      throw new VibeopsError({
        code: "record.unwritable",
        exit: Exit.unexpected,
        message: "the record cannot be written, so nothing more is done",
        file: this.file,
        fix: "make room on the disk, then resume: vibeops runbook run",
        cause,
      });
    }
    this.#events.push(line);
    return line;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
