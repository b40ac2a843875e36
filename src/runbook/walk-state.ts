import { Exit, VibeopsError } from "../errors.ts";
import type { RecordLine, WalkRecord } from "./record.ts";
import { type CommandFence, rollbackFence, type Step } from "./runbook.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { fenceOfLine, findMisplacement, hostOfLine, type StepLine } from "./walk-order.ts";
import {
  failedHosts,
  hostsToRunAgain,
  type MutableStep,
  type MutableWalk,
  type Progress,
  summarizeStep,
  type WalkState,
} from "./walk-progress.ts";

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
    notRolledBack: [],
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
    steps: steps.map(summarizeStep),
    ...(stopped === undefined ? {} : { stopped }),
  };
}

function freshStep(step: Step): MutableStep {
  const fresh = (fence?: CommandFence) => new Map((fence?.hosts ?? []).map((host) => [host, pending()]));
  return {
    run: fresh(step.run),
    checks: step.checks.map(fresh),
    rollback: fresh(rollbackFence(step)),
    starts: new Map(),
  };
}

function pending(): Progress {
  return "pending";
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
      walk.locks[event.host] = event;
      return;
    case "unlocked":
      delete walk.locks[event.host];
      return;
    case "rollback":
      walk.phase = "rolling-back";
      return;
    case "rolled-back":
      walk.phase = event.event;
      walk.notRolledBack = [...event.failed, ...event.none].toSorted((a, b) => a - b);
      return;
    case "completed":
    case "abandoned":
      walk.phase = event.event;
      return;
    default:
      applyToStep(walk, event);
  }
}

function applyToStep(walk: MutableWalk, event: RecordLine): void {
  if (!("step" in event)) return;
  const step = walk.runbook?.steps[event.step - 1];
  const state = walk.steps[event.step - 1];
  if (step === undefined || state === undefined) return;
  if (event.event === "skipped") {
    applySkip(state, event);
    return;
  }
  if (event.event === "retry") {
    applyRetry(state);
    return;
  }
  const host = hostOfLine(event, fenceOfLine(step, event));
  if (host === undefined) return;
  if ("deviation" in event && event.deviation !== undefined) walk.deviations.push(event.step);
  applyToHost(state, host, event);
}

function applyToHost(state: MutableStep, host: string, event: StepLine): void {
  switch (event.event) {
    case "started":
      if (event.kind === "run") state.starts.set(host, (state.starts.get(host) ?? 0) + 1);
      setProgress(state, event.kind, host, "unknown");
      return;
    case "finished":
      setProgress(state, event.kind, host, event.outcome);
      return;
    case "checked":
      state.checks[event.index]?.set(host, event.ok ? "ok" : "failed");
      return;
    case "answered":
      setProgress(state, event.kind, host, event.answer === "ran" ? "ok" : "pending");
      if (event.answer === "not-run" && event.kind === "run") {
        state.starts.set(host, (state.starts.get(host) ?? 0) - 1);
      }
      return;
    default:
  }
}

function setProgress(
  state: MutableStep,
  kind: "run" | "check" | "rollback",
  host: string,
  progress: Progress,
): void {
  if (kind !== "check") state[kind].set(host, progress);
}

/** What succeeded stays what it is; of a way back all that is named is left as it is. */
function applySkip(state: MutableStep, { kind, host }: Extract<RecordLine, { event: "skipped" }>): void {
  const skip = (progress: Map<string, Progress>, always = false) => {
    for (const [name, before] of progress) {
      if ((host === undefined || host === name) && (always || before !== "ok")) progress.set(name, "skipped");
    }
  };
  if (kind === "rollback") {
    skip(state.rollback, true);
    return;
  }
  if (kind === "run") skip(state.run);
  for (const check of state.checks) skip(check);
}

/**
 * What failed is as if it had not begun. A host on which all succeeded keeps that; a check on a host that the run does
 * not go to speaks of all of them, so it is made again too.
 */
function applyRetry(state: MutableStep): void {
  const failed = failedHosts(state);
  const again = hostsToRunAgain(state);
  for (const host of again) state.run.set(host, "pending");
  for (const check of state.checks) {
    for (const [host, before] of check) {
      const isStale = state.run.size > 0 && !state.run.has(host);
      if (before !== "skipped" && (isStale || again.includes(host) || failed.includes(host)))
        check.set(host, "pending");
    }
  }
}

/** Whether a walk can be gone on with. */
export function isOpen(state: WalkState): boolean {
  return state.phase === "walking" || state.phase === "rolling-back";
}
