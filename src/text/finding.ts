/** One thing that a check found in a document. `error` stops the command that asked, `warning` does not. */
export interface Finding {
  /** Stable name of the rule, `subject.problem`: `memo.padding`. */
  rule: string;
  level: "error" | "warning";
  message: string;
  file?: string;
  /** From 1. */
  line?: number;
  fix?: string;
}
