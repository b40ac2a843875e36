import { Exit, type ExitCode } from "../errors.ts";

/** What a command has to say: one object, and how a person reads it. */
export interface Outcome {
  /** The document that `--json` prints under `result`. */
  data: unknown;
  /** The same for a terminal or a pipe; without a final newline. */
  text: string;
  /** The same line by line, where there may be very many. */
  lines?: () => Iterable<string>;
  exit?: ExitCode;
}

export function outcome(data: unknown, text: string, exit: ExitCode = Exit.ok): Outcome {
  return { data, text, exit };
}

/** As {@link outcome}, for long lists: drawn when and as far as somebody reads it, one line after the other. */
export function drawnOutcome(data: unknown, lines: () => Iterable<string>): Outcome {
  return {
    data,
    lines,
    get text() {
      return [...lines()].join("\n");
    },
  };
}
