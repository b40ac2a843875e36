import { flagOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import type { Outcome } from "../outcome.ts";
import { findRunbookId } from "../runbook/find-runbook.ts";
import { openGate } from "../runbook/open-gate.ts";

/** Each way to run loads what it needs: a rehearsal starts nothing and asks nobody. */
export async function runRunbookRun(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const gate = openGate(io);
  const id = findRunbookId(gate.project, args[0] ?? "");
  if (flagOption(options, "dryRun")) {
    const { rehearse } = await import("../runbook/rehearse.ts");
    return await rehearse(io, gate, id);
  }
  if (flagOption(options, "delegated")) {
    const { runDelegated } = await import("../runbook/run-delegated.ts");
    return await runDelegated(io, gate, id, textOption(options, "from"));
  }
  const { walkInPerson } = await import("../runbook/walk-in-person.ts");
  return await walkInPerson(io, gate, id, options);
}
