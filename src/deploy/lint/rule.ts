import type { Source } from "./source.ts";

type Level = "error" | "warning";

/** A place in a file: findings stand there. */
export interface Spot {
  readonly source: Source;
  /** In UTF-16 units from the beginning of the text. */
  readonly offset: number;
}

/** What a rule is, for help, `--json` and SARIF. */
export interface RuleInfo {
  /** Stable name, `subject.problem`: what a suppression names. */
  readonly id: string;
  readonly level: Level;
  /** What it wants, in a few words. */
  readonly summary: string;
  /** Why, in a sentence or two. */
  readonly why: string;
  /** Only with `--style`: how a file looks, not what it does. */
  readonly style?: true;
}

/** What a rule found. */
export interface Problem {
  readonly spot: Spot;
  /** What is wrong, in one sentence. Never holds a value that could be secret. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
  /** Where it is not the rule's own. */
  readonly level?: Level;
}

/** A rule over what was read of a file. */
export interface Rule<Subject> extends RuleInfo {
  check(subject: Subject): Iterable<Problem>;
}
