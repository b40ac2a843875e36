import { applyInit } from "../../runbook/init-trust.ts";
import type { InitPlan } from "../../runbook/plan-init.ts";
import { trustPaths } from "../../runbook/trust.ts";
import type { Io } from "../io.ts";
import { askYes } from "./ask-yes.ts";
import { describeDone, describeInit } from "./describe-init.ts";

/**
 * The first approval on an account makes the person's key on the spot, as `trust init` does: shown, asked, and done
 * in no agent's environment.
 */
export async function makeFirstKey(io: Io, plan: InitPlan): Promise<void> {
  const { env } = io.context;
  const paths = trustPaths(env);
  io.stdout.write(`\nYou have no approval key yet.\n${describeInit(plan, paths).join("\n")}\n`);
  await askYes(io, "\nMake this key?");
  const { fingerprint } = await applyInit(paths, env, { terminal: io.isInteractive }, plan);
  io.stdout.write(`${describeDone(plan, fingerprint).join("\n")}\n`);
}
