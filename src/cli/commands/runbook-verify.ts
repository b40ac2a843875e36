import { Exit } from "../../errors.ts";
import { requireHuman } from "../../runbook/human.ts";
import { defaultPrincipal } from "../../runbook/trust.ts";
import { verifyRunbook } from "../../runbook/verification.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { findRunbookId } from "../runbook/find-runbook.ts";
import { openGate } from "../runbook/open-gate.ts";
import { TerminalOperator } from "../runbook/terminal-operator.ts";
import { talkIo } from "../talk.ts";
import { oneOf } from "../values.ts";

export async function runRunbookVerify(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const gate = openGate(io);
  const id = findRunbookId(gate.project, args[0] ?? "");
  const facts = { terminal: io.isInteractive };
  requireHuman(io.context.env, facts, "verify a runbook");
  const mode = oneOf("mode", textOption(options, "mode") ?? "ssh", ["ssh", "paste"] as const);
  const operator = new TerminalOperator(
    talkIo(io, options),
    await defaultPrincipal(gate.project.root, io.context.env),
  );
  try {
    const verified = await verifyRunbook(gate, id, { mode, operator, facts });
    const part = id.slice(-8);
    const text = verified.ok
      ? `\nVerified.\nNext: vibeops runbook close ${part}`
      : `\nThe verification failed: this is not done.\nFind out why, then: vibeops runbook verify ${part}`;
    return outcome(verified, typeable(io, text), verified.ok ? Exit.ok : Exit.invalid);
  } finally {
    operator.close();
  }
}
