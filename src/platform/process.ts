import { execa } from "execa";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import type { Context } from "./context.ts";
import { cleanPath, findProgram } from "./program.ts";

export interface ProcessResult {
  /** 128 + n where a signal ended it and there is no exit code. */
  exitCode: number;
  stdout: string;
  /** Standard output as it came; `stdout` is the same read as UTF-8. */
  stdoutBytes: Buffer;
  stderr: string;
  signal: string | null;
  timedOut: boolean;
}

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

/**
 * Runs a program to its end. A non-zero exit is a result, not an error.
 *
 * @throws VibeopsError `process.missing` where the program is not there, `program.inside` where it lies in a project
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  const child = execa(findProgram(command, options.env.PATH), args, {
    ...commonOptions(options),
    ...(options.input === undefined ? {} : { input: options.input }),
    ...(options.inheritError === true ? { stderr: "inherit" as const } : {}),
    ...(options.inherit === true ? { stdio: "inherit" as const } : inputOption(options)),
  });
  return await settle(command, child);
}

function inputOption(options: ProcessOptions): { stdin?: "ignore" } {
  return options.input === undefined ? { stdin: "ignore" } : {};
}

export interface GroupOptions extends Pick<ProcessOptions, "cwd" | "env" | "input"> {
  timeoutMs: number;
  /** Ends all of it at once: somebody pressed Ctrl-C. */
  signal?: AbortSignal | undefined;
  /** Bytes of standard output or error; whoever prints more is ended. */
  maxBuffer: number;
}

/**
 * As {@link runProcess}, for a program that starts others which may hang (git and its ssh): it has no terminal that it
 * could ask at, and when its time is up, all that it started ends with it.
 */
export async function runProcessGroup(
  command: string,
  args: readonly string[],
  { timeoutMs, signal, maxBuffer, ...options }: GroupOptions,
): Promise<ProcessResult> {
  const child = execa(findProgram(command, options.env.PATH), args, {
    ...commonOptions(options),
    ...(options.input === undefined ? { stdin: "ignore" as const } : { input: options.input }),
    maxBuffer,
    detached: true,
  });
  let timedOut = false;
  const end = () => killGroup(child.pid);
  const timer = setTimeout(() => {
    timedOut = true;
    end();
  }, timeoutMs);
  signal?.addEventListener("abort", end, { once: true });
  if (signal?.aborted === true) end();
  try {
    return { ...(await settle(command, child)), timedOut };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", end);
    // What it left running holds neither a pipe of ours nor anything that we wait for.
    end();
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!isSystemError(error, "ESRCH", "EPERM")) throw error;
  }
}

export interface RunningProcess {
  readonly pid: number | undefined;
  readonly stdin: NodeJS.WritableStream;
  readonly stdout: NodeJS.ReadableStream;
  readonly stderr: NodeJS.ReadableStream;
  kill(signal: NodeJS.Signals): void;
  /**
   * Called when the program itself has ended, with its exit code unless a signal ended it; what it started may hold
   * its output open for longer.
   */
  onExit(listener: (exitCode: number | null) => void): void;
  /** Settles when the program has ended and its output is read; stdout and stderr are empty here. */
  readonly done: Promise<ProcessResult>;
}

/** Starts a program whose streams the caller reads and writes. @throws VibeopsError as {@link runProcess} */
export function startProcess(
  command: string,
  args: readonly string[],
  options: Omit<ProcessOptions, "input" | "inherit" | "inheritError">,
): RunningProcess {
  const program = findProgram(command, options.env.PATH);
  const child = execa(program, args, { ...commonOptions(options), stdin: "pipe", buffer: false });
  return {
    pid: child.pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    kill: (signal) => void child.kill(signal),
    onExit: (listener) => void child.once("exit", listener),
    done: settle(command, child),
  };
}

/** One side of a talk with a program. */
export interface Dialogue {
  write(text: string): void;
  /** True once the program's standard output holds `text`; false where it ended, or stayed silent, without it. */
  waitFor(text: string): Promise<boolean>;
}

const SILENCE_MS = 10_000;

/**
 * Runs a program that is told the next thing once it has answered the last. When `talk` returns or throws, the
 * program's standard input ends, and with it the program.
 */
export async function talkToProcess(
  command: string,
  args: readonly string[],
  options: Omit<ProcessOptions, "input" | "inherit" | "inheritError">,
  talk: (dialogue: Dialogue) => Promise<void>,
): Promise<ProcessResult> {
  const child = execa(findProgram(command, options.env.PATH), args, {
    ...commonOptions(options),
    stdin: "pipe",
  });
  // A program that is gone cannot be written to; how it ended says why.
  child.stdin.on("error", () => undefined);
  const ended = settle(command, child);
  const waitFor = listenTo(child.stdout);
  const talked = talk({ write: (text) => void child.stdin.write(text), waitFor });
  const [talking] = await Promise.allSettled([talked.finally(() => child.stdin.end())]);
  const result = await ended;
  if (talking.status === "rejected") throw talking.reason;
  return result;
}

function listenTo(output: NodeJS.ReadableStream): Dialogue["waitFor"] {
  let heard = "";
  let check = (_isOver: boolean): void => undefined;
  output.on("data", (chunk: Buffer) => {
    heard += chunk.toString("utf8");
    check(false);
  });
  output.on("close", () => check(true));
  return async (text) => {
    let timer: NodeJS.Timeout | undefined;
    const heardIt = await new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, SILENCE_MS, false);
      check = (isOver) => {
        if (heard.includes(text)) resolve(true);
        else if (isOver) resolve(false);
      };
      check(false);
    });
    clearTimeout(timer);
    return heardIt;
  };
}

function commonOptions(options: Omit<ProcessOptions, "input" | "inherit" | "inheritError">) {
  return {
    env: { ...options.env, PATH: cleanPath(options.env.PATH) },
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    encoding: "buffer",
    maxBuffer: 512 * 1024 * 1024,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
  } as const;
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** The part of execa's result that we read. */
interface Ending {
  exitCode?: number | undefined;
  signal?: string | undefined;
  stdout?: unknown;
  stderr?: unknown;
  timedOut: boolean;
}

async function settle(command: string, child: PromiseLike<Ending>): Promise<ProcessResult> {
  const result = await child;
  if (result.exitCode === undefined && result.signal === undefined) throw cannotStart(command, result);
  const stdoutBytes = bytesOf(result.stdout);
  let stdout: string | undefined;
  return {
    exitCode: result.exitCode ?? 128 + (SIGNAL_NUMBERS[result.signal ?? ""] ?? 0),
    // Decoded when it is asked for: much of it is never read as text.
    get stdout() {
      stdout ??= stdoutBytes.toString("utf8");
      return stdout;
    },
    stdoutBytes,
    stderr: bytesOf(result.stderr).toString("utf8"),
    signal: result.signal ?? null,
    timedOut: result.timedOut,
  };
}

function bytesOf(output: unknown): Buffer {
  return output instanceof Uint8Array
    ? Buffer.from(output.buffer, output.byteOffset, output.byteLength)
    : Buffer.alloc(0);
}

function cannotStart(command: string, cause: unknown): VibeopsError {
  const code = (cause as { code?: string }).code;
  if (code === "ENOENT") {
    return new VibeopsError({
      code: "process.missing",
      exit: Exit.notFound,
      message: `the program '${command}' is not installed, or not on the PATH`,
      fix: `install ${command}`,
      cause,
    });
  }
  return new VibeopsError({
    code: "process.failed",
    exit: Exit.unexpected,
    message: `the program '${command}' could not be started${code === undefined ? "" : ` (${code})`}`,
    cause,
  });
}
