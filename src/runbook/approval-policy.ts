import { Exit, VibeopsError } from "../errors.ts";
import type { ApprovalNeeds } from "../policy/approval-needs.ts";
import type { Signer } from "./allowed-signers.ts";
import type { CurrentContent } from "./current-content.ts";
import type { EvaluatedApproval } from "./evaluate-approval.ts";
import { readApprovalNeeds } from "./policy-facts.ts";
import type { Runbook } from "./runbook.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { namesOfPerson } from "./same-person.ts";
import type { Statement } from "./statement.ts";

/**
 * What the policy that is in force wants for a runbook.
 *
 * @throws VibeopsError `policy.unreadable`, `policy.rule` (exit 5): nothing is approved then, and nothing runs
 */
export async function needsOf(runbook: Runbook, current: CurrentContent): Promise<ApprovalNeeds> {
  return await readApprovalNeeds(current.rules.policy, runbook, current.assessment, current.inventory);
}

/** Why the policy does not let this person decide, or not for so long; null where it does. `signers`: who is listed. */
export function findPolicyProblem(
  needs: ApprovalNeeds,
  runbook: Runbook,
  { approver, created, expires }: Pick<Statement, "approver" | "created" | "expires">,
  signers: readonly Signer[],
): { readonly reason: "self" | "expired"; readonly message: string } | null {
  if (!needs.authorMayApprove) {
    const { author } = runbook;
    if (author === undefined || author.trim() === "") {
      return {
        reason: "self",
        message: "the policy wants four eyes, and the runbook does not say who wrote it",
      };
    }
    const name = findNamed(author, namesOfPerson(approver, signers));
    if (name !== undefined) {
      const alias = name === approver.toLowerCase() ? "" : ` as ${name}, with a key of theirs`;
      return {
        reason: "self",
        message: `the policy wants four eyes, and ${approver} wrote this runbook${alias}`,
      };
    }
  }
  const life = Date.parse(expires) - Date.parse(created);
  if (needs.longestLifeMs === undefined || life <= needs.longestLifeMs) return null;
  return { reason: "expired", message: "it lives longer than the policy lets an approval live" };
}

/** The first of a person's addresses in the text that says who wrote something, in whatever case. */
function findNamed(author: string, addresses: ReadonlySet<string>): string | undefined {
  return author
    .toLowerCase()
    .split(/[\s<>,;"'()]+/)
    .find((word) => addresses.has(word));
}

/** The same decisions, less those that the policy does not let count. */
export function applyPolicy(
  needs: ApprovalNeeds,
  runbook: Runbook,
  judged: readonly EvaluatedApproval[],
  signers: readonly Signer[],
): EvaluatedApproval[] {
  return judged.map((one) => {
    if (one.reason !== null || one.statement?.decision !== "approve") return one;
    const problem = findPolicyProblem(needs, runbook, one.statement, signers);
    return problem === null ? one : { ...one, ...problem };
  });
}

/** Of these approvals the latest of each person and of each key, the latest first. */
export function onePerPerson<T extends { readonly statement?: Statement; readonly key?: string | undefined }>(
  approvals: readonly T[],
  signers: readonly Signer[],
): T[] {
  const people = new Set<string>();
  const keys = new Set<string>();
  return approvals.toReversed().filter(({ statement, key }) => {
    if (statement === undefined || people.has(statement.approver.toLowerCase())) return false;
    if (key !== undefined && keys.has(key)) return false;
    for (const name of namesOfPerson(statement.approver, signers)) people.add(name);
    if (key !== undefined) keys.add(key);
    return true;
  });
}

/**
 * The approvals that count, the latest first and one for each person and each key; empty where there is none.
 *
 * @throws VibeopsError `approval.more` (exit 6) where the policy wants more people than have approved
 */
export function requireEnough(
  needs: ApprovalNeeds,
  loaded: LoadedRunbook,
  judged: readonly EvaluatedApproval[],
  signers: readonly Signer[],
): EvaluatedApproval[] {
  const granting = onePerPerson(
    judged.filter((one) => one.reason === null && one.statement?.decision === "approve"),
    signers,
  );
  if (granting.length === 0 || granting.length >= needs.approvals) return granting.slice(0, needs.approvals);
  const people = granting.flatMap(({ statement }) => statement?.approver ?? []);
  throw new VibeopsError({
    code: "approval.more",
    exit: Exit.humanNeeded,
    message: `the policy wants ${needs.approvals} people to approve, and only ${people.join(", ")} did`,
    file: loaded.runbook.file,
    fix: `somebody else reads it and types: vibeops runbook approve ${loaded.runbook.id}`,
    facts: { approved: people, wanted: needs.approvals },
  });
}
