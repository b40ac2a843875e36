import { makeVisible } from "../text/visible.ts";
import { type AssessedCommand, assessedOf } from "./assess-runbook.ts";
import { type CurrentContent, hostOf } from "./current-content.ts";
import type { CommandView, StepView } from "./operator.ts";
import { pasteForm } from "./paste-form.ts";
import { type CommandFence, type Runbook, rollbackFence } from "./runbook.ts";
import { scriptBytes } from "./script-bytes.ts";
import { highestTier } from "./tier.ts";

/** What a screen needs to show commands as they will run. */
export interface ViewSource {
  readonly current: CurrentContent;
  /** The runbook's variables and what was captured so far. */
  readonly variables: Readonly<Record<string, string>>;
}

/** @param commands of one fence, at least one: those that are to run now, or all */
export function commandView(commands: readonly AssessedCommand[], source: ViewSource): CommandView {
  const { script, ...rest } = wholeView(commands, source);
  return { ...rest, script: makeVisible(script), ...(script.includes("\t") ? { tabs: true } : {}) };
}

/** The same in the form in which a person pastes it into a shell of their own. */
export function pasteView(commands: readonly AssessedCommand[], source: ViewSource): CommandView {
  const { script, ...rest } = wholeView(commands, source);
  return { ...rest, script: pasteForm(makeVisible(script, { tabs: "keep" })) };
}

/** With the script as it is sent. */
function wholeView(commands: readonly AssessedCommand[], source: ViewSource): CommandView {
  const [first] = commands;
  if (first === undefined) throw new RangeError("there is nothing to show");
  const { command, proven } = first;
  const transport = hostOf(source.current.inventory, command.host)?.transport ?? "ssh";
  const bytes = scriptBytes(command.script, source.variables, { transport }, source.current.places);
  return {
    kind: command.kind,
    hosts: commands.map((one) => one.command.host),
    together: command.together,
    transport,
    tier: highestTier(commands.map((one) => one.tier)),
    raw: proven === null,
    script: bytes.toString("utf8").replace(/\n$/, ""),
    timeoutMs: command.timeoutMs,
    ...(command.expect === undefined
      ? {}
      : { expect: makeVisible(command.expect, { newlines: false, tabs: "show" }) }),
    attempts: command.attempts,
    intervalMs: command.intervalMs,
  };
}

/** @param number of the step, from 1 */
export function stepView(runbook: Runbook, number: number, source: ViewSource): StepView {
  const assessed = source.current.assessment.steps[number - 1];
  if (assessed === undefined) throw new RangeError(`there is no step ${number}`);
  const { step, commands } = assessed;
  const view = (fence: CommandFence) => commandView(assessedOf(commands, fence), source);
  const rollback = rollbackFence(step);
  const none = step.rollback !== undefined && "none" in step.rollback ? step.rollback.none : undefined;
  return {
    number,
    of: runbook.steps.length,
    title: makeVisible(step.title, { newlines: false }),
    prose: makeVisible(step.prose),
    ...(step.action === undefined ? {} : { action: makeVisible(step.action.use, { newlines: false }) }),
    ...(step.action?.delegated === true ? { delegated: true } : {}),
    tier: highestTier(commands.map(({ tier }) => tier)),
    ...(step.run === undefined ? {} : { run: view(step.run) }),
    checks: step.checks.map(view),
    ...(rollback === undefined ? {} : { rollback: view(rollback) }),
    ...(none === undefined ? {} : { noRollback: makeVisible(none, { newlines: false }) }),
  };
}
