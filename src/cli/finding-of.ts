import type { VibeopsError } from "../errors.ts";
import type { Finding } from "../text/finding.ts";

/** A document that could not be read at all, as one finding among the others. */
export function findingOf(error: VibeopsError, path: string): Finding {
  return {
    rule: error.code,
    level: "error",
    message: error.message,
    file: error.file ?? path,
    ...(error.line === undefined ? {} : { line: error.line }),
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  };
}
