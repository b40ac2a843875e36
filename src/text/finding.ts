import { VibeopsError } from "../errors.ts";

/** One thing that a check found in a document. `error` stops the command that asked, `warning` does not. */
export interface Finding {
  /** Stable name of the rule, `subject.problem`: `memo.padding`. */
  rule: string;
  level: "error" | "warning";
  message: string;
  file?: string;
  /** From 1. */
  line?: number;
  /** From 1, in UTF-16 units; only with a line. */
  column?: number;
  fix?: string;
}

/** What is found in several ways, or of several things alike, is said once. */
export function withoutDoubles(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
}

/** A document that could not be read, as one finding among the others. Anything but our own errors is thrown again. */
export function findingOf(error: unknown, path: string): Finding {
  if (!(error instanceof VibeopsError)) throw error;
  return {
    rule: error.code,
    level: "error",
    message: error.message,
    file: error.file ?? path,
    ...(error.line === undefined ? {} : { line: error.line }),
    ...(error.fix === undefined ? {} : { fix: error.fix }),
  };
}
