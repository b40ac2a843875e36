import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull, readIfExists, writeFileDurably } from "../platform/files.ts";
import { ensureDirectory } from "../platform/folders.ts";
import { stateDirectory } from "../platform/person.ts";
import {
  completeRecord,
  FIRST,
  type NoteLine,
  RecordWriter,
  readRecord,
  recordFile,
  type WalkRecord,
} from "./record.ts";
import type { RunbookFolder } from "./runbook-folder.ts";

/*
 * A chain shows that nothing was changed in the middle; that nothing was added at its end, cut off there or made up
 * whole is known only to whoever wrote it. So the person's own state folder, outside every project, holds the last
 * line of each record that was written on this machine. Without that note a record counts for nothing here.
 */

interface Note {
  /** The last line as it was written, or was about to be. */
  readonly line: string;
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
}

function notesFolder(env: Context["env"], runbook: string): string {
  return join(stateDirectory(env), "heads", runbook);
}

const noteSchema = z.looseObject({ seq: z.int(), prev: z.string(), hash: z.string() });

function readNote(env: Context["env"], runbook: string, record: string): Note | null {
  const file = join(notesFolder(env, runbook), record);
  // Whoever audits on another machine has none of them.
  if (lstatOrNull(file) === null) return null;
  const line = readIfExists(file)?.toString("utf8").trimEnd();
  if (line === undefined) return null;
  try {
    const { seq, prev, hash } = noteSchema.parse(JSON.parse(line));
    return { line, seq, prev, hash };
  } catch (cause) {
    throw new VibeopsError({
      code: "record.note",
      exit: Exit.refused,
      message: "this note of a record's last line cannot be read",
      file,
      fix: "delete it, and take the record over: vibeops runbook run ID --take-over",
      cause,
    });
  }
}

/** Whether a record was begun here: its first line is noted before it is written, and nothing happens before that. */
export function isBegun(env: Context["env"], folder: RunbookFolder, record: string): boolean {
  return [join(notesFolder(env, folder.id), record), recordFile(folder, record)].some(
    (file) => lstatOrNull(file) !== null,
  );
}

/**
 * The note-taker of one record: called before the line itself is written. A line that does not follow the one that was
 * noted last is refused: the same walk was gone on with meanwhile, in another work tree or clone of this person's.
 *
 * @throws VibeopsError `record.changed` when it notes
 */
export function lineNoter(env: Context["env"], runbook: string, record: string): NoteLine {
  return (line) => {
    const noted = readNote(env, runbook, record);
    const { prev, hash } = noteSchema.parse(JSON.parse(line));
    if (noted !== null && noted.hash !== prev && noted.hash !== hash) throw goneOnElsewhere(runbook, record);
    noteLastLine(env, runbook, record, line);
  };
}

/** Notes where a record ends, whatever was noted of it before. */
export function noteLastLine(env: Context["env"], runbook: string, record: string, line: string): void {
  mkdirSync(notesFolder(env, runbook), { recursive: true, mode: 0o700 });
  writeFileDurably(join(notesFolder(env, runbook), record), Buffer.from(`${line}\n`), 0o600);
}

function goneOnElsewhere(runbook: string, record: string): VibeopsError {
  return new VibeopsError({
    code: "record.changed",
    exit: Exit.refused,
    message: `record ${record} was gone on with meanwhile, in another work tree or clone on this machine`,
    fix: `go on there, or bring its commits here first: vibeops runbook run ${runbook}`,
  });
}

/**
 * How a record stands to this machine's note of it. `own`: it ends with the line that was written here last.
 * `behind`: only that line is missing. `ahead`: lines follow that were not written here. `foreign`: there is no note.
 * `changed`: none of these.
 */
export type Standing = "own" | "behind" | "ahead" | "foreign" | "changed";

