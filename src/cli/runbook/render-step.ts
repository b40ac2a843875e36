import { describeTurns } from "../../runbook/host-turns.ts";
import type { CommandView, StepView } from "../../runbook/operator.ts";
import type { Tier } from "../../runbook/tier.ts";
import { formatDuration } from "../../text/duration.ts";
import { wrapProse } from "../../text/wrap.ts";
import type { Style } from "../style.ts";

/** A step before it begins, in full: nothing is cut. Prose wraps between words; what runs is left to the terminal. */
export function renderStep(view: StepView, style: Style, columns: number): string {
  const rule = style.dim("─".repeat(Math.max(20, Math.min(columns, 100))));
  const lines = [
    rule,
    `${style.bold(`Step ${view.number} of ${view.of}: ${view.title}`)}   ${renderTier(view.tier, style)}`,
  ];
  if (view.action !== undefined) lines.push(style.dim(`action ${view.action}`));
  if (view.delegated === true) lines.push(style.yellow("delegated: an agent may run it by itself"));
  if (view.prose !== "") lines.push("", wrapProse(view.prose, columns));
  if (view.run !== undefined) lines.push("", ...renderCommand(view.run, style));
  for (const check of view.checks) lines.push("", ...renderCommand(check, style, "then check"));
  lines.push("", ...renderWayBack(view, style, columns), rule);
  return lines.join("\n");
}

function renderWayBack(view: StepView, style: Style, columns: number): string[] {
  if (view.rollback !== undefined) return renderCommand(view.rollback, style);
  const why = view.noRollback === undefined ? "none is given" : `none: ${view.noRollback}`;
  const label = "way back:";
  return [wrapProse(`${label} ${why}`, columns).replace(label, style.cyan(label))];
}

const NAMES: Readonly<Record<CommandView["kind"], string>> = {
  run: "run",
  check: "check",
  rollback: "way back",
};

export function renderCommand(view: CommandView, style: Style, name = NAMES[view.kind]): string[] {
  const names = view.hosts.join(", ");
  const where = view.transport === "local" ? `${names} (this machine)` : names;
  const turns = view.hosts.length === 1 ? "" : `, ${describeTurns(view)}`;
  const raw = view.raw ? "raw: no action vouches for it; " : "";
  const attempts =
    view.attempts > 1 ? `, up to ${view.attempts} times every ${formatDuration(view.intervalMs)}` : "";
  // Two short lines: at sixty columns one long one would break in the middle of a word.
  return [
    `${style.cyan(`${name}:`)} on ${style.bold(where)}${turns}, ${renderTier(view.tier, style)}`,
    `  ${style.dim(`${raw}at most ${formatDuration(view.timeoutMs)}${attempts}`)}`,
    // At the margin: what is copied from here must be what runs.
    "",
    ...view.script.split("\n"),
    "",
    ...(view.tabs === true
      ? [`  ${style.dim("its tabs stand as spaces here; runbook.md has it as it is sent")}`]
      : []),
    `  ${style.dim(view.expect === undefined ? "expected: exit status 0" : `expected: exit status 0, and "${view.expect}" in its output`)}`,
  ];
}

function renderTier(tier: Tier, style: Style): string {
  if (tier === "destructive") return style.red("destructive");
  if (tier === "live") return style.yellow("live");
  return style.green(tier);
}
