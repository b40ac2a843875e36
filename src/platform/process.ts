import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import type { Context } from "./context.ts";
import { cannotStart, cannotTalk, type ProcessResult, processResult } from "./process-result.ts";
import { cleanPath, findProgram } from "./program.ts";

export interface ProcessOptions {
  cwd?: string;
  /** The whole environment of the child: nothing is added from ours. */
  env: Context["env"];
  input?: string | Uint8Array;
  timeoutMs?: number;
  /** The child takes over our terminal: standard input, output and error. */
  inherit?: boolean;
  /** The child's standard error is ours, for a program that talks with the person while we keep its output. */
  inheritError?: boolean;
}

/** Bytes of one stream: as text, twice as much is more than V8 can hold. */
const MAX_OUTPUT = 256 * 1024 * 1024;

/**
 * Runs a program to its end. A non-zero exit is a result, not an error.
 *
 * Straight on Node.js, since nearly every command asks git something: execa takes a quarter of Node.js's own start to
 * load (docs/dependencies.md). Who talks with a program while it runs takes `attended-process.ts`.
 *
 * @throws VibeopsError `process.missing` where the program is not there, `program.inside` where it lies in a project
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  const { child, ended } = startChild(
    command,
    args,
    options,
    options.input === undefined ? "ignore" : "pipe",
  );
  child.stdin?.end(options.input);
  return await ended;
}

/**
 * Starts a program whose output is kept until it ends; what it reads, the caller writes to `child.stdin`.
 *
 * @throws VibeopsError as {@link runProcess}
 */
export function startChild(
  command: string,
  args: readonly string[],
  { inherit = false, inheritError = false, timeoutMs, env, cwd }: Omit<ProcessOptions, "input">,
  stdin: "ignore" | "pipe",
): { child: ChildProcess; ended: Promise<ProcessResult> } {
  const child = spawnOrThrow(command, findProgram(command, env.PATH), args, {
    env: { ...env, PATH: cleanPath(env.PATH) },
    stdio: inherit ? "inherit" : [stdin, "pipe", inheritError ? "inherit" : "pipe"],
    ...(cwd === undefined ? {} : { cwd }),
  });
  return { child, ended: settle(command, child, timeoutMs) };
}

async function settle(
  command: string,
  child: ChildProcess,
  timeoutMs: number | undefined,
): Promise<ProcessResult> {
  let timedOut = false;
  const end = () => {
    timedOut = child.kill();
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
  const requireGiven = watchInput(command, child);
  const [stdout, stderr] = [collect(command, child, child.stdout), collect(command, child, child.stderr)];
  try {
    // To its end also where we cannot read what it says: it may be in the middle of writing.
    const { exitCode, signal } = await ending(command, child);
    requireGiven();
    return processResult({ exitCode, signal, stdout: stdout(), stderr: stderr(), timedOut });
  } finally {
    clearTimeout(timer);
  }
}

async function ending(command: string, child: ChildProcess) {
  return await new Promise<{ exitCode: number | null; signal: string | null }>((resolve, reject) => {
    child.on("error", (error) => reject(cannotStart(command, error)));
    child.on("close", (exitCode, signal) => resolve({ exitCode, signal }));
  });
}

function spawnOrThrow(
  command: string,
  program: string,
  args: readonly string[],
  options: SpawnOptions,
): ChildProcess {
  try {
    return spawn(program, args, options);
  } catch (error) {
    throw cannotStart(command, error);
  }
}

/** The function throws VibeopsError `process.input` where the child was not given all that was written to it. */
function watchInput(command: string, child: ChildProcess): () => void {
  let failure: NodeJS.ErrnoException | undefined;
  child.stdin?.on("error", (error: NodeJS.ErrnoException) => {
    // A program that is gone cannot be written to; how it ended says why.
    if (error.code !== "EPIPE") failure = error;
  });
  return () => {
    if (failure !== undefined) throw cannotTalk("input", command, failure);
  };
}

/**
 * What has been read from a stream of the child so far. A child that floods us is ended.
 *
 * The function throws VibeopsError `process.output` where the system could not read all of it.
 */
function collect(command: string, child: ChildProcess, stream: Readable | null): () => Buffer {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let failure: NodeJS.ErrnoException | undefined;
  stream?.on("error", (error) => {
    failure = error;
  });
  stream?.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_OUTPUT) child.kill("SIGKILL");
    else chunks.push(chunk);
  });
  return () => {
    if (failure !== undefined) throw cannotTalk("output", command, failure);
    return chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
  };
}
