import { hashCommand } from "./current-content.ts";
import type { RecordLine } from "./record.ts";
import { type Command, rollbackCommand, type Step } from "./runbook.ts";
import { isDone, type MutableStep, type MutableWalk, matchesCapture } from "./walk-progress.ts";

type StepLine = Extract<RecordLine, { step: number }>;

/**
 * Why a line cannot stand where it stands in the record of a walk, in words; null where it can. This is the order
 * that walk-forwards.ts and walk-back.ts keep: a record that does not was not written by them.
 */
export function findMisplacement(walk: MutableWalk, event: RecordLine): string | null {
  if (event.event === "start") {
    if (event.seq > 0) return "a walk starts once";
    return event.walk === undefined ? null : "this is the start of a verification";
  }
  if (walk.start === null) return "a record begins with its start";
  if (event.event === "taken-over" || event.event === "torn") return null;
  if (walk.phase !== "walking" && walk.phase !== "rolling-back") {
    return `the walk was ${walk.phase}: nothing happens in it after that`;
  }
  return "step" in event ? findStepMisplacement(walk, event) : findTurnMisplacement(walk, event);
}

function findTurnMisplacement(walk: MutableWalk, event: Exclude<RecordLine, StepLine>): string | null {
  switch (event.event) {
    case "confirmed":
      return needs(walk, "walking") ?? findUnknownItem(walk, event.item);
    case "locked":
    case "lock-broken":
      return findUnknownHost(walk, event.host);
    case "unlocked":
      return whenNot(Object.hasOwn(walk.locks, event.host), `the lock on ${event.host} is not this walk's`);
    case "rollback":
      return needs(walk, "walking");
    case "completed":
      return needs(walk, "walking") ?? whenNot(walk.steps.every(isDone), "not every step was done");
    case "rolled-back":
      return (
        needs(walk, "rolling-back") ?? whenNot(isWholeWayBack(walk, 0), "not every step was gone back over")
      );
    case "abandoned":
      return whenNot(
        walk.steps.every((step) => step.starts === 0),
        "steps ran in this walk",
      );
    case "verified":
      return "a walk verifies nothing";
    default:
      return null;
  }
}

function findUnknownHost({ runbook }: MutableWalk, host: string): string | null {
  return whenNot(runbook === null || runbook.hosts.includes(host), `host ${host} is none of the runbook's`);
}

function findUnknownItem(walk: MutableWalk, item: number): string | null {
  if (walk.runbook === null || item < walk.runbook.beforeYouStart.length) return null;
  return `there is no point ${item + 1} under Before you start`;
}

function findStepMisplacement(walk: MutableWalk, event: StepLine): string | null {
  if (walk.runbook === null) return null;
  const step = walk.runbook.steps[event.step - 1];
  const state = walk.steps[event.step - 1];
  if (step === undefined || state === undefined) return `there is no step ${event.step}`;
  switch (event.event) {
    case "started":
      return findEarlyStart(walk, event, step, state);
    case "finished":
    case "answered": {
      if (event.kind === "check") return "a check is neither started nor finished in a walk";
      return whenNot(
        state[event.kind] === "unknown",
        `the ${event.kind} of step ${event.step} was not started`,
      );
    }
    case "captured":
      return whenNot(
        isCapture(walk, step, event) && state.run === "ok",
        `step ${event.step} captures no such value`,
      );
    case "checked":
      return (
        needs(walk, "walking") ??
        findUnknownCheck(step, event.index) ??
        whenNot(
          state.run !== "pending" && state.run !== "unknown",
          `step ${event.step} was checked before it ran`,
        )
      );
    case "evidence":
      return needs(walk, "rolling-back") ?? findUnknownCheck(step, event.index);
    case "skipped":
      return needs(walk, event.kind === "rollback" ? "rolling-back" : "walking");
    case "retry":
      return needs(walk, "walking");
  }
}

function findEarlyStart(
  walk: MutableWalk,
  event: Extract<StepLine, { event: "started" }>,
  step: Step,
  state: MutableStep,
): string | null {
  if (event.kind === "check") return "a check is neither started nor finished in a walk";
  const command = event.kind === "run" ? step.run : rollbackCommand(step);
  if (command === undefined || !isOf(command, event))
    return `this is not the ${event.kind} of step ${event.step}`;
  const progress = state[event.kind];
  if (progress !== "pending" && progress !== "failed") {
    return `the ${event.kind} of step ${event.step} was started already`;
  }
  if (event.kind === "rollback") {
    return (
      needs(walk, "rolling-back") ??
      whenNot(isWholeWayBack(walk, event.step), `step ${event.step} is rolled back before the steps after it`)
    );
  }
  const before = walk.steps.slice(0, event.step - 1);
  return (
    needs(walk, "walking") ??
    whenNot(before.every(isDone), `step ${event.step} began before the steps before it`)
  );
}

function isOf(command: Command, event: Extract<StepLine, { event: "started" }>): boolean {
  return command.host === event.host && hashCommand(command) === event.command;
}

/** Whether every step from this one on (from 0) that did something was rolled back, or left with a reason. */
function isWholeWayBack(walk: MutableWalk, from: number): boolean {
  return walk.steps.every((state, index) => {
    const step = walk.runbook?.steps[index];
    const isLeft = step === undefined || rollbackCommand(step) === undefined;
    return (
      index < from || state.starts === 0 || isLeft || state.rollback === "ok" || state.rollback === "skipped"
    );
  });
}

function findUnknownCheck(step: Step, index: number): string | null {
  return whenNot(step.checks[index] !== undefined, `step ${step.number} has no check ${index + 1}`);
}

/** Only what the approved step captures, by its pattern, and never in the place of an approved variable. */
function isCapture(walk: MutableWalk, step: Step, event: Extract<StepLine, { event: "captured" }>): boolean {
  const capture = step.run?.capture;
  if (capture === undefined || capture.name !== event.name) return false;
  return !Object.hasOwn(walk.runbook?.variables ?? {}, event.name) && matchesCapture(capture, event.value);
}

function needs(walk: MutableWalk, phase: MutableWalk["phase"]): string | null {
  return whenNot(walk.phase === phase, `this does not happen while the walk is ${walk.phase}`);
}

function whenNot(holds: boolean, message: string): string | null {
  return holds ? null : message;
}
