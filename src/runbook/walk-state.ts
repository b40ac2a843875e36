import { Exit, VibeopsError } from "../errors.ts";
import type { RecordLine, WalkRecord } from "./record.ts";
import type { Runbook } from "./runbook.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { findMisplacement } from "./walk-order.ts";
import type { MutableStep, MutableWalk, Progress, WalkState } from "./walk-progress.ts";

/**
 * Where a walk stands, from its record alone: the same lines always give the same state. Lines in an order that no
 * walk of ours writes are refused.
 *
 * @throws VibeopsError `record.broken` with the line
 */
export function readWalkState(
  { runbook, sha256 }: Pick<LoadedRunbook, "runbook" | "sha256">,
  record: Pick<WalkRecord, "events" | "file">,
): WalkState {
  const [first] = record.events;
  const isSame = first?.event !== "start" || first.sha256 === sha256;
  const walk: MutableWalk = {
    phase: "walking",
    steps: isSame ? runbook.steps.map(freshStep) : [],
    captured: {},
    locks: {},
    confirmed: [],
    deviations: [],
    start: null,
    stopped: undefined,
    runbook: isSame ? runbook : null,
  };
  for (const event of record.events) {
    const wrong =
      event.event === "start" && event.runbook !== runbook.id
        ? `this record is about runbook ${event.runbook}`
        : findMisplacement(walk, event);
    if (wrong !== null) throw misplaced(record.file, event.seq + 1, wrong);
    applyToWalk(walk, event);
  }
  const { runbook: _runbook, stopped, steps, ...rest } = walk;
  return {
    ...rest,
    steps: steps.map(({ starts, ...step }) => ({ ...step, touched: starts > 0 })),
    ...(stopped === undefined ? {} : { stopped }),
  };
}

function freshStep(step: Runbook["steps"][number]): MutableStep {
  return {
    run: step.run === undefined ? "ok" : "pending",
    checks: step.checks.map((): Progress => "pending"),
    rollback: "pending",
    starts: 0,
  };
}

/** A line that stands where none of ours would. */
export function misplaced(file: string, line: number, message: string): VibeopsError {
  return new VibeopsError({
    code: "record.broken",
    exit: Exit.refused,
    message,
    file,
    line,
    fix: "the record was changed after it was written; compare with: git log -p",
  });
}

function applyToWalk(walk: MutableWalk, event: RecordLine): void {
  switch (event.event) {
    case "start":
      walk.start = event;
      return;
    case "resume":
      walk.stopped = undefined;
      return;
    case "stopped":
      walk.stopped = event.reason;
      return;
    case "confirmed":
      walk.confirmed.push(event.item);
      return;
    case "captured":
      walk.captured[event.name] = event.value;
      return;
    case "locked":
      walk.locks[event.host] = event.by;
      return;
    case "unlocked":
      delete walk.locks[event.host];
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
      if (event.deviation !== undefined) walk.deviations.push(event.step);
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
