import { Exit, type ExitCode } from "../../errors.ts";
import type { Gate } from "../../runbook/gate.ts";
import { type WalkOutcome, walkRunbook } from "../../runbook/walk.ts";
import { flagOption, type Options, textOption } from "../command.ts";
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
  const paste = textOption(options, "mode") === "paste" ? " --mode paste" : "";
  return outcome(walk, typeable(io, render(id, walk, paste)), exitOf(walk));
}

/** @param how the options with which the person goes on as they began */
function render(id: string, walk: WalkOutcome, how: string): string {
  const otherwise = listSteps("Done otherwise than approved", walk.deviations, "how");
  const skipped = listSteps("Skipped, or gone on from all the same", walk.skipped, "why");
  return `${otherwise}${skipped}\n${renderEnd(id.slice(-8), walk, how)}`;
}

function listSteps(what: string, steps: readonly number[], told: string): string {
  const names = steps.map((step) => `step ${step}`).join(", ");
  return names === "" ? "" : `\n${what}: ${names}. The record says ${told}.`;
}

function renderEnd(part: string, walk: WalkOutcome, how: string): string {
  switch (walk.phase) {
    case "completed":
      return `Every step is done${walk.skipped.length === 0 ? "" : " or skipped"}. That the system is healthy is another question:\nNext: vibeops runbook verify ${part}${how}`;
    case "rolled-back":
      return `Rolled back.${renderNotRolledBack(walk)} Whether the old state works is for you to say:\nNext: vibeops runbook verify ${part}${how}`;
    case "abandoned":
      return "This walk was given up.";
    default:
      return `${walk.stopped === "interrupted" ? "Interrupted" : "Stopped"}. Nothing is lost.\nGo on with: vibeops runbook run ${part}${how}`;
  }
}

function renderNotRolledBack({ notRolledBack }: WalkOutcome): string {
  const names = notRolledBack.map((step) => `step ${step}`).join(", ");
  return names === "" ? "" : ` Not so ${names}: the record says why.`;
}

/** A walk that was left on purpose waits for a person: 6. Ctrl-C is 130. */
function exitOf(walk: WalkOutcome): ExitCode {
  if (walk.phase === "completed" || walk.phase === "rolled-back") return Exit.ok;
  return walk.stopped === "interrupted" ? Exit.interrupted : Exit.humanNeeded;
}
