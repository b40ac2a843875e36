import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { readIfExists, writeFileDurably } from "../platform/files.ts";
import { stateDirectory } from "../platform/person.ts";
import type { Gate } from "./gate.ts";
import type { NoteHead, WalkRecord } from "./record.ts";

/**
 * A chain shows that nothing was changed in the middle; that nothing was added at its end or made up whole is known
 * only to whoever wrote it. So the person's own state folder, outside every project, holds the last hash of each
 * record that was written on this machine.
 */
function noteFile(env: Context["env"], record: string): string {
  return join(stateDirectory(env), "heads", record);
}

/** Written before the line itself: whoever is killed in between has a record that ends with `prev`. */
function noteHead(env: Context["env"], record: string, note: Parameters<NoteHead>[0]): void {
  mkdirSync(join(stateDirectory(env), "heads"), { recursive: true, mode: 0o700 });
  writeFileDurably(noteFile(env, record), Buffer.from(`${note.head} ${note.prev}\n`), 0o600);
}

/** The note-taker of one record, for RecordWriter. */
export function headNoter(gate: Pick<Gate, "context">, record: string): NoteHead {
  return (note) => noteHead(gate.context.env, record, note);
}

/**
 * Refuses a record that does not end where this machine left it. One that was written elsewhere passes: what it
 * says is shown to the person who builds on it.
 *
 * @throws VibeopsError `record.changed`
 */
export function requireOwnHead(env: Context["env"], record: WalkRecord): void {
  const note = readIfExists(noteFile(env, record.id))?.toString("utf8").trim();
  if (note === undefined || note.split(" ").includes(record.head)) return;
  throw new VibeopsError({
    code: "record.changed",
    exit: Exit.refused,
    message:
      "this record does not end with the line that was written here last: somebody added to it or cut it off",
    file: record.file,
    fix: "compare it with: git log -p",
  });
}
