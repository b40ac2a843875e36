import { linearPattern } from "../text/linear-pattern.ts";
import { redactSecrets } from "../text/secrets.ts";
import type { RecordLine } from "./record.ts";
import type { Capture, Runbook } from "./runbook.ts";

/** `unknown`: it was started, and nobody knows what became of it. */
export type Progress = "pending" | "unknown" | "ok" | "failed" | "skipped";

/** How far a step is on each of its hosts, in the order in which its fences name them. */
export interface PerHost {
  /** Empty where the step has no run. */
  readonly run: ReadonlyMap<string, Progress>;
  readonly checks: readonly ReadonlyMap<string, Progress>[];
  readonly rollback: ReadonlyMap<string, Progress>;
  /** Starts of the run that may have had an effect. */
  readonly starts: ReadonlyMap<string, number>;
}

/** Of all hosts the one that is furthest from its end: what is unknown comes before what failed, then what is left. */
export interface StepState {
  /** `ok` from the start where the step has no run. */
  readonly run: Progress;
  readonly checks: readonly Progress[];
  /** On the hosts that were touched; `pending` where none was. */
  readonly rollback: Progress;
  /** Whether its run may have done something. */
  readonly touched: boolean;
  readonly perHost: PerHost;
}

type Phase = "walking" | "rolling-back" | "completed" | "rolled-back" | "abandoned";

export interface WalkState {
  readonly phase: Phase;
  /** By step number minus one. */
  readonly steps: readonly StepState[];
  readonly captured: Readonly<Record<string, string>>;
  /** The hosts whose lock is this walk's, by its record, and how it got there. */
  readonly locks: Readonly<Record<string, HeldLock>>;
  /** The points under Before you start that a person said yes to, from 0. */
  readonly confirmed: readonly number[];
  /** Steps of which a person ran something else than what was approved. */
  readonly deviations: readonly number[];
  /** Steps that did something and were not rolled back, once the walk was. */
  readonly notRolledBack: readonly number[];
  readonly start: WalkStart | null;
  /** Why it was left, until it is resumed. */
  readonly stopped?: string;
}

/** How it was taken, and which lock it is: two names of one machine have one. */
type HeldLock = Pick<Extract<RecordLine, { event: "locked" }>, "by" | "place">;

/** The first line of a record. */
export type WalkStart = Extract<RecordLine, { event: "start" }>;

/** A step while its record is being read. */
export interface MutableStep extends PerHost {
  readonly run: Map<string, Progress>;
  readonly checks: readonly Map<string, Progress>[];
  readonly rollback: Map<string, Progress>;
  readonly starts: Map<string, number>;
}

/** A walk while its record is being read. */
export interface MutableWalk {
  phase: Phase;
  steps: MutableStep[];
  captured: Record<string, string>;
  locks: Record<string, HeldLock>;
  confirmed: number[];
  deviations: number[];
  notRolledBack: number[];
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

/** Whether a value is that, and no secret: it stands in the record. */
export function isCapturable(capture: Capture, value: string): boolean {
  return matchesCapture(capture, value) && redactSecrets(value) === value;
}

const WORST_FIRST: readonly Progress[] = ["unknown", "failed", "pending", "skipped", "ok"];

function worstOf(all: Iterable<Progress>): Progress | undefined {
  const present = new Set(all);
  return WORST_FIRST.find((progress) => present.has(progress));
}

/** What is known of a step, from how far it is on each of its hosts. */
export function summarizeStep(perHost: PerHost): StepState {
  const back = hostsToGoBackOn(perHost).flatMap((host) => perHost.rollback.get(host) ?? []);
  return {
    run: worstOf(perHost.run.values()) ?? "ok",
    checks: perHost.checks.map((check) => worstOf(check.values()) ?? "ok"),
    rollback: worstOf(back) ?? "pending",
    touched: [...perHost.starts.values()].some((count) => count > 0),
    perHost,
  };
}

/** Whether nothing is left to do about it. */
export function isSettled(progress: Progress): boolean {
  return progress === "ok" || progress === "skipped";
}

/** Whether nothing of a step is left to do. */
export function isDone(step: Pick<StepState, "run" | "checks">): boolean {
  return isSettled(step.run) && step.checks.every(isSettled);
}

/** A step as if it went to this host alone. */
export function stepOn({ run, checks, rollback, starts }: PerHost, host: string): StepState {
  const only = <T>(all: ReadonlyMap<string, T>) => new Map([...all].filter(([name]) => name === host));
  const perHost = {
    run: only(run),
    checks: checks.map(only),
    rollback: only(rollback),
    starts: only(starts),
  };
  return summarizeStep(perHost);
}

/** Of these hosts those that the step's run touched; what is not the run's counts if any was. */
export function reachedHosts({ run, starts }: PerHost, hosts: Iterable<string>): string[] {
  const touched = [...starts].filter(([, count]) => count > 0).map(([host]) => host);
  return [...hosts].filter((host) => (run.has(host) ? touched.includes(host) : touched.length > 0));
}

/** The hosts of a step that are gone back over. */
export function hostsToGoBackOn(step: PerHost): string[] {
  return reachedHosts(step, step.rollback.keys());
}

/** Whether a check may look at a host: its run is over there, and where the run goes elsewhere, everywhere. */
export function isReadyToCheck({ run }: PerHost, host: string): boolean {
  const before = run.get(host);
  const runs = before === undefined ? [...run.values()] : [before];
  return runs.every((progress) => progress !== "pending" && progress !== "unknown");
}

/** The hosts on which the step's run or one of its checks failed. */
export function failedHosts({ run, checks }: PerHost): string[] {
  const all = [run, ...checks].flatMap((each) => [...each]);
  return [...new Set(all.filter(([, progress]) => progress === "failed").map(([host]) => host))];
}

/**
 * The hosts of the run for which a retry is: those that failed. Where a check failed on a host that the run does not
 * go to, nobody knows which of the run's hosts it speaks of, so it is all on which it ran.
 */
export function hostsToRunAgain(step: PerHost): string[] {
  const failed = failedHosts(step);
  const isAll = failed.some((host) => !step.run.has(host));
  return [...step.run].flatMap(([host, progress]) => {
    const ran = progress === "ok" || progress === "failed";
    return ran && (isAll || failed.includes(host)) ? [host] : [];
  });
}
