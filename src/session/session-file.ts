import { rmSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import * as z from "zod/mini";
import { VibeopsError } from "../errors.ts";
import { readIfExists, writeFileDurably } from "../platform/files.ts";
import { ensureDirectory } from "../platform/folders.ts";
import { decodeText } from "../text/decode.ts";
import { readYaml } from "../text/yaml-own.ts";

const LOCAL = ".vibeops";
const RUNNING = "session.yaml";
const LAST = "last-session.yaml";

const commit = z.nullable(z.string().check(z.regex(/^[0-9a-f]{40,64}$/)));

const runningSchema = z.strictObject({
  id: z.string(),
  started: z.string(),
  /** HEAD when it began, after mail was taken in. */
  head: commit,
  /** The commit from which this session's brief reports changes. */
  since: commit,
  /** Whether STATE.md held nothing uncommitted at the start: what differs at the end is then this session's work. */
  clean_state: z.boolean(),
  /** When the session before began, if nobody ended it. */
  unended: z.nullable(z.string()),
  /** Whether its end began: where that was killed, the history says whether the hand-over is in it. */
  ending: z.optional(z.boolean()),
});

const lastSchema = z.strictObject({
  id: z.nullable(z.string()),
  ended: z.string(),
  head: commit,
  /** What could not be committed from where the session ran: paths below the project and their SHA-256. */
  pending: z.optional(z.strictObject({ message: z.string(), files: z.record(z.string(), z.string()) })),
});

/** The session that runs in this checkout. */
export type RunningSession = z.output<typeof runningSchema>;
export type LastSession = z.output<typeof lastSchema>;

export function readRunningSession(root: string): RunningSession | null {
  return readLocal(root, RUNNING, runningSchema);
}

export function readLastSession(root: string): LastSession | null {
  return readLocal(root, LAST, lastSchema);
}

export function writeRunningSession(root: string, session: RunningSession): void {
  writeLocal(root, RUNNING, session);
}

export function writeLastSession(root: string, session: LastSession): void {
  writeLocal(root, LAST, session);
}

export function removeRunningSession(root: string): void {
  rmSync(join(root, LOCAL, RUNNING), { force: true });
}

/** Local files may be deleted at any time, so one that cannot be read counts as none. */
function readLocal<T>(root: string, name: string, schema: z.ZodMiniType<T>): T | null {
  const file = join(root, LOCAL, name);
  try {
    const bytes = readIfExists(file);
    return bytes === null ? null : readYaml(decodeText(bytes, file), schema, file).value;
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

function writeLocal(root: string, name: string, value: RunningSession | LastSession): void {
  writeFileDurably(join(ensureDirectory(root, LOCAL), name), Buffer.from(stringify(value)));
}
