import { hashCommand } from "./current-content.ts";
import type { RecordLine } from "./record.ts";
import { type CommandFence, hostsOf, onHost, rollbackFence, type Step } from "./runbook.ts";
import {
  failedHosts,
  hostsToGoBackOn,
  isDone,
  isReadyToCheck,
  type MutableStep,
  type MutableWalk,
  matchesCapture,
  stepOn,
  summarizeStep,
} from "./walk-progress.ts";

export type StepLine = Extract<RecordLine, { step: number }>;

/** The fence that a line of a step is about; undefined where it is about the whole step, or about nothing there. */
export function fenceOfLine(step: Step, event: StepLine): CommandFence | undefined {
  if (event.event === "checked" || event.event === "evidence") return step.checks[event.index];
  if (!("kind" in event) || event.kind === "check") return undefined;
  return event.kind === "run" ? step.run : rollbackFence(step);
}

/** The host that a line is about: one of its fence's, and where it names none, the only one. */
export function hostOfLine(event: StepLine, fence: CommandFence | undefined): string | undefined {
  const named = "host" in event ? event.host : undefined;
  if (named === undefined) return fence?.hosts.length === 1 ? fence.hosts[0] : undefined;
  return fence?.hosts.includes(named) === true ? named : undefined;
}

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
      return needs(walk, "walking") ?? whenNot(areDone(walk.steps), "not every step was done");
    case "rolled-back":
      return (
        needs(walk, "rolling-back") ?? whenNot(isWholeWayBack(walk, 0), "not every step was gone back over")
      );
    case "abandoned":
      return whenNot(
        walk.steps.every((step) => !summarizeStep(step).touched),
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

function areDone(steps: readonly MutableStep[]): boolean {
  return steps.map(summarizeStep).every(isDone);
}

function findStepMisplacement(walk: MutableWalk, event: StepLine): string | null {
  if (walk.runbook === null) return null;
  const step = walk.runbook.steps[event.step - 1];
  const state = walk.steps[event.step - 1];
  if (step === undefined || state === undefined) return `there is no step ${event.step}`;
  switch (event.event) {
    case "captured":
      return whenNot(
        isCapture(walk, step, event) && summarizeStep(state).run === "ok",
        `step ${event.step} captures no such value`,
      );
    case "skipped":
      return (
        needs(walk, event.kind === "rollback" ? "rolling-back" : "walking") ??
        whenNot(
          event.host === undefined || hostsOf(step).includes(event.host),
          `step ${event.step} does not go to ${event.host}`,
        )
      );
    case "retry":
      return (
        needs(walk, "walking") ??
        whenNot(failedHosts(state).length > 0, `nothing of step ${event.step} had failed`)
      );
    default:
      return findHostMisplacement(walk, event, step, state);
  }
}

type HostLine = Extract<StepLine, { event: "started" | "finished" | "answered" | "checked" | "evidence" }>;

/** Of a line about one host of a step. */
function findHostMisplacement(
  walk: MutableWalk,
  event: HostLine,
  step: Step,
  state: MutableStep,
): string | null {
  if ("kind" in event && event.kind === "check") return "a check is neither started nor finished in a walk";
  const fence = fenceOfLine(step, event);
  const host = hostOfLine(event, fence);
  if (fence === undefined) return findMissingFence(event);
  if (host === undefined) return findStrayHost(event);
  switch (event.event) {
    case "started":
      return findEarlyStart(walk, { ...event, host }, { fence, step, state });
    case "finished":
    case "answered":
      return whenNot(
        event.kind !== "check" && state[event.kind].get(host) === "unknown",
        `the ${event.kind} of step ${event.step}${onHost(fence, host)} was not started`,
      );
    case "checked":
      return (
        needs(walk, "walking") ??
        whenNot(
          isReadyToCheck(state, host),
          `step ${event.step} was checked${onHost(fence, host)} before it ran`,
        )
      );
    case "evidence":
      return needs(walk, "rolling-back");
  }
}

function findMissingFence(event: HostLine): string {
  return event.event === "checked" || event.event === "evidence"
    ? `step ${event.step} has no check ${event.index + 1}`
    : `step ${event.step} has no such command`;
}

function findStrayHost(event: HostLine): string {
  return event.host === undefined
    ? `this line does not say on which host of step ${event.step}`
    : `step ${event.step} does not go to ${event.host}`;
}

function findEarlyStart(
  walk: MutableWalk,
  event: Extract<HostLine, { event: "started" }>,
  { fence, step, state }: { fence: CommandFence; step: Step; state: MutableStep },
): string | null {
  const { kind, host } = event;
  if (kind === "check" || hashCommand({ ...fence, host }) !== event.command) {
    return `this is not the ${kind} of step ${event.step}`;
  }
  const progress = state[kind].get(host);
  if (progress !== "pending" && !(kind === "rollback" && progress === "failed")) {
    return `the ${kind} of step ${event.step}${onHost(fence, host)} was started already`;
  }
  return kind === "run" ? findEarlyRun(walk, event, fence, state) : findEarlyRollback(walk, event, step);
}

function findEarlyRun(
  walk: MutableWalk,
  { step, host }: Extract<HostLine, { event: "started" }>,
  { hosts, together }: CommandFence,
  state: MutableStep,
): string | null {
  const before = together ? [] : hosts.slice(0, hosts.indexOf(host));
  const open = before.find((name) => !isDone(stepOn(state, name)));
  return (
    needs(walk, "walking") ??
    whenNot(areDone(walk.steps.slice(0, step - 1)), `step ${step} began before the steps before it`) ??
    whenNot(open === undefined, `step ${step} began on ${host} before it was done on ${open}`)
  );
}

function findEarlyRollback(
  walk: MutableWalk,
  event: Extract<HostLine, { event: "started" }>,
  step: Step,
): string | null {
  const hosts = rollbackFence(step)?.hosts ?? [];
  const after = hosts.slice(hosts.indexOf(event.host) + 1);
  const open = leftOnWayBack(walk, event.step - 1).find((host) => after.includes(host));
  return (
    needs(walk, "rolling-back") ??
    whenNot(
      isWholeWayBack(walk, event.step),
      `step ${event.step} is rolled back before the steps after it`,
    ) ??
    whenNot(open === undefined, `step ${event.step} is rolled back on ${event.host} before ${open}`)
  );
}

/** Whether every step from this one on (from 0) that did something was rolled back, or left with a reason. */
function isWholeWayBack(walk: MutableWalk, from: number): boolean {
  return walk.steps.every((_, index) => index < from || leftOnWayBack(walk, index).length === 0);
}

/** The hosts on which the way back of a step (from 0) is not gone yet. */
function leftOnWayBack(walk: MutableWalk, index: number): string[] {
  const state = walk.steps[index];
  if (state === undefined) return [];
  return hostsToGoBackOn(state).filter((host) => {
    const progress = state.rollback.get(host);
    return progress !== "ok" && progress !== "skipped";
  });
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
