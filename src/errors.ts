/** Process exit codes; the table in docs/formats.md is for people, this one for code. */
export const Exit = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  notFound: 3,
  invalid: 4,
  refused: 5,
  humanNeeded: 6,
  conflict: 7,
  provider: 8,
  interrupted: 130,
} as const;

export type ExitCode = (typeof Exit)[keyof typeof Exit];

export interface ErrorDetails {
  /** Stable machine-readable name, `subject.problem`: `memo.unknown-key`. */
  code: string;
  /** Which exit code the program ends with. */
  exit: ExitCode;
  /** What is wrong, in one sentence, without the place. */
  message: string;
  /** What to do about it: a command, a line to add, a value to change. */
  fix?: string | undefined;
  /** Where: a path, as the person would type it. */
  file?: string | undefined;
  /** Where in the file, from 1. */
  line?: number | undefined;
  /** Further facts for `--json`. */
  facts?: Readonly<Record<string, unknown>> | undefined;
  cause?: unknown;
}

/** The one error that our code throws on purpose. Thrown once, rendered once, by `cli/`. */
export class VibeopsError extends Error {
  readonly code: string;
  readonly exit: ExitCode;
  readonly fix: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly facts: Readonly<Record<string, unknown>> | undefined;

  constructor(details: ErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "VibeopsError";
    this.code = details.code;
    this.exit = details.exit;
    this.fix = details.fix;
    this.file = details.file;
    this.line = details.line;
    this.facts = details.facts;
  }
}

/** Whether a thrown value is a system error with that `code` (`ENOENT`, `EEXIST` …). */
export function isSystemError(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? "");
}
