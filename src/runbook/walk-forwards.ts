import { redactSecrets } from "../text/secrets.ts";
import { resolveUnknown } from "./resolve-unknown.ts";
import { checkAgain, runStep } from "./run-step.ts";
import { hostsOf, onHost, type Step } from "./runbook.ts";
import { settleCapture } from "./settle-capture.ts";
import { DO_OTHERWISE, leaving, type WalkEngine } from "./walk-engine.ts";
import { takeLostLocks } from "./walk-lock.ts";
import { failedHosts, hostsToRunAgain, isDone, isSettled, type StepState, stepOn } from "./walk-progress.ts";

type Next = "go-on" | "roll-back";

/** The points under Before you start, each asked once in a walk; whoever says no leaves it. */
export async function confirmBeforeStart(engine: WalkEngine): Promise<void> {
  for (const [item, text] of engine.runbook.beforeYouStart.entries()) {
    if (engine.state.confirmed.includes(item)) continue;
    const answer = await engine.operator.choose(`Before you start: ${text}`, [
      { value: "yes", label: "yes, it is so" },
      { value: "no", label: "no: stop here; it can be resumed" },
    ]);
    if (answer === "no") throw leaving();
    engine.write({ event: "confirmed", item, text: redactSecrets(text) });
  }
}

/** Step by step until all are done, or a person decides to roll back. Returns which of the two. */
export async function walkForwards(engine: WalkEngine): Promise<Next> {
  for (const step of engine.runbook.steps) {
    for (;;) {
      const captured = await settleCapture(engine, step);
      if (captured === "go-on" && isDone(engine.stateOf(step))) break;
      await takeLostLocks(engine);
      if (captured === "go-on" && (await advance(engine, step)) === "go-on") continue;
      const reason = await engine.ask("Why do you roll back?");
      engine.write({ event: "rollback", from: step.number, reason });
      return "roll-back";
    }
  }
  return "go-on";
}

/** One decision of a person about one step, and what follows from it. */
async function advance(engine: WalkEngine, step: Step): Promise<Next> {
  const state = engine.stateOf(step);
  const [unknown] = hostsAt(state, "unknown");
  if (unknown !== undefined) {
    const answer = await resolveUnknown(engine, step, "run", unknown);
    return answer === "roll-back" ? "roll-back" : "go-on";
  }
  if (failedHosts(state.perHost).length > 0) return await decideAfterFailure(engine, step, state);
  return await begin(engine, step, state);
}

function hostsAt({ perHost }: StepState, progress: StepState["run"]): string[] {
  return [...perHost.run].filter(([, each]) => each === progress).map(([host]) => host);
}

async function begin(engine: WalkEngine, step: Step, state: StepState): Promise<Next> {
  await engine.showStep(step);
  const pending = hostsAt(state, "pending");
  const what = pending.length > 0 ? `Run this step${whereOf(step, pending)}` : "Run the checks of this step";
  const answer = await engine.operator.choose(engine.mode === "paste" ? `${what} by hand now?` : `${what}?`, [
    { value: "run", label: "run", isDefault: true },
    ...(pending.length > 0 && engine.mode === "ssh" ? [DO_OTHERWISE] : []),
    { value: "skip", label: "skip, with a reason" },
    { value: "roll-back", label: "roll back what was done" },
    { value: "stop", label: "stop here; it can be resumed" },
  ]);
  if (answer === "stop") throw leaving();
  if (answer === "roll-back") return "roll-back";
  if (answer === "skip") await skipRest(engine, step, state);
  else await runStep(engine, step, answer === "changed");
  return "go-on";
}

/** On which hosts a step runs now, and whether at once. */
function whereOf({ run }: Step, hosts: readonly string[]): string {
  if (run === undefined) return "";
  const how = !run.together || hosts.length === 1 ? "" : " at the same time";
  return `${onHost(run, hosts)}${how}`;
}

/** Goes on without what is left of a step, on all of its hosts. */
async function skipRest(engine: WalkEngine, step: Step, { run }: StepState): Promise<void> {
  await engine.skip(step, isSettled(run) ? "check" : "run");
}

async function decideAfterFailure(engine: WalkEngine, step: Step, state: StepState): Promise<Next> {
  const failed = failedHosts(state.perHost);
  const others = (step.run?.hosts ?? hostsOf(step)).filter(
    (host) => !failed.includes(host) && !isDone(stepOn(state.perHost, host)),
  );
  const rest = others.join(", ");
  const answer = await engine.operator.choose(`${failureOf(step, state, others)} What now?`, [
    { value: "retry", label: retryLabel(step, state) },
    ...(step.run === undefined || step.checks.length === 0
      ? []
      : [{ value: "check" as const, label: "check again, run nothing" }]),
    { value: "roll-back", label: "roll back" },
    ...(rest === ""
      ? [{ value: "skip" as const, label: "go on all the same, with a reason" }]
      : [
          { value: "leave" as const, label: `leave ${failed.join(", ")}, go on with ${rest}, with a reason` },
          { value: "skip" as const, label: `go on to the next step all the same, with a reason` },
        ]),
    { value: "stop", label: "stop here; it can be resumed" },
  ]);
  if (answer === "stop") throw leaving();
  if (answer === "roll-back") return "roll-back";
  if (answer === "skip") await skipRest(engine, step, state);
  else if (answer === "leave") await engine.skip(step, "run", failed);
  else if (answer === "retry") engine.write({ event: "retry", step: step.number });
  else await checkAgain(engine, step);
  return "go-on";
}

/** What failed where, and where not all is done yet. */
function failureOf(step: Step, state: StepState, others: readonly string[]): string {
  const runs = hostsAt(state, "failed");
  const failed = runs.length > 0 ? runs : failedHosts(state.perHost);
  const where = onHost({ hosts: hostsOf(step) }, failed);
  const ran = others.filter((host) => state.perHost.run.get(host) === "ok");
  const left = others.filter((host) => !ran.includes(host));
  const unchecked = ran.length === 0 ? "" : ` On ${ran.join(", ")} it ran, and is not checked yet.`;
  const notDone = left.length === 0 ? "" : ` Not done on ${left.join(", ")}.`;
  return `Step ${step.number}: The ${runs.length > 0 ? "command" : "check"} failed${where}.${unchecked}${notDone}`;
}

/** Never where it succeeded. */
function retryLabel({ run }: Step, { perHost }: StepState): string {
  const again = hostsToRunAgain(perHost);
  if (run === undefined || again.length === 0) return "check again";
  return `run the step again${onHost(run, again)}`;
}
