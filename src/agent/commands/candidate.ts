/** A command that agents could be allowed, and what it runs. */
export interface Candidate {
  /** Its name under `commands:`. */
  readonly name: string;
  /** As it is typed: `npm test`. */
  readonly command: string;
  /** Why it cannot be proven to stay on this machine; null where it is. */
  readonly why: string | null;
}

/** Names of tasks that check or build, in the field's usual words. All others are for a person to name. */
export const usualTask =
  /^(test|build|lint|check|typecheck|type-check|types|format|fmt|coverage|test[:-](unit|integration|coverage)|(format|fmt|lint|prettier)[:-]check)$/;

/** A name that is one word wherever it is typed. */
export const plainTask = /^[A-Za-z0-9][\w:.-]*$/;

/** A key for vibeops.yaml: `format:check` becomes `format-check`. */
export function commandName(task: string): string {
  return task.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}
