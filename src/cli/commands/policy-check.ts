import { Exit } from "../../errors.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { checkPolicyHere } from "../../runbook/check-policy.ts";
import { describeReport } from "../../runbook/policy-report.ts";
import { listOpenRunbookIds } from "../../runbook/store.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { renderFindings } from "../render-findings.ts";
import { findRunbookId } from "../runbook/find-runbook.ts";
import { styleFor } from "../style.ts";

export async function runPolicyCheck(io: Io, args: readonly string[], _options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const ids =
    args.length > 0 ? args.map((part) => findRunbookId(project, part)) : listOpenRunbookIds(project);
  const { findings, reports } = await checkPolicyHere(project, ids);
  const failed = findings.some(({ level }) => level === "error");
  const style = styleFor(io);
  const blocks = reports.map((report) => {
    const [head = "", ...lines] = describeReport(report).map((line) =>
      makeVisible(line, { newlines: false }),
    );
    return [style.bold(head), ...lines].join("\n");
  });
  if (findings.length > 0) blocks.unshift(renderFindings(findings, io));
  if (blocks.length === 0) blocks.push("policy.yaml is in order, and no runbook is open.");
  return outcome({ findings, runbooks: reports }, blocks.join("\n\n"), failed ? Exit.invalid : Exit.ok);
}
