import { VibeopsError } from "../errors.ts";
import type { Finding } from "../text/finding.ts";

/** A file that could not be read, as one finding among the others. Anything but our own errors is thrown again. */
export function findingOf(error: unknown, file: string): Finding {
  if (!(error instanceof VibeopsError)) throw error;
  return {
    rule: error.code,
    level: "error",
    message: error.message,
    file: error.file ?? file,
    ...(error.line === undefined ? {} : { line: error.line }),
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  };
}

export function auditError(rule: string, file: string, message: string, fix: string, line?: number): Finding {
  return {
    rule: `audit.${rule}`,
    level: "error",
    message,
    file,
    fix,
    ...(line === undefined ? {} : { line }),
  };
}
