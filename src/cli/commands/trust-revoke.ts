import { applyRevoke, planRevoke, type RevokePlan } from "../../runbook/change-trust.ts";
import { requireHuman } from "../../runbook/human.ts";
import { ownPublicKey, type TrustPaths } from "../../runbook/trust.ts";
import { makeVisible } from "../../text/visible.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { askYes } from "../runbook/ask-yes.ts";
import { openTrust } from "../runbook/open-trust.ts";
import { talkIo } from "../talk.ts";

export async function runTrustRevoke(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const [whom = ""] = args;
  const facts = { terminal: io.isInteractive };
  requireHuman(io.context.env, facts, "decide whom to trust");
  const paths = openTrust(io);
  const plan = planRevoke(paths, whom, textOption(options, "reason") ?? "");
  const names = (keys: RevokePlan["keys"]) =>
    keys.map(({ principal, fingerprint }) => ({ principal, fingerprint }));
  const data = { revoked: names(plan.keys), already: names(plan.already) };
  if (plan.keys.length === 0) return outcome(data, "Revoked already.");
  const talk = talkIo(io, options);
  talk.stdout.write(`${describe(plan, paths).join("\n")}\n`);
  await askYes(talk, "\nRevoke?");
  await applyRevoke(paths, io.context, facts, plan);
  return outcome(data, `Revoked: ${plan.keys.map((key) => key.fingerprint).join(", ")}.`);
}

function describe(plan: RevokePlan, paths: TrustPaths): string[] {
  const blob = ownPublicKey(paths)?.split(" ")[1];
  const lines = [
    `Adds to ${paths.revoked}:`,
    ...plan.keys.map((key) => `  ${key.principal}  ${key.fingerprint}`),
    "Nothing that they signed counts any more, whenever it was: approvals lapse, seals no longer verify here.",
    "The lines in allowed_signers stay, so that one can still read whose signature an old one was.",
  ];
  if (plan.keys.some((key) => key.blob === blob)) {
    lines.push("One of them is your own: until the next `vibeops trust init` you cannot approve.");
  }
  return lines.map((line) => makeVisible(line, { newlines: false }));
}
