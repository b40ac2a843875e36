import { closeSync, fsyncSync, ftruncateSync, openSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";
import { readIfExists } from "../../platform/files.ts";
import { ensureDirectory, findDirectory, listNames } from "../../platform/folders.ts";
import { writeAll } from "../../platform/temporary-file.ts";
import type { Message, Usage } from "../providers/provider.ts";

const FOLDER = ".vibeops/transcripts";
const MAX_BYTES = 64 * 1024 * 1024;

const call = z.object({
  id: z.string(),
  name: z.string(),
  input: z.optional(z.unknown()),
  malformed: z.optional(z.string()),
});
const message: z.ZodMiniType<Message> = z.discriminatedUnion("role", [
  z.object({ role: z.literal("user"), text: z.string() }),
  z.object({
    role: z.literal("tools"),
    results: z.array(z.object({ call, text: z.string(), isError: z.boolean() })),
  }),
  z.object({
    role: z.literal("assistant"),
    text: z.string(),
    calls: z.array(call),
    raw: z.optional(z.unknown()),
  }),
]);
const usage = z.object({ input: z.number(), output: z.number(), cached: z.number() });

const line = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("start"),
    time: z.string(),
    role: z.string(),
    provider: z.string(),
    model: z.string(),
    system: z.string(),
    boundary: z.string(),
  }),
  z.object({ kind: z.literal("message"), time: z.string(), message, usage: z.optional(usage) }),
  z.object({ kind: z.literal("end"), time: z.string(), ended: z.string() }),
]);

export type TranscriptLine = z.output<typeof line>;
export type TranscriptStart = Extract<TranscriptLine, { kind: "start" }>;

/** A conversation as far as it came. */
export interface Transcript {
  /** Below the project. */
  readonly path: string;
  readonly start: TranscriptStart;
  readonly messages: readonly Message[];
  readonly usage: Usage;
  readonly turns: number;
  /** How it ended; null for one that was cut off. */
  readonly ended: string | null;
}

/**
 * Writes a conversation line by line, each on disk before the next thing happens. It is local to the machine, holds what
 * models and memos said, and may be deleted at any time: what the agent did is in git.
 */
export class TranscriptWriter {
  readonly path: string;
  readonly #descriptor: number;

  /** Goes on with one that is there, behind the last line that can be read: a crash or a full disk may have cut one. */
  constructor(root: string, id: string) {
    const directory = ensureDirectory(root, FOLDER);
    this.path = `${FOLDER}/${id}.jsonl`;
    const before = readText(root, this.path);
    this.#descriptor = openSync(join(directory, `${id}.jsonl`), "a", 0o600);
    ftruncateSync(this.#descriptor, readLines(before).bytes);
  }

  write(entry: TranscriptLine): void {
    writeAll(this.#descriptor, Buffer.from(`${JSON.stringify(entry)}\n`));
    fsyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** The newest conversation of a role that was cut off; null where the newest ended. */
export function findCutOff(root: string, role: string): { id: string; transcript: Transcript } | null {
  const directory = findDirectory(root, FOLDER);
  if (directory === null) return null;
  for (const name of listNames(directory).sort().reverse()) {
    if (!name.endsWith(".jsonl")) continue;
    const transcript = readTranscript(root, `${FOLDER}/${name}`);
    if (transcript === null || transcript.start.role !== role) continue;
    return transcript.ended === null ? { id: name.slice(0, -".jsonl".length), transcript } : null;
  }
  return null;
}

/** Null where it does not even begin as one. What stands after the first line that is none was cut off by a crash. */
function readTranscript(root: string, path: string): Transcript | null {
  const { lines } = readLines(readText(root, path));
  const start = lines[0];
  if (start?.kind !== "start") return null;
  const entries = lines.filter((entry) => entry.kind === "message");
  const sum = (count: (used: Usage) => number) =>
    entries.reduce((total, { usage: used }) => total + (used === undefined ? 0 : count(used)), 0);
  const end = lines.at(-1);
  return {
    path,
    start,
    messages: entries.map((entry) => entry.message),
    usage: {
      input: sum(({ input }) => input),
      output: sum(({ output }) => output),
      cached: sum(({ cached }) => cached),
    },
    turns: entries.filter((entry) => entry.message.role === "assistant").length,
    ended: end?.kind === "end" ? end.ended : null,
  };
}

function readText(root: string, path: string): string {
  return readIfExists(join(root, path), { maxBytes: MAX_BYTES })?.toString("utf8") ?? "";
}

/** The lines up to the first that is none, and how many bytes of the file they are. One without its end is none. */
function readLines(text: string): { lines: TranscriptLine[]; bytes: number } {
  const lines: TranscriptLine[] = [];
  let bytes = 0;
  for (const part of text.split("\n").slice(0, -1)) {
    const parsed = line.safeParse(parseJson(part));
    if (!parsed.success) break;
    lines.push(parsed.data);
    bytes += Buffer.byteLength(part) + 1;
  }
  return { lines, bytes };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
