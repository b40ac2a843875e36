import type { Readable, Writable } from "node:stream";
import type { VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { randomBytes } from "../platform/random-suffix.ts";
import { findPlace } from "./place.ts";

/** All that a command knows of the outside; tests pass streams and an environment of their own. */
export interface Io {
  readonly cwd: string;
  /** Why no command can work there. */
  readonly fault?: VibeopsError | undefined;
  readonly context: Context;
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Whether a person can be asked: standard input and output are a terminal. */
  readonly isInteractive: boolean;
  /** Whether escape sequences for colour may be written to standard output. */
  readonly hasColour: boolean;
  /** Width of the terminal in columns as it is now: a person may change it at any time. */
  readonly columns: number;
  /** What further threads run, where there is much to read; none are started without it. */
  readonly threadScript?: string | undefined;
}

/**
 * The process's own streams, environment, clock and chance. Each stream is opened when somebody first wants it:
 * standard input alone takes Node.js longer than a hundred memos take to read.
 */
export function processIo(threadScript?: string): Io {
  const { env } = process;
  const noColour = (env.NO_COLOR ?? "") !== "" || env.TERM === "dumb";
  const toTerminal = process.stdout.isTTY;
  return {
    ...findPlace(),
    context: { env, now: () => new Date(), randomBytes },
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return guardedOutput();
    },
    get stderr() {
      return guardedErrors();
    },
    isInteractive: toTerminal && process.getBuiltinModule("node:tty").isatty(0),
    hasColour: toTerminal && !noColour,
    get columns() {
      // A serial line or a container's terminal that nobody gave a size says 0.
      return (toTerminal && process.stdout.columns) || 80;
    },
    threadScript,
  };
}

/** The same outside with another context; no stream is opened by that. */
export function withContext(io: Io, context: Context): Io {
  const own = Object.getOwnPropertyDescriptors(io);
  return Object.create(null, { ...own, context: { value: context, enumerable: true } }) as Io;
}

let output: Writable | undefined;

let whatFailed: Error | undefined;
let tellFailure: ((error: Error) => void) | undefined;

/** A reader that closes early (| head) is no error of ours. */
function guardedOutput(): Writable {
  output ??= process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || whatFailed !== undefined) return;
    whatFailed = error;
    tellFailure?.(error);
  });
  return output;
}

/** Calls `tell` once where standard output did not take what was written, now or as soon as it says so. */
export function onUnwritten(tell: (error: Error) => void): void {
  if (whatFailed === undefined) tellFailure = tell;
  else tell(whatFailed);
}

let errors: Writable | undefined;

/** Where nobody can be told any more, there is nothing left to do. */
function guardedErrors(): Writable {
  errors ??= process.stderr.on("error", () => undefined);
  return errors;
}

/** Whether all that was written has left this process, and nobody failed to take it. */
export function isWritten(): boolean {
  return [output, errors].every(
    (stream) => stream === undefined || (stream.errored === null && stream.writableLength === 0),
  );
}
