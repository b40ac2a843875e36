import { approvalNeeds } from "./approval-needs.ts";
import type { RunbookFacts } from "./facts.ts";
import type { LocatedPolicy, Policy } from "./policy.ts";

/** One rule of policy.yaml, what it gave for a runbook, and by what. */
export interface ExplainedRule {
  readonly rule: keyof Policy["approval"];
  /** As it stands there; null where the file says nothing of it and the default counts. */
  readonly stands: unknown;
  /** Of policy.yaml, from 1. */
  readonly line?: number;
  /** People for approvals, true where the author may not be one of them, a length of time or null for expiry. */
  readonly gives: number | boolean | string | null;
  /** The facts that it names, with their values. */
  readonly facts: Partial<RunbookFacts>;
}

/**
 * Each rule about approving a runbook with these facts, in the order of policy.yaml's schema.
 *
 * @throws VibeopsError `policy.rule` for a rule that cannot be decided
 */
export async function explainNeeds(
  { policy, lineOf }: LocatedPolicy,
  facts: RunbookFacts,
): Promise<ExplainedRule[]> {
  const { approval } = policy;
  const needs = await approvalNeeds(policy, facts);
  const gives = {
    approvals: needs.approvals,
    four_eyes: !needs.authorMayApprove,
    expiry: approval.expiry ?? null,
  };
  const { factsNamedBy } = await import("./rule.ts");
  const usedBy = (stands: unknown): (keyof RunbookFacts)[] => {
    if (Array.isArray(stands)) return ["tiers"];
    return typeof stands === "string" ? factsNamedBy(stands) : [];
  };
  return (["approvals", "four_eyes", "expiry"] as const).map((rule) => {
    const line = lineOf(["approval", rule]);
    const used = rule === "expiry" ? [] : usedBy(approval[rule]);
    return {
      rule,
      stands: line === undefined ? null : approval[rule],
      ...(line === undefined ? {} : { line }),
      gives: gives[rule],
      facts: Object.fromEntries(used.map((name) => [name, facts[name]])),
    };
  });
}
