import * as z from "zod/mini";
import { checkPolicyHere } from "../../runbook/check-policy.ts";
import { describeReport } from "../../runbook/policy-report.ts";
import { listOpenRunbookIds } from "../../runbook/store.ts";
import { markUntrusted } from "../untrusted.ts";
import { findRunbook, runbookId } from "./runbook.ts";
import { defineTool } from "./tool.ts";

export const policyCheck = defineTool({
  name: "policy_check",
  description:
    "Says what policy.yaml asks for the open runbooks, or for one: tier, how many people approve, whether its author may, " +
    "which steps may be delegated; and what is wrong with policy.yaml. Only a person changes the policy.",
  input: z.strictObject({ id: z.optional(runbookId) }),
  readOnly: true,
  async run({ id }, { project, boundary }) {
    const ids = id === undefined ? listOpenRunbookIds(project) : [findRunbook(project, id)];
    const { findings, reports } = await checkPolicyHere(project, ids);
    const wrong = findings.map(({ level, file, line, message, fix }) => {
      return `${level} ${file ?? ""}:${line ?? "?"}: ${message}${fix === undefined ? "" : ` (to mend it: ${fix})`}`;
    });
    const lines = [...wrong, ...reports.flatMap(describeReport)];
    const text = markUntrusted(boundary, "policy and runbooks", lines.join("\n") || "no runbook is open");
    return { text, said: `policy: ${reports.length} runbooks, ${findings.length} findings` };
  },
});
