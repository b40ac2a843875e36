import type { Gate } from "../../runbook/gate.ts";
import { planWalk } from "../../runbook/plan-walk.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { renderError, reportError } from "../render-error.ts";
import { styleFor } from "../style.ts";
import { renderCommand, renderStep } from "./render-step.ts";

/** Shows what a walk would do, and whether it may. */
export async function rehearse(io: Io, gate: Gate, id: string): Promise<Outcome> {
  const { locks, steps, refusal } = await planWalk(gate, id);
  const style = styleFor(io);
  const blocks = [
    ...locks.map((lock) =>
      [style.bold(`Step 0: the lock on ${lock.hosts.join()}`), ...renderCommand(lock, style)].join("\n"),
    ),
    ...steps.map((step) => renderStep(step, style, io.columns)),
  ];
  const report = refusal === null ? null : reportError(refusal, io.cwd);
  const verdict =
    report === null ? "An approval matches: this may run." : `Nothing would run:\n${renderError(report, io)}`;
  return outcome({ id, locks, steps, refusal: report }, [...blocks, verdict].join("\n\n"));
}
