import type { Readable, Writable } from "node:stream";
import type { Context } from "../platform/context.ts";
import { randomBytes } from "../platform/random-suffix.ts";

/** All that a command knows of the outside; tests pass streams and an environment of their own. */
export interface Io {
  readonly cwd: string;
  readonly context: Context;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Whether a person can be asked: standard input and output are a terminal. */
  readonly isInteractive: boolean;
  /** Whether escape sequences for colour may be written to standard output. */
  readonly hasColour: boolean;
  /** Width of the terminal in columns. */
  readonly columns: number;
}

/** The process's own streams, environment, clock and chance. */
export function processIo(): Io {
  const { env, stdin, stdout, stderr } = process;
  const noColour = (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";
  return {
    cwd: process.cwd(),
    context: { env, now: () => new Date(), randomBytes },
    stdin,
    stdout,
    stderr,
    isInteractive: stdin.isTTY === true && stdout.isTTY === true,
    hasColour: stdout.isTTY === true && !noColour,
    columns: stdout.columns ?? 80,
  };
}
