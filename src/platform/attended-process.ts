import { execa } from "execa";
import { isSystemError } from "../errors.ts";
import type { ProcessOptions } from "./process.ts";
import { cannotStart, type ProcessResult, processResult } from "./process-result.ts";
import { cleanPath, findProgram } from "./program.ts";

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
  options: Pick<ProcessOptions, "cwd" | "env" | "timeoutMs">,
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

function commonOptions(options: Pick<ProcessOptions, "cwd" | "env" | "timeoutMs">) {
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

/** The part of execa's result that we read. */
interface ExecaEnding {
  exitCode?: number | undefined;
  signal?: string | undefined;
  stdout?: unknown;
  stderr?: unknown;
  timedOut: boolean;
}

async function settle(command: string, child: PromiseLike<ExecaEnding>): Promise<ProcessResult> {
  const { exitCode = null, signal = null, stdout, stderr, timedOut, ...others } = await child;
  if (exitCode === null && signal === null) throw cannotStart(command, others);
  return processResult({ exitCode, signal, stdout: bytesOf(stdout), stderr: bytesOf(stderr), timedOut });
}

function bytesOf(output: unknown): Buffer {
  return output instanceof Uint8Array
    ? Buffer.from(output.buffer, output.byteOffset, output.byteLength)
    : Buffer.alloc(0);
}
