import { flagOption, type Options } from "./command.ts";
import type { Io } from "./io.ts";

/** Where to talk with the person: under `--json` standard output is for the one document, so the talk goes to standard error. */
export function talkIo(io: Io, options: Options): Io {
  return flagOption(options, "json") ? { ...io, stdout: io.stderr } : io;
}
