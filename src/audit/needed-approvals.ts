import { VibeopsError } from "../errors.ts";
import { approvalNeeds } from "../policy/approval-needs.ts";
import type { Policy } from "../policy/policy.ts";
import type { Signer } from "../runbook/allowed-signers.ts";
import { findPolicyProblem, onePerPerson } from "../runbook/approval-policy.ts";
import { approvedFacts } from "../runbook/policy-facts.ts";
import type { LoadedRunbook } from "../runbook/runbook-folder.ts";
import { formatContent } from "../runbook/statement.ts";
import type { WalkStart } from "../runbook/walk-progress.ts";
import type { Decision } from "./decisions.ts";

/** The decisions on which a walk says that it began, the first one first. */
export function decisionsOf(start: WalkStart, decisions: readonly Decision[]): Decision[] {
  const nonces = [start.approval, ...(start.further ?? [])];
  return nonces.flatMap((nonce) => decisions.find(({ statement }) => statement.nonce === nonce) ?? []);
}

/**
 * Why the approvals on which a walk began are not those that the policy in the statement asked for: how many people,
 * each with a key of their own, not the author, and for how long. The first one itself is judged elsewhere.
 */
export async function findMissingApprovals(
  policy: Policy,
  loaded: LoadedRunbook,
  start: WalkStart,
  decisions: readonly Decision[],
  signers: readonly Signer[],
): Promise<string[]> {
  const [first, ...further] = decisions;
  if (first === undefined) return [];
  const problems = further.flatMap((decision) => findFurtherProblem(first, decision, start) ?? []);
  const missing = 1 + (start.further?.length ?? 0) - decisions.length;
  if (missing > 0) problems.push(`${missing} of the approvals on which this walk began are not there`);
  let needs: Awaited<ReturnType<typeof approvalNeeds>>;
  try {
    needs = await approvalNeeds(policy, approvedFacts(loaded.runbook, first.statement));
  } catch (error) {
    if (error instanceof VibeopsError) return [...problems, error.message];
    throw error;
  }
  for (const { statement } of decisions) {
    const problem = findPolicyProblem(needs, loaded.runbook, statement, signers);
    if (problem !== null) problems.push(`approval ${statement.nonce} does not count: ${problem.message}`);
  }
  const people = onePerPerson(decisions, signers).length;
  if (people < needs.approvals) {
    const wanted = `the policy asked for ${needs.approvals} people to approve`;
    problems.push(`${wanted}, and this walk began on the approvals of ${people}`);
  }
  return problems;
}

/** A further approval is one of the same content that was good when the walk began. */
function findFurtherProblem(
  first: Decision,
  { statement, forged }: Decision,
  start: WalkStart,
): string | null {
  const of = `further approval ${statement.nonce}`;
  if (forged !== null) return `${of} is nobody's: ${forged}`;
  if (statement.decision !== "approve") return `${of} is a rejection`;
  if (formatContent(statement) !== formatContent(first.statement)) return `${of} is of something else`;
  return Date.parse(start.time) < Date.parse(statement.expires) ? null : `${of} had run out`;
}
