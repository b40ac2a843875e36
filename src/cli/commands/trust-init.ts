import { resolve } from "node:path";
import { requireHuman } from "../../runbook/human.ts";
import { applyInit } from "../../runbook/init-trust.ts";
import { type InitRequest, NEW_KEY_TYPES, planInit } from "../../runbook/plan-init.ts";
import { defaultPrincipal } from "../../runbook/trust.ts";
import { wrapProse } from "../../text/wrap.ts";
import { flagOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { askYes } from "../runbook/ask-yes.ts";
import { describeDone, describeInit } from "../runbook/describe-init.ts";
import { openTrust } from "../runbook/open-trust.ts";
import { lineWidth } from "../style.ts";
import { talkIo } from "../talk.ts";
import { oneOf } from "../values.ts";

export async function runTrustInit(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const { env } = io.context;
  const facts = { terminal: io.isInteractive };
  requireHuman(env, facts, "decide whom to trust");
  const paths = openTrust(io);
  const principal = textOption(options, "as") ?? (await defaultPrincipal(io.cwd, env));
  const plan = await planInit(paths, env, { principal, ...readRequest(io, options) });
  if (plan.key.act === "keep" && !plan.lists) {
    const { fingerprint } = plan.key.publicKey;
    return outcome(
      { changed: false, principal, fingerprint },
      `Your key ${fingerprint} is listed as ${principal}'s already.`,
    );
  }
  const talk = talkIo(io, options);
  talk.stdout.write(`${wrapProse(describeInit(plan, paths).join("\n"), lineWidth(io))}\n`);
  await askYes(talk, "\nDo this?");
  const { fingerprint } = await applyInit(paths, env, facts, plan);
  const text = [
    wrapProse(describeDone(plan, fingerprint).join("\n"), lineWidth(io)),
    `  public half: ${paths.key}.pub`,
  ];
  return outcome(
    { changed: true, principal, fingerprint, key: paths.key, first: plan.first },
    text.join("\n"),
  );
}

function readRequest(io: Io, options: Options): Pick<InitRequest, "type" | "existing"> {
  const file = textOption(options, "key");
  const type = flagOption(options, "sk") ? "ed25519-sk" : textOption(options, "sk");
  return {
    ...(file === undefined ? {} : { existing: resolve(io.cwd, file) }),
    ...(type === undefined ? {} : { type: oneOf("sk", type, NEW_KEY_TYPES.slice(1)) }),
  };
}
