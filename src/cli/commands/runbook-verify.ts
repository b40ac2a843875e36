import { Exit } from "../../errors.ts";
import { verifyRunbook } from "../../runbook/verification.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { findRunbookId } from "../runbook/find-runbook.ts";
import { doInPerson } from "../runbook/in-person.ts";
import { openGate } from "../runbook/open-gate.ts";

export async function runRunbookVerify(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const gate = openGate(io);
  const id = findRunbookId(gate.project, args[0] ?? "");
  const verified = await doInPerson(io, gate, options, "verify a runbook", (means) =>
    verifyRunbook(gate, id, means),
  );
  const part = id.slice(-8);
  const why = verified.phase === "completed" ? "" : ' --reason "…"';
  const checks = verified.deviations.map((check) => `check ${check}`).join(", ");
  const otherwise = checks === "" ? "" : `\nDone otherwise than approved: ${checks}. The record says how.\n`;
  const text = verified.ok
    ? `\nVerified.\nNext: vibeops runbook close ${part}${why}`
    : `\nThe verification failed: this is not done.\nFind out why, then: vibeops runbook verify ${part}`;
  return outcome(verified, typeable(io, `${otherwise}${text}`), verified.ok ? Exit.ok : Exit.invalid);
}
