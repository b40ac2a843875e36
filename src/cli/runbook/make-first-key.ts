import { applyInit } from "../../runbook/init-trust.ts";
import type { InitPlan } from "../../runbook/plan-init.ts";
import { trustPaths } from "../../runbook/trust.ts";
import { wrapProse } from "../../text/wrap.ts";
import type { Io } from "../io.ts";
import { lineWidth } from "../style.ts";
import { askYes } from "./ask-yes.ts";
import { describeDone, describeInit } from "./describe-init.ts";
import { wrapWords } from "./render-page.ts";

/**
 * The first approval on an account makes the person's key on the spot, as `trust init` does: shown, asked, and done
 * in no agent's environment.
 *
 * @param again the command that makes the decision, for whoever does not want the key now
 */
export async function makeFirstKey(io: Io, plan: InitPlan, again: string): Promise<void> {
  const { env } = io.context;
  const paths = trustPaths(env);
  io.stdout.write(
    `\nYou have no approval key yet.\n${wrapProse(describeInit(plan, paths).join("\n"), lineWidth(io))}\n`,
  );
  await askYes(io, "\nMake this key?", {
    message: "no key was made, and nothing was signed",
    fix: `decide again, with a new key or after vibeops trust init --key FILE: ${again}`,
  });
  const { fingerprint } = await applyInit(paths, env, { terminal: io.isInteractive }, plan);
  io.stdout.write(`${wrapProse(describeDone(plan, fingerprint).join("\n"), lineWidth(io))}\n`);
}

/** Said before anybody reads pages: that a key will be made is no news for the end of them. */
export function announceFirstKey(io: Io, plan: InitPlan): void {
  const text = `You have no approval key yet. Once you have read everything and said yes, one is made for ${plan.principal}: you are asked, and choose a passphrase.`;
  io.stdout.write(`\n${wrapWords(text, io.columns).join("\n")}\n`);
}
