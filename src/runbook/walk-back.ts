import { execute } from "./execute.ts";
import { rollbackCommand, type Step } from "./runbook.ts";
import { commandView } from "./step-view.ts";
import { DO_OTHERWISE, leaving, type WalkEngine } from "./walk-engine.ts";
import { releaseLocks } from "./walk-lock.ts";

/**
 * Back over the steps that ran, last first, each with its own confirmation. What the checks say is kept before
 * anything is destroyed; what could not be rolled back is said plainly.
 */
export async function walkBack(engine: WalkEngine): Promise<void> {
  const touched = engine.runbook.steps.filter((step) => engine.stateOf(step).touched).reverse();
  const fresh = touched.every((step) => engine.stateOf(step).rollback === "pending");
  if (fresh) await keepEvidence(engine, touched);
  const none = touched.filter((step) => rollbackCommand(step) === undefined);
  for (const step of touched) {
    if (!none.includes(step)) await rollBack(engine, step);
    else engine.operator.say(`Step ${step.number} has no way back: ${reasonOf(step)}`);
  }
  const failed = touched.filter((step) => !none.includes(step) && engine.stateOf(step).rollback !== "ok");
  const numbers = (steps: readonly Step[]) => steps.map((step) => step.number);
  await releaseLocks(engine);
  engine.write({ event: "rolled-back", failed: numbers(failed), none: numbers(none) });
  if (failed.length > 0) engine.operator.say(`Not rolled back: step ${numbers(failed).join(", step ")}.`);
}

function reasonOf(step: Step): string {
  return step.rollback !== undefined && "none" in step.rollback
    ? step.rollback.none
    : "the runbook gives none";
}

/** The checks only read, and a failing one is what is wanted here. */
async function keepEvidence(engine: WalkEngine, touched: readonly Step[]): Promise<void> {
  if (engine.mode === "paste") return;
  engine.operator.say("Keeping what the checks say before anything is rolled back …");
  for (const step of touched) {
    for (const index of step.checks.keys()) {
      const prepared = await engine.prepare(step, "check", index);
      if (prepared === null) continue;
      const { exit, stdout, stderr, ended } = await execute(prepared.execution, prepared.assessed);
      const result = { exit, stdout, stderr, ...(ended === undefined ? {} : { ended }) };
      engine.write({ event: "evidence", step: step.number, index, ...result });
    }
  }
}

async function rollBack(engine: WalkEngine, step: Step): Promise<void> {
  for (;;) {
    const { rollback } = engine.stateOf(step);
    if (rollback === "ok" || rollback === "skipped") return;
    if (rollback === "unknown") await engine.resolveUnknown(step, "rollback");
    else await confirmAndRollBack(engine, step, rollback === "failed");
  }
}

async function confirmAndRollBack(engine: WalkEngine, step: Step, again: boolean): Promise<void> {
  const prepared = await engine.prepare(step, "rollback");
  if (prepared === null) return;
  engine.operator.showCommand(commandView(prepared.assessed, prepared.execution.source));
  const question = `${again ? "It failed. " : ""}Roll back step ${step.number}, ${step.title}?`;
  const answer = await engine.operator.choose(question, [
    { value: "run", label: again ? "try again" : "roll it back", isDefault: !again },
    ...(engine.mode === "ssh" ? [DO_OTHERWISE] : []),
    { value: "skip", label: "leave it as it is, with a reason" },
    { value: "stop", label: "stop here; it can be resumed" },
  ]);
  if (answer === "stop") throw leaving();
  if (answer === "skip") await engine.skip(step, "rollback");
  else await engine.run(step, "rollback", answer === "changed");
}
