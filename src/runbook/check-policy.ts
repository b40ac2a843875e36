import { VibeopsError } from "../errors.ts";
import type { Project } from "../project/project.ts";
import { type Finding, findingOf } from "../text/finding.ts";
import { findPolicyProblems } from "./policy-findings.ts";
import { type PolicyReport, readPolicyHere, reportPolicy } from "./policy-report.ts";
import { POLICY_FILE } from "./rule-files.ts";
import { loadRunbook } from "./runbook-folder.ts";

export interface PolicyCheck {
  readonly findings: readonly Finding[];
  readonly reports: readonly PolicyReport[];
}

/** What is wrong with policy.yaml, and what it asks for each of these runbooks; one that cannot be read hides no other. */
export async function checkPolicyHere(project: Project, ids: readonly string[]): Promise<PolicyCheck> {
  const findings: Finding[] = [];
  const reports: PolicyReport[] = [];
  const attempt = async (file: string, act: () => Promise<void>) => {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof VibeopsError)) throw error;
      const found = findingOf(error, file);
      // A rule that cannot be decided is one finding, however many runbooks ask it.
      if (!findings.some(({ rule, message }) => rule === found.rule && message === found.message))
        findings.push(found);
    }
  };
  await attempt(POLICY_FILE, async () => {
    const located = readPolicyHere(project);
    findings.push(...findPolicyProblems(project, located));
    for (const id of ids) {
      await attempt(`runbooks/${id}/runbook.md`, async () => {
        reports.push(await reportPolicy(project, located, loadRunbook(project, id).runbook));
      });
    }
  });
  return { findings, reports };
}
