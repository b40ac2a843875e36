import { Exit, VibeopsError } from "../../errors.ts";
import { HOUR_MS } from "../../platform/units-of-time.ts";
import { loadForGate, requireApproval } from "../../runbook/approval.ts";
import type { DecisionPlan } from "../../runbook/decide.ts";
import { planDecision, recordDecision } from "../../runbook/decide.ts";
import type { Gate } from "../../runbook/gate.ts";
import { requireHuman } from "../../runbook/human.ts";
import { planFirstKey } from "../../runbook/plan-init.ts";
import { decisionSummary } from "../../runbook/review-summary.ts";
import { defaultPrincipal, refuseReachableTrust, trustPaths } from "../../runbook/trust.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { LineReader } from "../line-reader.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { shortPath } from "../render-error.ts";
import { announcedSigner } from "../runbook/announced-signer.ts";
import { typesYes } from "../runbook/ask-yes.ts";
import { findRunbookId } from "../runbook/find-runbook.ts";
import { announceFirstKey, makeFirstKey } from "../runbook/make-first-key.ts";
import { openGate } from "../runbook/open-gate.ts";
import { wrapWords } from "../runbook/render-page.ts";
import { showPages } from "../runbook/show-pages.ts";
import { talkIo } from "../talk.ts";
import { wholeNumber } from "../values.ts";

export async function runRunbookApprove(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  return await decide(io, args[0] ?? "", "approve", options);
}

export async function runRunbookReject(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  return await decide(io, args[0] ?? "", "reject", options);
}

async function decide(
  io: Io,
  part: string,
  decision: "approve" | "reject",
  options: Options,
): Promise<Outcome> {
  const gate = openGate(io);
  const id = findRunbookId(gate.project, part);
  const facts = { terminal: io.isInteractive };
  requireHuman(io.context.env, facts, `${decision} a runbook`);
  const principal = textOption(options, "as") ?? (await defaultPrincipal(gate.project.root, io.context.env));
  const reason = textOption(options, "reason");
  const hours = textOption(options, "hours");
  const plan = await planDecision(gate, id, {
    decision,
    principal,
    ...(reason === undefined ? {} : { reason }),
    ...(hours === undefined ? {} : { lifeMs: wholeNumber("hours", hours, 1) * HOUR_MS }),
  });
  const paths = trustPaths(io.context.env);
  refuseReachableTrust(paths, gate.git.top);
  const firstKey = await planFirstKey(paths, io.context, principal);
  const talk = talkIo(io, options);
  if (firstKey !== null) announceFirstKey(talk, firstKey);
  const pagesShown = await readAndConfirm(talk, plan);
  if (firstKey !== null) await makeFirstKey(talk, firstKey, againOf(plan));
  const sign = announcedSigner(talk, "Your key's passphrase signs it:");
  const signed = await recordDecision(gate, plan, { ...facts, pagesShown }, sign);
  const lacking = decision === "approve" ? await findLacking(gate, id) : null;
  return outcome(
    { id, decision, approver: principal, expires: plan.statement.expires, ...signed },
    render(io, gate, plan, { ...signed, lacking }),
  );
}

function againOf({ statement: { decision }, loaded: { runbook } }: DecisionPlan): string {
  const reason = decision === "reject" ? ' --reason "…"' : "";
  return `vibeops runbook ${decision} ${runbook.id.slice(-8)}${reason}`;
}

/** What the gate says where the policy wants more people than have approved by now. */
async function findLacking(gate: Gate, id: string): Promise<VibeopsError | null> {
  try {
    await requireApproval(gate, loadForGate(gate.project, id));
    return null;
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    // Whatever else the gate has to say, it says when somebody runs it: the approval is written.
    return error.code === "approval.more" ? error : null;
  }
}

async function readAndConfirm(io: Io, plan: DecisionPlan): Promise<number> {
  const lines = new LineReader(io);
  try {
    const shown = await showPages(io, lines, plan.pages);
    const verb = plan.statement.decision === "approve" ? "Approve" : "Reject";
    const summary = decisionSummary(plan).flatMap(({ text }) => wrapWords(text, io.columns));
    io.stdout.write(`\n${summary.join("\n")}\n`);
    if (await typesYes(lines, `\n${verb} exactly this, as ${plan.statement.approver}?`)) return shown;
  } finally {
    lines.close();
  }
  throw new VibeopsError({
    code: "approval.declined",
    exit: Exit.humanNeeded,
    message: "you did not say yes; nothing was signed",
    fix: `to say no for the record: vibeops runbook reject ${plan.loaded.runbook.id.slice(-8)} --reason "…"`,
  });
}

function render(
  io: Io,
  gate: Gate,
  plan: DecisionPlan,
  signed: { files: string[]; commit: string | null; lacking: VibeopsError | null },
): string {
  const { decision, approver, expires } = plan.statement;
  const { id } = plan.loaded.runbook;
  const lines = [`${decision === "approve" ? "Approved" : "Rejected"} by ${approver}.`];
  for (const file of signed.files) lines.push(`  ${shortPath(file, io.cwd)}`);
  if (signed.commit !== null) lines.push(`  commit ${signed.commit.slice(0, 12)} in ${gate.project.name}`);
  const { lacking } = signed;
  if (lacking !== null) {
    lines.push(`Nothing runs yet: ${lacking.message}.`, typeable(io, `Next: ${lacking.fix ?? ""}`));
  } else if (decision === "approve") {
    lines.push(
      `A walk may start until ${expires}.`,
      typeable(io, `Next: vibeops runbook run ${id.slice(-8)}`),
    );
  }
  return lines.join("\n");
}
