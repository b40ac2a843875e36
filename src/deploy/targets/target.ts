import type { FindTemplate } from "../catalogue.ts";
import type { PreparedFile } from "../file-plan.ts";
import type { Question, Situation } from "../questions.ts";

/** What a target is given: the facts, the open questions, and under which ids it writes. */
export interface TargetInput {
  readonly situation: Situation;
  readonly questions: readonly Question[];
  readonly memo: string;
  readonly runbook: string;
  readonly find: FindTemplate;
}

/** A way to run a service on a host, chosen by the host's `runtime`. One file each in this folder. */
export interface Target {
  /** Configuration under deploy/<service>/, whether this runbook installs it or a later one does. */
  writeFiles(input: TargetInput): PreparedFile[];
  /** Which of those files its runbook installs: paths for the runbook's front matter. */
  installedFiles(input: TargetInput): string[];
  /**
   * Null where a blocking question leaves no step to write. Otherwise from *Before you start* to *Rollback*: actions without their commands, step headings without numbers.
   */
  writePlan(input: TargetInput): string | null;
}
