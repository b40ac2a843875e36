import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { readIfReadable } from "../platform/files.ts";
import { approvalNeeds } from "../policy/approval-needs.ts";
import { readPolicy } from "../policy/policy.ts";
import { readApprovalFiles } from "./approval-file.ts";
import { findPolicyProblem, onePerPerson } from "./approval-policy.ts";
import { hashFile, hashOrAbsent } from "./file-hashes.ts";
import { spentBy } from "./nonce.ts";
import { approvedFacts } from "./policy-facts.ts";
import { projectFiles } from "./project-files.ts";
import { RULE_FILES, type Rules } from "./rule-files.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { fingerprint, readSignatureHeader } from "./ssh-key.ts";
import { livesTooLong, parseStatement, type Statement } from "./statement.ts";

/** What the decisions that lie beside a runbook amount to, by the files alone: whose they are is the gate's to say. */
export type StandingDecision =
  | { readonly state: "rejected" }
  | { readonly state: "approved"; readonly expires: string }
  /** The policy wants so many people more. */
  | { readonly state: "part-approved"; readonly expires: string; readonly more: number };

/**
 * What stands of the decisions about a runbook: about these very bytes, the rules and the listed files as they are now,
 * neither used nor run out, and as many as the policy wants. Null where none does.
 */
export async function readStanding(
  root: string,
  context: Context,
  loaded: LoadedRunbook,
): Promise<StandingDecision | null> {
  const decisions = readDecisions(loaded).filter(({ statement }) => isAboutThis(root, loaded, statement));
  if (decisions.some(({ statement }) => statement.decision === "reject")) return { state: "rejected" };
  const now = context.now().getTime();
  const approvals = decisions.filter(({ statement }) => {
    const { expires, nonce } = statement;
    return (
      now < Date.parse(expires) &&
      !livesTooLong(statement) &&
      spentBy(context.env, loaded.folder, nonce) === null
    );
  });
  const [first] = approvals;
  return first === undefined ? null : await countApprovals(root, loaded, first.statement, approvals);
}

interface Decision {
  readonly statement: Statement;
  readonly key: string;
}

function readDecisions({ folder }: LoadedRunbook): Decision[] {
  return readApprovalFiles(folder).flatMap((file) => {
    const header = file.signature === null ? null : readSignatureHeader(file.signature);
    if (header === null) return [];
    try {
      return [{ statement: parseStatement(file.bytes, file.file), key: fingerprint(header.publicKey) }];
    } catch (error) {
      if (error instanceof VibeopsError) return [];
      throw error;
    }
  });
}

function isAboutThis(
  root: string,
  { runbook, sha256: digest }: LoadedRunbook,
  statement: Statement,
): boolean {
  if (statement.runbook.id !== runbook.id || statement.runbook.sha256 !== digest) return false;
  const rules = Object.entries(RULE_FILES) as [keyof Rules, string][];
  const files = projectFiles(root);
  return (
    rules.every(([key, file]) => hashOrAbsent(readIfReadable(join(root, file))) === statement[key]) &&
    statement.files.every(({ path, sha256 }) => hashFile(files, path) === sha256)
  );
}

/** By the tiers that were signed: to judge every command anew is for the gate. */
async function countApprovals(
  root: string,
  { runbook }: LoadedRunbook,
  approved: Statement,
  approvals: readonly Decision[],
): Promise<StandingDecision | null> {
  try {
    const policy = readPolicy(readIfReadable(join(root, RULE_FILES.policy)), RULE_FILES.policy);
    const needs = await approvalNeeds(policy, approvedFacts(runbook, approved));
    const counting = onePerPerson(
      approvals.filter(({ statement }) => findPolicyProblem(needs, runbook, statement, []) === null),
      [],
    );
    const ends = counting.map(({ statement }) => statement.expires).sort();
    const more = needs.approvals - counting.length;
    if (counting.length === 0) return null;
    return more > 0
      ? { state: "part-approved", expires: ends[0] ?? "", more }
      : { state: "approved", expires: ends.at(-needs.approvals) ?? "" };
  } catch (error) {
    // A policy that cannot be read lets nothing through; whoever approves is told.
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}
