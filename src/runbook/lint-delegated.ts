import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import { readIfExists } from "../platform/files.ts";
import { whyNotDelegated } from "../policy/may-delegate.ts";
import { type Policy, readPolicy } from "../policy/policy.ts";
import type { Inventory } from "../project/inventory.ts";
import type { Project } from "../project/project.ts";
import type { Finding } from "../text/finding.ts";
import type { Assessment } from "./assess-runbook.ts";
import { delegationFacts } from "./policy-facts.ts";
import { POLICY_FILE } from "./rule-files.ts";
import type { ActionCall } from "./runbook.ts";

/** What is marked as delegated may be. The policy is read only where something is. */
export function lintDelegated(project: Project, assessment: Assessment, inventory: Inventory): Finding[] {
  const steps = assessment.steps.filter(({ step }) => step.action?.delegated === true);
  const checks = assessment.verification.flatMap(({ check: { action } }) =>
    action?.delegated === true ? [finding(action, "verification is never delegated")] : [],
  );
  if (steps.length === 0) return checks;
  const policy = tryPolicy(project);
  return [
    ...checks,
    ...steps.flatMap((assessed) => {
      const { number, action } = assessed.step;
      const why =
        policy instanceof VibeopsError
          ? policy.message
          : whyNotDelegated(policy, delegationFacts(assessed, inventory));
      return why === null || action === undefined
        ? []
        : [finding(action, `step ${number} cannot be delegated: ${why}`)];
    }),
  ];
}

function tryPolicy(project: Project): Policy | VibeopsError {
  try {
    return readPolicy(readIfExists(join(project.root, POLICY_FILE)), POLICY_FILE);
  } catch (error) {
    if (error instanceof VibeopsError) return error;
    throw error;
  }
}

function finding(call: ActionCall, message: string): Finding {
  const fix = "take `delegated` out, or let a person add it to `delegate` in policy.yaml";
  return { rule: "runbook.delegated", level: "error", message, line: call.line, fix };
}
