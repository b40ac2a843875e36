import { redactSecrets } from "../text/secrets.ts";
import type { Step } from "./runbook.ts";
import { DO_OTHERWISE, leaving, type WalkEngine } from "./walk-engine.ts";
import { isDone, type StepState } from "./walk-progress.ts";

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
    while (!isDone(engine.stateOf(step))) {
      if ((await advance(engine, step)) === "go-on") continue;
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
  if (state.run === "unknown") {
    return (await engine.resolveUnknown(step, "run")) === "roll-back" ? "roll-back" : "go-on";
  }
  if (state.run === "failed") return await decideAfterFailure(engine, step, "The command failed.");
  if (state.checks.includes("failed")) return await decideAfterFailure(engine, step, "The check failed.");
  return await begin(engine, step, state);
}

async function begin(engine: WalkEngine, step: Step, state: StepState): Promise<Next> {
  await engine.showStep(step);
  const pending = state.run === "pending";
  const what = pending ? "Run this step" : "Run the checks of this step";
  const answer = await engine.operator.choose(engine.mode === "paste" ? `${what} by hand now?` : `${what}?`, [
    { value: "run", label: "run", isDefault: true },
    ...(pending && engine.mode === "ssh" ? [DO_OTHERWISE] : []),
    { value: "skip", label: "skip, with a reason" },
    { value: "roll-back", label: "roll back what was done" },
    { value: "stop", label: "stop here; it can be resumed" },
  ]);
  if (answer === "stop") throw leaving();
  if (answer === "roll-back") return "roll-back";
  if (answer === "skip") await engine.skip(step, pending ? "run" : "check");
  else if (!pending || (await engine.run(step, "run", answer === "changed"))) await engine.check(step);
  return "go-on";
}

async function decideAfterFailure(engine: WalkEngine, step: Step, what: string): Promise<Next> {
  const answer = await engine.operator.choose(`Step ${step.number}: ${what} What now?`, [
    { value: "retry", label: step.run === undefined ? "check again" : "run the step again" },
    ...(step.run === undefined || step.checks.length === 0
      ? []
      : [{ value: "check" as const, label: "check again, run nothing" }]),
    { value: "roll-back", label: "roll back" },
    { value: "skip", label: "go on all the same, with a reason" },
    { value: "stop", label: "stop here; it can be resumed" },
  ]);
  if (answer === "stop") throw leaving();
  if (answer === "roll-back") return "roll-back";
  if (answer === "skip") await engine.skip(step, engine.stateOf(step).run === "failed" ? "run" : "check");
  else if (answer === "retry") engine.write({ event: "retry", step: step.number });
  else await engine.check(step, true);
  return "go-on";
}
