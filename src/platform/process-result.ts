import { Exit, VibeopsError } from "../errors.ts";

/** How a program ended, and what it printed. */
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

/** What a runner knows of a program that has ended. */
export interface Ending {
  /** Null where a signal ended it. */
  exitCode: number | null;
  signal: string | null;
  stdout: Buffer;
  stderr: Buffer;
  timedOut: boolean;
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

export function processResult({ exitCode, signal, stdout, stderr, timedOut }: Ending): ProcessResult {
  let text: string | undefined;
  return {
    exitCode: exitCode ?? 128 + (SIGNAL_NUMBERS[signal ?? ""] ?? 0),
    // Decoded when it is asked for: much of it is never read as text.
    get stdout() {
      text ??= stdout.toString("utf8");
      return text;
    },
    stdoutBytes: stdout,
    stderr: stderr.toString("utf8"),
    signal,
    timedOut,
  };
}

/** The error of a program that never ran. */
export function cannotStart(command: string, cause: unknown): VibeopsError {
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

const UNHEARD = {
  input: (command: string) => `the program '${command}' was not given all of its input`,
  output: (command: string) => `what the program '${command}' printed could not be read`,
} as const;

/** The error of a program that ran, while the system failed to carry what we wrote to it, or what it printed. */
export function cannotTalk(
  what: keyof typeof UNHEARD,
  command: string,
  cause: NodeJS.ErrnoException,
): VibeopsError {
  return new VibeopsError({
    code: `process.${what}`,
    exit: Exit.unexpected,
    message: `${UNHEARD[what](command)} (${cause.code ?? cause.message})`,
    fix: "do it again; what was done already is found",
    cause,
  });
}