export function standingOf(env: Context["env"], folder: RunbookFolder, record: WalkRecord): Standing {
  const note = readNote(env, folder.id, record.id);
  if (note === null) return "foreign";
  if (record.head === note.hash) return "own";
  if (record.head === note.prev) return "behind";
  return record.events.some((event) => event.hash === note.hash) ? "ahead" : "changed";
}

/**
 * Reads a record that this machine wrote to its end; nothing else may be gone on with, verified or closed.
 *
 * @throws VibeopsError `record.foreign`, `record.changed`
 */
export function readOwnRecord(env: Context["env"], folder: RunbookFolder, name: string): WalkRecord {
  const record = readRecord(folder, name);
  const standing = standingOf(env, folder, record);
  if (standing === "own") return record;
  throw refusal(folder, record, standing);
}

function refusal(folder: RunbookFolder, record: WalkRecord, standing: Standing): VibeopsError {
  const takeOver = `vibeops runbook run ${folder.id} --take-over`;
  if (standing === "foreign") {
    return new VibeopsError({
      code: "record.foreign",
      exit: Exit.refused,
      message: "this record was not written here: nothing on this machine vouches for what it says",
      file: record.file,
      fix: `if you know who wrote it: ${takeOver}; if nobody did, delete it`,
    });
  }
  const fix =
    standing === "ahead"
      ? `compare it with: git log -p; where its walk went on elsewhere: ${takeOver}`
      : "compare it with git log -p, and bring it back as it was";
  return new VibeopsError({
    code: "record.changed",
    exit: Exit.refused,
    message:
      "this record does not end with the line that was written here last: somebody added to it or cut it off",
    file: record.file,
    fix,
  });
}

/**
 * Looks at every record of a runbook that this machine wrote. A last line that was noted and did not reach the record
 * is written again; whoever was killed while it was written left it so.
 *
 * @param passAhead whether records that went on elsewhere are left for a person to take over
 * @throws VibeopsError `record.gone`, `record.changed`
 */
export function settleOwnRecords(
  env: Context["env"],
  folder: RunbookFolder,
  time: Date,
  passAhead = false,
): void {
  const notes = notesFolder(env, folder.id);
  if (lstatOrNull(notes) === null) return;
  for (const name of readdirSync(notes).filter((one) => !one.endsWith(".tmp"))) {
    const note = readNote(env, folder.id, name);
    if (note !== null) settle(env, folder, name, note, time, passAhead);
  }
}

function settle(
  env: Context["env"],
  folder: RunbookFolder,
  name: string,
  note: Note,
  time: Date,
  passAhead: boolean,
): void {
  const record = readNoted(folder, name, note);
  const standing = standingOf(env, folder, record);
  if (standing === "ahead" && passAhead) return;
  if (standing === "ahead" || standing === "changed") throw refusal(folder, record, standing);
  const isBehind = standing === "behind";
  if (isBehind) {
    ensureDirectory(folder.path, "records");
    completeRecord(record, note.line);
  }
  if (record.torn.length === 0 || (isBehind && note.line.startsWith(record.torn.toString("utf8")))) return;
  // Bytes that no line of ours explains are kept in the record, as what they are.
  const writer = RecordWriter.resume(folder, name, time, lineNoter(env, folder.id, name));
  if (isBehind) writer.append({ event: "torn", bytes: record.torn.toString("base64") }, time);
  writer.close();
}

/** A record that is noted; one of which only the first line is noted may not have reached the disk at all. */
function readNoted(folder: RunbookFolder, name: string, note: Note): WalkRecord {
  const file = recordFile(folder, name);
  if (lstatOrNull(file) !== null) return readRecord(folder, name);
  if (note.seq === 0) {
    return { id: name, file, events: [], head: FIRST, lastLine: "", length: 0, torn: Buffer.alloc(0) };
  }
  throw new VibeopsError({
    code: "record.gone",
    exit: Exit.refused,
    message: "this record was written here, and it is gone",
    file,
    fix: "bring it back: git log -- its path, then git checkout COMMIT -- its path",
  });
}
