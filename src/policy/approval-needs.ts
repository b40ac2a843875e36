import { Exit, VibeopsError } from "../errors.ts";
import { HOUR_MS, MINUTE_MS } from "../platform/units-of-time.ts";
import type { RunbookFacts } from "./facts.ts";
import type { Policy } from "./policy.ts";

/** What it takes to approve a runbook. */
export interface ApprovalNeeds {
  /** How many people, each with a key of their own. */
  readonly approvals: number;
  /** Whether whoever wrote it may be one of them. */
  readonly authorMayApprove: boolean;
  /** The longest that an approval may live; undefined where the policy sets no bound. */
  readonly longestLifeMs?: number;
}

/**
 * What the policy wants for a runbook. The rules' language is loaded only for a policy that has rules.
 *
 * @throws VibeopsError `policy.rule` for a rule that cannot be decided: nothing is allowed then
 */
export async function approvalNeeds(policy: Policy, facts: RunbookFacts): Promise<ApprovalNeeds> {
  const { approvals, expiry } = policy.approval;
  const fourEyes = await wantsFourEyes(policy.approval.four_eyes, facts);
  return {
    approvals: typeof approvals === "number" ? approvals : await countApprovals(approvals, facts),
    authorMayApprove: !fourEyes,
    ...(expiry === undefined ? {} : { longestLifeMs: lifeMs(expiry) }),
  };
}

async function wantsFourEyes(wanted: Policy["approval"]["four_eyes"], facts: RunbookFacts): Promise<boolean> {
  if (typeof wanted === "boolean") return wanted;
  if (typeof wanted !== "string") return wanted.some((tier) => facts.tiers.includes(tier));
  const { evaluateRule } = await import("./rule.ts");
  return evaluateRule(wanted, "bool", facts, "approval.four_eyes") !== false;
}

async function countApprovals(rule: string, facts: RunbookFacts): Promise<number> {
  const { evaluateRule } = await import("./rule.ts");
  const count = Number(evaluateRule(rule, "int", facts, "approval.approvals"));
  if (Number.isInteger(count) && count >= 1 && count <= 10) return count;
  throw new VibeopsError({
    code: "policy.rule",
    exit: Exit.refused,
    message: `the rule approval.approvals asks for ${count} approvals, so nothing is allowed`,
    file: "policy.yaml",
    fix: "let it give a number from 1 to 10",
  });
}

const UNIT_MS = { s: 1000, m: MINUTE_MS, h: HOUR_MS } as const;

function lifeMs(text: string): number {
  const unit = text.endsWith("s") ? "s" : text.endsWith("m") ? "m" : "h";
  return Number(text.slice(0, -1)) * UNIT_MS[unit];
}
