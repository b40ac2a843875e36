import { Exit, type ExitCode } from "../../errors.ts";
import type { Gate } from "../../runbook/gate.ts";
import { requireHuman } from "../../runbook/human.ts";
import { defaultPrincipal } from "../../runbook/trust.ts";
import { type WalkOutcome, walkRunbook } from "../../runbook/walk.ts";
import { flagOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { talkIo } from "../talk.ts";
import { oneOf } from "../values.ts";
import { TerminalOperator } from "./terminal-operator.ts";

/** Walks the person at this terminal through a runbook. */
export async function walkInPerson(io: Io, gate: Gate, id: string, options: Options): Promise<Outcome> {
  const facts = { terminal: io.isInteractive };
  requireHuman(io.context.env, facts, "run a runbook");
  const mode = oneOf("mode", textOption(options, "mode") ?? "ssh", ["ssh", "paste"] as const);
  const operator = new TerminalOperator(
    talkIo(io, options),
    await defaultPrincipal(gate.project.root, io.context.env),
  );
  try {
    const takeOver = flagOption(options, "takeOver");
    const walk = await walkRunbook(gate, id, { mode, operator, facts, takeOver });
    return outcome(walk, typeable(io, render(id, walk)), exitOf(walk));
  } finally {
    operator.close();
  }
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
