import { Exit, type ExitCode } from "../../errors.ts";
import type { Gate } from "../../runbook/gate.ts";
import { type WalkOutcome, walkRunbook } from "../../runbook/walk.ts";
import { flagOption, type Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { doInPerson } from "./in-person.ts";

/** Walks the person at this terminal through a runbook. */
export async function walkInPerson(io: Io, gate: Gate, id: string, options: Options): Promise<Outcome> {
  const takeOver = flagOption(options, "takeOver");
  const walk = await doInPerson(io, gate, options, "run a runbook", (means) =>
    walkRunbook(gate, id, { ...means, takeOver }),
  );
  return outcome(walk, typeable(io, render(id, walk)), exitOf(walk));
}

function render(id: string, walk: WalkOutcome): string {
  const deviations = walk.deviations.map((step) => `step ${step}`).join(", ");
  const otherwise =
    deviations === "" ? "" : `\nDone otherwise than approved: ${deviations}. The record says how.`;
  return `${otherwise}\n${renderEnd(id.slice(-8), walk)}`;
}

function renderEnd(part: string, walk: WalkOutcome): string {
  switch (walk.phase) {
    case "completed":
      return `Every step is done. That the system is healthy is another question:\nNext: vibeops runbook verify ${part}`;
    case "rolled-back":
      return `Rolled back. Whether the old state works is for you to say:\nNext: vibeops runbook verify ${part}`;
    case "abandoned":
      return "This walk was given up.";
    default:
      return `Stopped${walk.stopped === undefined ? "" : ` (${walk.stopped})`}. Nothing is lost.\nGo on with: vibeops runbook run ${part}`;
  }
}

/** A walk that was left on purpose waits for a person: 6. Ctrl-C is 130. */
function exitOf(walk: WalkOutcome): ExitCode {
  if (walk.phase === "completed" || walk.phase === "rolled-back") return Exit.ok;
  return walk.stopped === "interrupted" ? Exit.interrupted : Exit.humanNeeded;
}
