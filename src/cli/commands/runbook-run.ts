import { Exit, type ExitCode } from "../../errors.ts";
import { requireHuman } from "../../runbook/human.ts";
import { defaultPrincipal } from "../../runbook/trust.ts";
import { planWalk, type WalkOutcome, walkRunbook } from "../../runbook/walk.ts";
import { flagOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { renderError, reportError } from "../render-error.ts";
import { findRunbookId } from "../runbook/find-runbook.ts";
import { openGate } from "../runbook/open-gate.ts";
import { renderCommand, renderStep } from "../runbook/render-step.ts";
import { runDelegated } from "../runbook/run-delegated.ts";
import { TerminalOperator } from "../runbook/terminal-operator.ts";
import { styleFor } from "../style.ts";
import { talkIo } from "../talk.ts";
import { oneOf } from "../values.ts";

export async function runRunbookRun(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const gate = openGate(io);
  const id = findRunbookId(gate.project, args[0] ?? "");
  if (flagOption(options, "dryRun")) return await rehearse(io, id);
  if (flagOption(options, "delegated")) return await runDelegated(io, gate, id, textOption(options, "from"));
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

async function rehearse(io: Io, id: string): Promise<Outcome> {
  const { locks, steps, refusal } = await planWalk(openGate(io), id);
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
