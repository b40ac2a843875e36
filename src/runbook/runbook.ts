/** What a fence does: `run` changes something, `check` only reads, `rollback` undoes. */
export type CommandKind = "run" | "check" | "rollback";

/** One fenced command, exactly as it will be given to `sh` on each of its hosts. */
export interface CommandFence {
  readonly kind: CommandKind;
  /** Names from the runbook's `hosts`, each once, in the order in which they have their turns; at least one. */
  readonly hosts: readonly string[];
  /** All of its hosts at the same time, instead of one after another. */
  readonly together: boolean;
  /** The text between the fence lines, without the last newline. */
  readonly script: string;
  readonly timeoutMs: number;
  /** Literal text that a check's standard output must hold. */
  readonly expect?: string;
  /** A check is tried this often … */
  readonly attempts: number;
  /** … with this many milliseconds in between. */
  readonly intervalMs: number;
  /** The name under which a run's trimmed standard output is known to later steps, and what it must match. */
  readonly capture?: Capture;
  /** Whether no action stands behind it. */
  readonly raw: boolean;
  /** Line of the fence in the file, from 1. */
  readonly line: number;
  /** Offsets of the whole fence in the file's text. */
  readonly start: number;
  readonly end: number;
}

/** What a fence is on one of its hosts. */
export interface Command extends CommandFence {
  readonly host: string;
}

export interface Capture {
  readonly name: string;
  /** A regular expression for the whole value. */
  readonly pattern: string;
}

/** A scoped operation: the commands under it are compiled from these parameters. */
export interface ActionCall {
  readonly use: string;
  readonly hosts: readonly string[];
  readonly together: boolean;
  /** Parameters as they are written; the action's schema gives them types. */
  readonly with: unknown;
  /** How long its run and its rollback may take; the action's own default unless told. */
  readonly timeout?: string;
  /** An agent may run the step by itself, once a person approved it so. */
  readonly delegated?: true;
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** Why a step has no way back, in the writer's words. */
interface NoRollback {
  readonly none: string;
}

export interface Step {
  /** From 1, in order. */
  readonly number: number;
  readonly title: string;
  readonly line: number;
  /** What stands between the fences. */
  readonly prose: string;
  readonly action?: ActionCall;
  readonly run?: CommandFence;
  readonly checks: readonly CommandFence[];
  readonly rollback?: CommandFence | NoRollback;
}

/** A check that runs as a separate act, after the walk. */
export interface VerificationCheck extends CommandFence {
  readonly kind: "check";
  readonly action?: ActionCall;
}

export interface Runbook {
  readonly id: string;
  readonly title: string;
  /** The memo that asked for it. */
  readonly memo?: string;
  /** Who wrote it: `role@project`, or a person. */
  readonly author?: string;
  readonly hosts: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** Paths below the project's root, forward slashes: what is installed or called; hashed into the approval. */
  readonly files: readonly string[];
  readonly summary: string;
  readonly risks: readonly string[];
  /** Those that nobody ticked. */
  readonly openQuestions: readonly string[];
  readonly beforeYouStart: readonly string[];
  readonly steps: readonly Step[];
  readonly verification: readonly VerificationCheck[];
  /** Actions in Verification under which no command stands yet. */
  readonly uncompiled: readonly ActionCall[];
  readonly rollbackText: string;
  /** The whole file. */
  readonly text: string;
  readonly file: string;
}

/** A step's way back, where it is a command. */
export function rollbackFence(step: Step): CommandFence | undefined {
  return step.rollback !== undefined && "script" in step.rollback ? step.rollback : undefined;
}

/** All fences of a step in the order in which they stand. */
export function fencesOf(step: Step): CommandFence[] {
  const rollback = rollbackFence(step);
  return [...(step.run ? [step.run] : []), ...step.checks, ...(rollback ? [rollback] : [])];
}

/** One command for each host of a fence. */
export function commandsOf(fence: CommandFence): Command[] {
  return fence.hosts.map((host) => ({ ...fence, host }));
}

/** Which host a sentence is about, as its end: nothing where the fence has one only. */
export function onHost({ hosts }: Pick<CommandFence, "hosts">, named: string | readonly string[]): string {
  return hosts.length === 1 ? "" : ` on ${[named].flat().join(", ")}`;
}

/** All hosts of a step, in the order in which its fences name them. */
export function hostsOf(step: Step): string[] {
  return [...new Set(fencesOf(step).flatMap(({ hosts }) => hosts))];
}

/** The hosts to which the steps go, by name: those that a walk holds for itself. Verifying only looks. */
export function walkedHosts({ steps }: Pick<Runbook, "steps">): string[] {
  return [...new Set(steps.flatMap(hostsOf))].sort();
}
