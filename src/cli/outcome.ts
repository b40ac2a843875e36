import { Exit, type ExitCode } from "../errors.ts";

/** What a command has to say: one object, and how a person reads it. */
export interface Outcome {
  /** The document that `--json` prints under `result`. */
  data: unknown;
  /** The same for a terminal or a pipe; without a final newline. */
  text: string;
  exit?: ExitCode;
}

export function outcome(data: unknown, text: string, exit: ExitCode = Exit.ok): Outcome {
  return { data, text, exit };
}
