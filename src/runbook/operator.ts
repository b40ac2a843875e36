import type { ActionCall, CommandKind } from "./runbook.ts";
import type { Tier } from "./tier.ts";

/** One fence as a person is shown it. All text is visible already: nothing in it obeys a terminal. */
export interface CommandView {
  readonly kind: CommandKind;
  /** Where it goes, in this order. */
  readonly hosts: readonly string[];
  /** All of them at the same time. */
  readonly together: boolean;
  /** `local` where the host is this machine, a rehearsal. */
  readonly transport: "ssh" | "local";
  /** The highest of its hosts. */
  readonly tier: Tier;
  /** Whether no action vouches for it. */
  readonly raw: boolean;
  /** Exactly what runs, variables included; in paste mode, what to paste. */
  readonly script: string;
  /** Whether it holds tabs, which stand as spaces here. */
  readonly tabs?: true;
  readonly timeoutMs: number;
  /** What its output must hold. */
  readonly expect?: string;
  readonly attempts: number;
  readonly intervalMs: number;
}

/** A step before it begins: where, how dangerous, what exactly, what is expected, and the way back. */
export interface StepView {
  readonly number: number;
  readonly of: number;
  readonly title: string;
  readonly prose: string;
  readonly action?: ActionCall["use"];
  /** An agent may run it by itself. */
  readonly delegated?: true;
  /** The highest of its commands. */
  readonly tier: Tier;
  readonly run?: CommandView;
  readonly checks: readonly CommandView[];
  readonly rollback?: CommandView;
  readonly noRollback?: string;
}

export interface Choice<T extends string> {
  readonly value: T;
  /** What a person reads, such as "roll back". */
  readonly label: string;
  /** Chosen by Enter alone. */
  readonly isDefault?: boolean;
}

/**
 * The person at the screen. The engine asks and shows through this and nothing else. A method may reject with a
 * VibeopsError of exit 130 when the person leaves (Ctrl-C, end of input): the walk then stops and can be resumed.
 */
export interface Operator {
  /** Who the record says it was. */
  readonly who: string;
  showStep(view: StepView): void;
  /** Before a single command: a rollback, a check that is repeated, or, in paste mode, what to paste now. */
  showCommand(view: CommandView): void;
  /** One sentence about what happened. */
  say(message: string): void;
  /** Output of a step as it comes, made visible and redacted; whole lines. `host`: where a step has several. */
  output(stream: "stdout" | "stderr", text: string, host?: string): void;
  choose<T extends string>(question: string, choices: readonly Choice<T>[]): Promise<T>;
  /** One line; may be empty. */
  ask(question: string): Promise<string>;
  /** Many lines, ended by a line with a single dot. */
  paste(question: string): Promise<string>;
  /** Runs something that takes its time; Ctrl-C aborts the signal and leaves the program running. */
  interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T>;
}
