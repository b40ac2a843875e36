import { linearPattern } from "../text/linear-pattern.ts";
import type { RecordLine } from "./record.ts";
import type { Capture, Runbook } from "./runbook.ts";

/** `unknown`: it was started, and nobody knows what became of it. */
export type Progress = "pending" | "unknown" | "ok" | "failed" | "skipped";

export interface StepState {
  /** `ok` from the start where the step has no run. */
  readonly run: Progress;
  readonly checks: readonly Progress[];
  readonly rollback: Progress;
  /** Whether its run may have done something. */
  readonly touched: boolean;
}

type Phase = "walking" | "rolling-back" | "completed" | "rolled-back" | "abandoned";

export interface WalkState {
  readonly phase: Phase;
  /** By step number minus one. */
  readonly steps: readonly StepState[];
  readonly captured: Readonly<Record<string, string>>;
  /** The hosts whose lock is this walk's, by its record, and how it got there. */
  readonly locks: Readonly<Record<string, LockedBy>>;
  /** The points under Before you start that a person said yes to, from 0. */
  readonly confirmed: readonly number[];
  /** Steps of which a person ran something else than what was approved. */
  readonly deviations: readonly number[];
  readonly start: WalkStart | null;
  /** Why it was left, until it is resumed. */
  readonly stopped?: string;
}

type LockedBy = Extract<RecordLine, { event: "locked" }>["by"];

/** The first line of a record. */
export type WalkStart = Extract<RecordLine, { event: "start" }>;

/** A step while its record is being read. */
export interface MutableStep {
  run: Progress;
  checks: Progress[];
  rollback: Progress;
  /** Starts of the run that may have had an effect. */
  starts: number;
}

/** A walk while its record is being read. */
export interface MutableWalk {
  phase: Phase;
  steps: MutableStep[];
  captured: Record<string, string>;
  locks: Record<string, LockedBy>;
  confirmed: number[];
  deviations: number[];
  start: WalkStart | null;
  stopped: string | undefined;
  /** Null where it changed since the walk began: then its steps say nothing about this record. */
  readonly runbook: Runbook | null;
}

/** A captured value is a word or a line for later commands, no document. */
const MAX_CAPTURED = 1_024;

/** Whether all of a value is what the capture's pattern says, and it is not longer than 1,024 characters. */
export function matchesCapture(capture: Capture, value: string): boolean {
  return value.length <= MAX_CAPTURED && linearPattern(capture.pattern)(value);
}

/** Whether nothing of a step is left to do. */
export function isDone(step: Pick<StepState, "run" | "checks">): boolean {
  const settled = (progress: Progress) => progress === "ok" || progress === "skipped";
  return settled(step.run) && step.checks.every(settled);
}
