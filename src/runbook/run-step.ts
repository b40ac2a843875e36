import { turnsOf } from "./host-turns.ts";
import { hostsOf, type Step } from "./runbook.ts";
import type { WalkEngine } from "./walk-engine.ts";
import { isReadyToCheck } from "./walk-progress.ts";

/**
 * One go at a step: its run on the hosts that are left, and the checks. One after another means that a host is checked
 * before the next one begins, and that what fails on one leaves the later ones untouched; together, that all of them
 * run and are checked then. Checks on hosts that the run does not go to come last.
 */
export async function runStep(engine: WalkEngine, step: Step, otherwise = false): Promise<void> {
  const { run } = step;
  for (const turn of run === undefined ? [] : turnsOf(run, run.hosts)) {
    const before = engine.stateOf(step).perHost.run;
    const due = turn.filter((host) => before.get(host) === "pending");
    if (due.length > 0 && !(await engine.run(step, "run", due, otherwise))) return;
    if (!(await engine.check(step, turn))) return;
  }
  await engine.check(step, hostsOf(step));
}

/** All checks once more, wherever the run is over; runs nothing. */
export async function checkAgain(engine: WalkEngine, step: Step): Promise<void> {
  const { perHost } = engine.stateOf(step);
  const ready = hostsOf(step).filter((host) => isReadyToCheck(perHost, host));
  await engine.check(step, ready, true);
}
