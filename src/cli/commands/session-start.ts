import { vendors } from "../../agent/vendors/vendor.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { pendingRunbooks } from "../../runbook/pending-runbooks.ts";
import { startSession } from "../../session/start.ts";
import { wrapProse } from "../../text/wrap.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { programName } from "../program-name.ts";
import { lineWidth } from "../style.ts";
import { oneOf, wholeNumber } from "../values.ts";

export async function runSessionStart(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const budget = textOption(options, "budget");
  const report = await startSession(project, io.context, {
    budget: budget === undefined ? undefined : wholeNumber("budget", budget, 100),
    program: programName(io),
    pendingRunbooks,
  });
  const { session, brief, facts, intake, sent } = report;
  const vendor = textOption(options, "hook");
  if (vendor !== undefined) {
    const { hookForms } = await import("../../agent/vendors/hooks.ts");
    const answer = hookForms[oneOf("hook", vendor, vendors)].start(brief);
    return outcome(answer, JSON.stringify(answer));
  }
  const mail = {
    accepted: intake?.accepted.map(({ memo, standing }) => ({ id: memo.id, standing })) ?? [],
    receipts: intake?.receipts.map(({ id }) => id) ?? [],
    quarantined:
      intake?.quarantined.map(({ name, error }) => ({ name, code: error.code, message: error.message })) ??
      [],
    left: intake?.left.map(({ name, error }) => ({ name, code: error.code, message: error.message })) ?? [],
  };
  return outcome({ session, brief, facts, mail, sent }, wrapProse(brief, lineWidth(io)));
}
