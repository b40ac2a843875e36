import { makeVisible } from "../text/visible.ts";
import type { AssessedCommand } from "./assess-runbook.ts";
import { type CurrentContent, hostOf } from "./current-content.ts";
import { scriptBytes } from "./host.ts";
import type { CommandView, StepView } from "./operator.ts";
import type { Runbook } from "./runbook.ts";
import { highestTier } from "./tier.ts";

/** What a screen needs to show commands as they will run. */
export interface ViewSource {
  readonly current: CurrentContent;
  /** The runbook's variables and what was captured so far. */
  readonly variables: Readonly<Record<string, string>>;
}

export function commandView({ command, tier, proven }: AssessedCommand, source: ViewSource): CommandView {
  const transport = hostOf(source.current.inventory, command.host)?.transport ?? "ssh";
  const bytes = scriptBytes(command.script, source.variables, { transport }, source.current.places);
  return {
    kind: command.kind,
    host: command.host,
    transport,
    tier,
    raw: proven === null,
    script: makeVisible(bytes.toString("utf8").replace(/\n$/, "")),
    timeoutMs: command.timeoutMs,
    ...(command.expect === undefined ? {} : { expect: makeVisible(command.expect, { newlines: false }) }),
    attempts: command.attempts,
    intervalMs: command.intervalMs,
  };
}

/** @param number of the step, from 1 */
export function stepView(runbook: Runbook, number: number, source: ViewSource): StepView {
  const assessed = source.current.assessment.steps[number - 1];
  if (assessed === undefined) throw new RangeError(`there is no step ${number}`);
  const { step, commands } = assessed;
  const views = commands.map((command) => commandView(command, source));
  const run = views.find((view) => view.kind === "run");
  const rollback = views.find((view) => view.kind === "rollback");
  const none = step.rollback !== undefined && "none" in step.rollback ? step.rollback.none : undefined;
  return {
    number,
    of: runbook.steps.length,
    title: makeVisible(step.title, { newlines: false }),
    prose: makeVisible(step.prose),
    ...(step.action === undefined ? {} : { action: makeVisible(step.action.use, { newlines: false }) }),
    ...(step.action?.delegated === true ? { delegated: true } : {}),
    tier: highestTier(views.map((view) => view.tier)),
    ...(run === undefined ? {} : { run }),
    checks: views.filter((view) => view.kind === "check"),
    ...(rollback === undefined ? {} : { rollback }),
    ...(none === undefined ? {} : { noRollback: makeVisible(none, { newlines: false }) }),
  };
}
