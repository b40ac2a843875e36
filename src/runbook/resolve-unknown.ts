import { onHost, rollbackFence, type Step } from "./runbook.ts";
import { leaving, type WalkEngine } from "./walk-engine.ts";

/**
 * Nobody but a person can say what became of a command that was started and never heard of again. Returns
 * whether they would rather roll back.
 */
export async function resolveUnknown(
  engine: WalkEngine,
  step: Step,
  kind: "run" | "rollback",
  host: string,
): Promise<"said" | "roll-back"> {
  await engine.showStep(step);
  const fence = kind === "run" ? step.run : rollbackFence(step);
  const where = fence === undefined ? "" : onHost(fence, host);
  const started = `The ${kind} of step ${step.number}${where} was started, and nothing says how it ended.`;
  const may = "Until two minutes after its connection broke it may run there.";
  const answer = await engine.operator.choose(`${started} ${may} Look at the host. What happened?`, [
    { value: "ran", label: "it ran to its end" },
    { value: "not-run", label: "it did not run" },
    { value: "again", label: "run it again" },
    ...(kind === "run" ? [{ value: "roll-back" as const, label: "roll back" }] : []),
    { value: "stop", label: "stop here; it can be resumed" },
  ]);
  if (answer === "stop") throw leaving();
  if (answer === "roll-back") return "roll-back";
  engine.write({ event: "answered", step: step.number, kind, host, answer });
  if (answer === "again") await engine.run(step, kind, [host]);
  return "said";
}
