import { Exit, VibeopsError } from "../errors.ts";
import type { Fence, Heading } from "../text/blocks.ts";

/** The text of a runbook and what stands where in it. */
export interface Document {
  readonly text: string;
  readonly file: string;
  readonly headings: readonly Heading[];
  readonly fences: readonly Fence[];
}

/** What a runbook cannot be read for, with its line. */
export function refuse(
  document: Document,
  reason: string,
  line: number,
  message: string,
  fix: string,
): VibeopsError {
  return new VibeopsError({
    code: `runbook.${reason}`,
    exit: Exit.invalid,
    message,
    file: document.file,
    line,
    fix,
  });
}
