import type { RecordLine } from "./record.ts";
import type { Capture, Step } from "./runbook.ts";
import { leaving, type WalkEngine } from "./walk-engine.ts";
import { isCapturable } from "./walk-progress.ts";

/**
 * Sees to it that what a step captures is known where it ran: whoever was cut off between its end and the value has
 * it in the output that is on record; of a step that a person says ran, only a person can say it.
 */
export async function settleCapture(engine: WalkEngine, step: Step): Promise<"go-on" | "roll-back"> {
  const capture = step.run?.capture;
  const { captured } = engine.state;
  if (capture === undefined || Object.hasOwn(captured, capture.name)) return "go-on";
  if (engine.stateOf(step).run !== "ok") return "go-on";
  const common = { event: "captured", step: step.number, name: capture.name } as const;
  const recorded = recordedOutput(engine.events, step);
  if (recorded !== undefined && isCapturable(capture, recorded)) {
    engine.write({ ...common, value: recorded });
    return "go-on";
  }
  const question = `Step ${step.number} ran, and nothing says what ${capture.name} is, which later steps may use. What now?`;
  const answer = await engine.operator.choose(question, [
    { value: "value", label: "type its value, as the step printed it" },
    { value: "roll-back", label: "roll back" },
    { value: "stop", label: "stop here; it can be resumed" },
  ]);
  if (answer === "stop") throw leaving();
  if (answer === "roll-back") return "roll-back";
  engine.write({ ...common, value: await askValue(engine, capture), reported: "human" });
  return "go-on";
}

async function askValue({ operator }: WalkEngine, capture: Capture): Promise<string> {
  for (;;) {
    const value = (await operator.ask(`${capture.name}:`)).trim();
    if (isCapturable(capture, value)) return value;
    operator.say(`That is not what ${capture.name} must be: ${capture.pattern}`);
  }
}

/** What the step's run printed when it succeeded last, as the record has it. */
function recordedOutput(events: readonly RecordLine[], step: Step): string | undefined {
  const finished = events.findLast((event) => {
    return event.event === "finished" && event.kind === "run" && event.step === step.number;
  });
  return finished?.event === "finished" && finished.outcome === "ok" ? finished.stdout.trim() : undefined;
}
