import { Exit, VibeopsError } from "../errors.ts";
import { linearPattern } from "../text/linear-pattern.ts";
import type { RecordLine } from "./record.ts";
import type { Capture, Runbook } from "./runbook.ts";

/** `unknown`: it was started, and nobody knows what became of it. */
type Progress = "pending" | "unknown" | "ok" | "failed" | "skipped";

export interface StepState {
  /** `ok` from the start where the step has no run. */
  readonly run: Progress;
  readonly checks: readonly Progress[];
  readonly rollback: Progress;
  /** Whether its run may have done something. */
  readonly touched: boolean;
}

export interface WalkState {
  readonly phase: "walking" | "rolling-back" | "completed" | "rolled-back" | "abandoned";
  /** By step number minus one. */
  readonly steps: readonly StepState[];
  readonly captured: Readonly<Record<string, string>>;
  readonly approval: string;
  /** Why it was left, until it is resumed. */
  readonly stopped?: string;
}

interface MutableStep {
  run: Progress;
  checks: Progress[];
  rollback: Progress;
  /** Starts of the run that may have had an effect. */
  starts: number;
}

interface MutableWalk {
  phase: WalkState["phase"];
  steps: MutableStep[];
  captured: Record<string, string>;
  approval: string;
  stopped: string | undefined;
  readonly runbook: Runbook;
}

/** Where a walk stands, from its record alone: the same lines always give the same state. */
export function readWalkState(runbook: Runbook, events: readonly RecordLine[]): WalkState {
  const walk: MutableWalk = {
    phase: "walking",
    steps: runbook.steps.map((step) => ({
      run: step.run === undefined ? "ok" : "pending",
      checks: step.checks.map((): Progress => "pending"),
      rollback: "pending",
      starts: 0,
    })),
    captured: {},
    approval: "",
    stopped: undefined,
    runbook,
  };
  for (const event of events) applyToWalk(walk, event);
  return {
    phase: walk.phase,
    steps: walk.steps.map(({ starts, ...step }) => ({ ...step, touched: starts > 0 })),
    captured: walk.captured,
    approval: walk.approval,
    ...(walk.stopped === undefined ? {} : { stopped: walk.stopped }),
  };
}

function applyToWalk(walk: MutableWalk, event: RecordLine): void {
  switch (event.event) {
    case "start":
      walk.approval = event.approval;
      return;
    case "resume":
      walk.stopped = undefined;
      return;
    case "stopped":
      walk.stopped = event.reason;
      return;
    case "captured":
      applyCaptured(walk, event);
      return;
    case "rollback":
      walk.phase = "rolling-back";
      return;
    case "completed":
    case "rolled-back":
    case "abandoned":
      walk.phase = event.event;
      return;
    default:
      applyToStep(walk, event);
  }
}

/** Only what the approved step captures, by its pattern, and never in the place of an approved variable. */
function applyCaptured(walk: MutableWalk, event: Extract<RecordLine, { event: "captured" }>): void {
  const capture = walk.runbook.steps[event.step - 1]?.run?.capture;
  const isDeclared = capture?.name === event.name && !Object.hasOwn(walk.runbook.variables, event.name);
  if (isDeclared && matchesCapture(capture, event.value)) {
    walk.captured[event.name] = event.value;
    return;
  }
  throw new VibeopsError({
    code: "record.broken",
    exit: Exit.refused,
    message: `step ${event.step} captures no such value`,
    line: event.seq + 1,
    fix: "the record was changed after it was written; compare with: git log -p",
  });
}

/** A captured value is a word or a line for later commands, no document. */
const MAX_CAPTURED = 1_024;

/** Whether all of a value is what the capture's pattern says, and it is not longer than 1,024 characters. */
export function matchesCapture(capture: Capture, value: string): boolean {
  return value.length <= MAX_CAPTURED && linearPattern(capture.pattern)(value);
}

function applyToStep(walk: MutableWalk, event: RecordLine): void {
  const step = "step" in event ? walk.steps[event.step - 1] : undefined;
  if (step === undefined) return;
  switch (event.event) {
    case "started":
      if (event.kind === "run") step.starts += 1;
      setProgress(step, event.kind, "unknown");
      return;
    case "finished":
      setProgress(step, event.kind, event.outcome);
      return;
    case "checked":
      step.checks[event.index] = event.ok ? "ok" : "failed";
      return;
    case "answered":
      applyAnswer(step, event);
      return;
    case "skipped":
      applySkip(step, event.kind);
      return;
    case "retry":
      if (step.starts > 0) step.run = "pending";
      step.checks = step.checks.map(() => "pending");
      return;
    default:
  }
}

function setProgress(step: MutableStep, kind: "run" | "check" | "rollback", progress: Progress): void {
  if (kind !== "check") step[kind] = progress;
}

function applySkip(step: MutableStep, kind: "run" | "check" | "rollback"): void {
  if (kind === "rollback") {
    step.rollback = "skipped";
    return;
  }
  if (kind === "run" && step.run !== "ok") step.run = "skipped";
  step.checks = step.checks.map((check) => (check === "ok" ? check : "skipped"));
}

function applyAnswer(step: MutableStep, event: Extract<RecordLine, { event: "answered" }>): void {
  if (event.kind === "check") return;
  if (event.answer === "ran") step[event.kind] = "ok";
  else step[event.kind] = "pending";
  if (event.answer === "not-run" && event.kind === "run") step.starts -= 1;
}

/** Whether a walk can be gone on with. */
export function isOpen(state: WalkState): boolean {
  return state.phase === "walking" || state.phase === "rolling-back";
}

/** Whether nothing of a step is left to do. */
export function isDone(step: StepState): boolean {
  const settled = (progress: Progress) => progress === "ok" || progress === "skipped";
  return settled(step.run) && step.checks.every(settled);
}
