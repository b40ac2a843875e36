import { endMemoOfRunbook, type MemoEnding } from "../../deploy/end-memo.ts";
import { type Closed, closeRunbook } from "../../runbook/close.ts";
import type { Gate } from "../../runbook/gate.ts";
import { requireHuman } from "../../runbook/human.ts";
import { defaultPrincipal } from "../../runbook/trust.ts";
import { makeVisible } from "../../text/visible.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { reportError, shortPath } from "../render-error.ts";
import { announcedSigner } from "../runbook/announced-signer.ts";
import { findRunbookId } from "../runbook/find-runbook.ts";
import { openGate } from "../runbook/open-gate.ts";
import { talkIo } from "../talk.ts";

export async function runRunbookClose(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const gate = openGate(io);
  const id = findRunbookId(gate.project, args[0] ?? "");
  const facts = { terminal: io.isInteractive };
  requireHuman(io.context.env, facts, "close a runbook");
  const principal = textOption(options, "as") ?? (await defaultPrincipal(gate.project.root, io.context.env));
  const reason = textOption(options, "reason");
  const closed = await closeRunbook(gate, id, {
    principal,
    facts,
    sign: announcedSigner(talkIo(io, options), "Your key's passphrase seals the record:"),
    ...(reason === undefined ? {} : { reason }),
  });
  const memo = await endMemo(io, gate, closed, reason);
  return outcome({ ...closed, ending: memo }, render(io, closed, memo));
}

/** What is closed stays closed: a memo that cannot be ended, on a full disk perhaps, waits for its own command. */
async function endMemo(io: Io, gate: Gate, closed: Closed, reason: string | undefined): Promise<MemoEnding> {
  try {
    return await endMemoOfRunbook(gate.project, closed, reason, io.context);
  } catch (error) {
    if (closed.memo === undefined) throw error;
    return { state: "open", id: closed.memo, open: [reportError(error, io.cwd).message] };
  }
}

function render(io: Io, closed: Closed, memo: MemoEnding): string {
  const lines = [`Closed: ${closed.outcome}.`, `  ${shortPath(closed.report, io.cwd)}`];
  if (closed.commit !== null) lines.push(`  commit ${closed.commit.slice(0, 12)}`);
  for (const message of closed.locked) lines.push(makeVisible(`  ${message}`));
  if (memo.state === "done") {
    lines.push(`  memo archived: ${shortPath(memo.report.archived, io.cwd)}`);
    const { receipt } = memo.report;
    if (receipt !== null) lines.push(`  receipt ${receipt.outcome} to ${receipt.to}`);
  }
  if (memo.state === "open") {
    lines.push(
      `  the memo stays pending: ${makeVisible(memo.open.join("; "))}`,
      typeable(io, `  end it with: vibeops memo done ${memo.id}`),
    );
  }
  return lines.join("\n");
}
