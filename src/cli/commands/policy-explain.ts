import type { ExplainedRule } from "../../policy/explain-needs.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import {
  describeReport,
  type PolicyReport,
  readPolicyHere,
  reportPolicy,
} from "../../runbook/policy-report.ts";
import { loadRunbook } from "../../runbook/runbook-folder.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { findRunbookId } from "../runbook/find-runbook.ts";
import { alignColumns, lineWidth, styleFor } from "../style.ts";

export async function runPolicyExplain(
  io: Io,
  [part = ""]: readonly string[],
  _options: Options,
): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const { runbook } = loadRunbook(project, findRunbookId(project, part));
  const report = await reportPolicy(project, readPolicyHere(project), runbook);
  return outcome(report, render(io, report));
}

function render(io: Io, report: PolicyReport): string {
  const style = styleFor(io);
  const visible = (text: string) => makeVisible(text, { newlines: false });
  const [head = "", ...lines] = describeReport(report).map(visible);
  const rules = report.rules.flatMap((rule) => explainRule(rule).map(visible));
  const rows = report.commands.map(({ where, kind, host, tier, line, because }) => {
    return [`  ${where}`, `${kind} on ${host}`, tier, `line ${line}: ${because}`].map(visible);
  });
  return [
    style.bold(head),
    ...lines,
    "",
    style.bold("By these rules"),
    ...rules,
    "",
    style.bold("The tier, command by command"),
    ...alignColumns(rows, lineWidth(io)),
  ].join("\n");
}

function explainRule({ rule, stands, line, gives, facts }: ExplainedRule): string[] {
  const from = line === undefined ? "the default: policy.yaml does not say" : `policy.yaml:${line}`;
  const text = line === undefined ? "" : `  ${typeof stands === "string" ? stands : JSON.stringify(stands)}`;
  const by = Object.entries(facts).map(([name, value]) => `      ${name} = ${JSON.stringify(value)}`);
  return [`  approval.${rule} gave ${gives ?? "no bound"}  (${from})${text}`, ...by];
}
