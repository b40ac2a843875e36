import type { TemplateValues } from "../../text/template.ts";
import type { FindTemplate } from "../catalogue.ts";
import type { Stack } from "../dockerfile/stack.ts";
import type { PreparedFile } from "../file-plan.ts";
import type { Question } from "../questions.ts";
import type { Situation } from "../situation.ts";
import type { StaticFiles } from "../static-files.ts";

/** What a target is given: the facts, the open questions, and under which ids it writes. */
export interface TargetInput {
  readonly situation: Situation;
  readonly questions: readonly Question[];
  readonly memo: string;
  readonly runbook: string;
  /** What a static release is made of; null for everything else, and where nobody found them. */
  readonly files: StaticFiles | null;
  /** What the repository is, where it has no image and no Dockerfile of its own; otherwise null. */
  readonly stack: Stack | null;
  /** What a runbook that goes back to an earlier version has besides; null for one that goes forwards. */
  readonly goingBack: GoingBack | null;
  readonly find: FindTemplate;
}

/** Parts of a plan, as Markdown; empty for none. */
interface GoingBack {
  /** Points for *Before you start*. */
  readonly before: string;
  /** Steps that put data back, just before the version starts: they stop it first. */
  readonly data: string;
}

/** A way to run a service on a host, chosen by the host's `runtime` and by what the memo names. One file each in this folder. */
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

/** For a target's runbook template. */
export function goingBackValues({ goingBack }: Pick<TargetInput, "goingBack">): TemplateValues {
  return {
    goingBackBefore: goingBack?.before.trimEnd() ?? "",
    goingBackData: goingBack?.data.trimEnd() ?? "",
  };
}
