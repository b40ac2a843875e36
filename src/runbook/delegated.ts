import { Exit, VibeopsError } from "../errors.ts";
import { whyNotDelegated } from "../policy/may-delegate.ts";
import { readPolicy } from "../policy/policy.ts";
import { type Granted, loadForGate, requireApproval } from "./approval.ts";
import type { Gate } from "./gate.ts";
import { latestWalk } from "./latest-walk.ts";
import { delegationFacts } from "./policy-facts.ts";
import { POLICY_FILE } from "./rule-files.ts";
import { runStep } from "./run-step.ts";
import type { Step } from "./runbook.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { leaving, type WalkEngine } from "./walk-engine.ts";
import { releaseLocks } from "./walk-lock.ts";
import { failedHosts, isDone } from "./walk-progress.ts";
import { isOpen } from "./walk-state.ts";

/**
 * Before a walk without a person begins or goes on: the next step must be a delegated one, so that an approval is
 * not used up for nothing; and what stands under Before you start is for a person to say.
 *
 * @throws VibeopsError `delegated.person` (exit 6), `delegated.refused` (exit 5), and those of the gate
 */
export async function requireDelegatedNext(gate: Gate, loaded: LoadedRunbook): Promise<void> {
  const latest = latestWalk(loaded);
  const open = latest !== null && isOpen(latest.state) ? latest : null;
  const granted = await requireApproval(gate, loaded, open === null ? {} : { walk: open.id });
  if ((open?.state.confirmed.length ?? 0) < loaded.runbook.beforeYouStart.length) {
    throw personNeeded(
      loaded,
      "a person starts this walk, and says yes to what stands under Before you start",
    );
  }
  const next = loaded.runbook.steps.find(({ number }) => {
    const state = open?.state.steps[number - 1];
    return state === undefined || !isDone(state);
  });
  if (next === undefined) return;
  if (next.action?.delegated !== true) throw personNeeded(loaded, `step ${next.number} is for a person`);
  refuseUndelegated(granted, next);
}

/**
 * Runs the delegated steps that are next, in order and each once, and leaves the rest to a person: the first step
 * that is not delegated, one that failed, and one of which nobody knows whether it ran. Nothing is skipped, tried
 * again or rolled back.
 *
 * @throws VibeopsError `walk.stopped` where a person goes on, `delegated.refused`, and those of the gate
 */
export async function walkDelegated(engine: WalkEngine, gate: Gate, walk: string): Promise<void> {
  if (engine.state.phase !== "walking") throw leave(engine, "Going back is for a person.");
  for (const step of engine.runbook.steps) {
    if (isDone(engine.stateOf(step))) continue;
    await runDelegatedStep(engine, gate, walk, step);
  }
  await releaseLocks(engine);
  engine.write({ event: "completed" });
}

async function runDelegatedStep(engine: WalkEngine, gate: Gate, walk: string, step: Step): Promise<void> {
  const { run, perHost } = engine.stateOf(step);
  if (run === "unknown") throw leave(engine, `Whether step ${step.number} ran is for a person to say.`);
  if (failedHosts(perHost).length > 0) {
    throw leave(engine, `Step ${step.number} failed; what now is for a person to say.`);
  }
  if (step.action?.delegated !== true) throw leave(engine, `Step ${step.number} is for a person.`);
  const loaded = loadForGate(gate.project, engine.runbook.id);
  refuseUndelegated(await requireApproval(gate, loaded, { walk }), step);
  await engine.showStep(step);
  await runStep(engine, step);
  if (isDone(engine.stateOf(step))) return;
  throw leave(engine, `Step ${step.number} did not succeed; what now is for a person to say.`);
}

/**
 * A step runs without a person where all of these say so: the signed statement, the policy whose bytes it holds the
 * hash of, and the step's host and commands as they are now.
 */
function refuseUndelegated({ statement, current }: Granted, step: Step): void {
  const approved = statement.steps.find((one) => one.number === step.number);
  const assessed = current.assessment.steps[step.number - 1];
  if (approved?.delegated !== "yes" || assessed === undefined) {
    throw refused(step, "nobody approved it as delegated");
  }
  const policy = readPolicy(current.rules.policy, POLICY_FILE);
  const why = whyNotDelegated(policy, delegationFacts(assessed, current.inventory));
  if (why !== null) throw refused(step, why);
}

function leave(engine: WalkEngine, why: string): VibeopsError {
  engine.operator.say(why);
  return leaving();
}

function refused(step: Step, why: string): VibeopsError {
  return new VibeopsError({
    code: "delegated.refused",
    exit: Exit.refused,
    message: `step ${step.number} cannot be delegated: ${why}`,
    line: step.line,
    fix: "a person runs it: vibeops runbook run ID",
  });
}

function personNeeded({ runbook }: LoadedRunbook, message: string): VibeopsError {
  return new VibeopsError({
    code: "delegated.person",
    exit: Exit.humanNeeded,
    message,
    file: runbook.file,
    fix: `a person types: vibeops runbook run ${runbook.id}`,
  });
}
