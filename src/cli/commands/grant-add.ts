import { applyGrants, hasGrantChanges, planGrant } from "../../project/change-grants.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { refuseAgent } from "../../runbook/human.ts";
import { flagOption, type Options } from "../command.ts";
import { readOption, typesOption, untilOption } from "../grant/grant-options.ts";
import { planData, renderPlan, renderSummary } from "../grant/render-plan.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { askConsent } from "../prompt.ts";
import { talkIo } from "../talk.ts";

export async function runGrantAdd(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const now = io.context.now();
  const both = flagOption(options, "both");
  const wish = { types: typesOption(options), read: readOption(options), until: untilOption(options, now) };
  const plan = planGrant(project, args[0] ?? "", wish, { now, both, cwd: io.cwd });
  const data = planData(plan);
  if (!hasGrantChanges(plan)) return outcome({ ...data, changed: false }, "That is granted already.");
  if (flagOption(options, "dryRun")) return outcome({ ...data, changed: false }, renderPlan(io, plan));
  // Another project's doors are opened by a person, be it with --yes in a script of theirs.
  if (both) refuseAgent(io.context.env, "open another project to this one");
  const talk = talkIo(io, options);
  const yes = flagOption(options, "yes");
  if (!yes && io.isInteractive) io.stderr.write(`${renderPlan(io, plan)}\n`);
  const where = plan.theirs === null ? plan.ours.name : `${plan.ours.name} and ${plan.theirs.name}`;
  if (!(await askConsent(talk, `Write and commit this in ${where}?`, yes))) {
    return outcome({ ...data, changed: false }, "Nothing was written.");
  }
  await applyGrants(plan, io.context);
  return outcome({ ...data, changed: true }, renderSummary(plan));
}
