import { type PreparationReport, prepareMemo } from "../../deploy/prepare-memo.ts";
import { VibeopsError } from "../../errors.ts";
import { leave, type RuleResult, type RuleSession } from "./rule.ts";

/** A sysadmin prepares each deployment memo: configuration, runbook, questions. */
export async function runSysadmin(session: RuleSession): Promise<RuleResult> {
  const { project, role, context, tell } = session;
  const result: RuleResult = { did: [], left: [] };
  for (const stored of session.memos) {
    if (stored.memo.type !== "deployment") {
      result.left.push(leave(stored, "no rule covers it: it needs a person or a model"));
      continue;
    }
    try {
      const report = await prepareMemo(project, stored, { role }, context);
      tell({ kind: "files", text: describeFiles(report) });
      if (report.runbook === null) {
        result.left.push(
          leave(stored, "a question keeps the runbook's steps from being written: see the reply"),
        );
        continue;
      }
      const { id } = report.runbook;
      tell({ kind: "runbook", text: `runbook ${id}: ${report.questions.length} open questions` });
      if (report.commit !== null)
        result.did.push(`prepared ${report.service} ${report.version}: runbook ${id}`);
      result.left.push(leave(stored, `a person decides: vibeops runbook approve ${id.slice(-8)}`));
    } catch (error) {
      if (!(error instanceof VibeopsError)) throw error;
      result.left.push(
        leave(stored, error.fix === undefined ? error.message : `${error.message} (${error.fix})`),
      );
    }
  }
  return result;
}

function describeFiles({ written, kept }: PreparationReport): string {
  const paths = written.map((file) => file.path).join(", ");
  const edited =
    kept.length === 0
      ? ""
      : `; left alone, a person edited them: ${kept.map((file) => file.path).join(", ")}`;
  return `${paths === "" ? "nothing to write" : `wrote ${paths}`}${edited}`;
}
