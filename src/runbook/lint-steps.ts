import type { Finding } from "../text/finding.ts";
import type { AssessedCommand, AssessedStep, Assessment } from "./assess-runbook.ts";
import type { Command, Runbook } from "./runbook.ts";
import { unassignedVariables } from "./shell-variables.ts";
import { TIERS } from "./tier.ts";

/** Each step is complete: what it changes is checked and can be taken back, and what it names is there. */
export function lintSteps(runbook: Runbook, assessment: Assessment): Finding[] {
  return [...assessment.steps.flatMap(lintStep), ...lintVariables(runbook)];
}

function lintStep({ step, commands }: AssessedStep): Finding[] {
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
            : "run: vibeops runbook compile",
      },
    ];
  }
  const run = commands.find(({ command }) => command.kind === "run");
  if (run === undefined || run.proven === "read") return [];
  return [
    ...lintCheck(run, step.checks.length),
    ...lintRollback(run, step.rollback !== undefined),
    ...lintRaw(run),
  ];
}

function lintCheck(run: AssessedCommand, checks: number): Finding[] {
  if (checks > 0) return [];
  const live = TIERS.indexOf(run.tier) >= TIERS.indexOf("live");
  return [
    {
      rule: "runbook.no-check",
      level: live ? "error" : "warning",
      message: `nothing checks what this run on ${run.command.host} did: exit status 0 is no health`,
      line: run.command.line,
      fix: `add: sh check host=${run.command.host}`,
    },
  ];
}

function lintRollback(run: AssessedCommand, hasOne: boolean): Finding[] {
  if (hasOne) return [];
  return [
    {
      rule: "runbook.no-rollback",
      level: "error",
      message: "this run has no way back, and nothing says why",
      line: run.command.line,
      fix: `add: sh rollback host=${run.command.host}, or a paragraph that begins with "No rollback:"`,
    },
  ];
}

function lintRaw(run: AssessedCommand): Finding[] {
  if (!run.command.raw) return [];
  return [
    {
      rule: "runbook.raw",
      level: "warning",
      message: `a raw command: no action vouches for what it does, so it counts as ${run.tier}${because(run)}`,
      line: run.command.line,
      fix: "use an action where there is one: vibeops runbook actions",
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
  const look = (command: Command) => {
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
