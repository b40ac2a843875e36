import type { Finding } from "../text/finding.ts";
import { type AssessedCommand, type AssessedStep, type Assessment, assessedOf } from "./assess-runbook.ts";
import { compileFix } from "./lint-actions.ts";
import { type CommandFence, type Runbook, rollbackFence, type Step } from "./runbook.ts";
import { noActionReason } from "./runbook-sections.ts";
import { unassignedVariables } from "./shell-variables.ts";
import { highestTier, TIERS, type Tier } from "./tier.ts";

/** Each step is complete: what it changes is checked and can be taken back, and what it names is there. */
export function lintSteps(runbook: Runbook, assessment: Assessment): Finding[] {
  return [
    ...assessment.steps.flatMap((step) => lintStep(step, runbook)),
    ...lintExpectations(runbook),
    ...lintVariables(runbook),
  ];
}

/** Who writes `expect=""` means that there is no output; every output holds that. */
function lintExpectations({ steps, verification }: Runbook): Finding[] {
  const empty = [...steps.flatMap(({ checks }) => checks), ...verification].filter(
    ({ expect }) => expect === "",
  );
  return empty.map(({ line }) => ({
    rule: "runbook.expect",
    level: "error",
    message: "expect is empty, and every output holds that: this checks the exit status alone",
    line,
    fix: 'take expect out; that nothing is printed is for the command to say: test -z "$(…)"',
  }));
}

function lintStep({ step, commands }: AssessedStep, runbook: Runbook): Finding[] {
  if (commands.length === 0) {
    return [
      {
        rule: "runbook.empty-step",
        level: "error",
        message: `step ${step.number} has no command`,
        line: step.line,
        fix:
          step.action === undefined
            ? "add a sh run or sh check fence, or move the text to Before you start"
            : compileFix(runbook),
      },
    ];
  }
  const { run } = step;
  if (run === undefined) return [];
  const runs = assessedOf(commands, run);
  const [first] = runs;
  if (first === undefined || first.proven === "read") return [];
  const tier = highestTier(runs.map((one) => one.tier));
  return [...lintChecks(step, run, tier), ...lintRollback(step, run), ...lintRaw(step, first, tier)];
}

function lintChecks({ checks }: Step, run: CommandFence, tier: Tier): Finding[] {
  const left = notCovered(run, checks);
  if (left.length === 0) return [];
  const live = TIERS.indexOf(tier) >= TIERS.indexOf("live");
  return [
    {
      rule: "runbook.no-check",
      level: live ? "error" : "warning",
      message: `nothing checks what this run on ${left.join(", ")} did: exit status 0 is no health`,
      line: run.line,
      fix: `add: sh check host=${left.join(",")}`,
    },
  ];
}

function lintRollback(step: Step, run: CommandFence): Finding[] {
  const rollback = rollbackFence(step);
  if (rollback === undefined && step.rollback !== undefined) return [];
  const left = notCovered(run, rollback === undefined ? [] : [rollback]);
  if (left.length === 0) return [];
  const where = left.length === run.hosts.length ? "" : ` on ${left.join(", ")}`;
  return [
    {
      rule: "runbook.no-rollback",
      level: "error",
      message: `this run has no way back${where}, and nothing says why`,
      line: run.line,
      fix: `add: sh rollback host=${run.hosts.join(",")}, or a paragraph that begins with "No rollback:"`,
    },
  ];
}

/** The run's hosts that none of the fences looks after: one that stands on another host speaks for all of them. */
function notCovered(run: CommandFence, fences: readonly CommandFence[]): string[] {
  const named = new Set(fences.flatMap(({ hosts }) => hosts));
  const fromElsewhere = [...named].some((host) => !run.hosts.includes(host));
  return fromElsewhere ? [] : run.hosts.filter((host) => !named.has(host));
}

/** Where a paragraph says why there is no action, it stands beside the command for whoever approves; the tier stays. */
function lintRaw(step: Step, run: AssessedCommand, tier: Tier): Finding[] {
  if (!run.command.raw || noActionReason(step.prose) !== undefined) return [];
  return [
    {
      rule: "runbook.raw",
      level: "warning",
      message: `a raw command: no action vouches for what it does, so it counts as ${tier}${because(run)}`,
      line: run.command.line,
      fix: 'use an action where there is one (vibeops runbook actions), or say why there is none in a paragraph that begins with "No action:"',
    },
  ];
}

/** Why the syntax tree of a raw command did not show that it stays on its machine. */
function because({ judged }: AssessedCommand): string {
  return judged === null || judged.answer === "local" ? "" : ` (${judged.answer}: ${judged.reason})`;
}

function lintVariables(runbook: Runbook): Finding[] {
  const given = new Set(Object.keys(runbook.variables));
  const findings: Finding[] = [];
  const look = (command: CommandFence) => {
    for (const name of unassignedVariables(command.script, given)) {
      findings.push({
        rule: "runbook.variable",
        level: "warning",
        message: `$${name} is neither a variable of the runbook nor assigned here: under sh -u this fails`,
        line: command.line,
        fix: `add ${name} to variables, or assign it`,
      });
    }
  };
  for (const step of runbook.steps) {
    if (step.run) look(step.run);
    if (step.run?.capture) given.add(step.run.capture.name);
    step.checks.forEach(look);
    if (step.rollback !== undefined && "script" in step.rollback) look(step.rollback);
  }
  runbook.verification.forEach(look);
  return findings;
}
