import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { lstatOrNull } from "../platform/files.ts";
import { headCommit } from "../platform/git.ts";
import { commitFiles } from "../platform/git-commit.ts";
import { keepOwnFiles } from "../platform/git-foreign.ts";
import { newId } from "../platform/ids.ts";
import { allOrNothing } from "../platform/undo.ts";
import { DAY_MS } from "../platform/units-of-time.ts";
import type { ApprovalNeeds } from "../policy/approval-needs.ts";
import { redactSecrets } from "../text/secrets.ts";
import { makeVisible } from "../text/visible.ts";
import { isAgent } from "./agent-address.ts";
import { listApprovals, readTrust, refuseClosed } from "./approval.ts";
import { writeApprovalFiles } from "./approval-file.ts";
import { applyPolicy, findPolicyProblem, needsOf, onePerPerson } from "./approval-policy.ts";
import { type CurrentContent, readCurrentContent } from "./current-content.ts";
import { findForgery } from "./evaluate-approval.ts";
import type { Gate } from "./gate.ts";
import { type HumanFacts, requireHuman } from "./human.ts";
import { compareStatement } from "./lapse.ts";
import { latestWalk } from "./latest-walk.ts";
import { lintRunbook } from "./lint-runbook.ts";
import { reviewPages } from "./review.ts";
import { changePages } from "./review-changes.ts";
import type { ReviewPage } from "./review-line.ts";
import { type LoadedRunbook, loadRunbook } from "./runbook-folder.ts";
import { refuseSharedMachines } from "./shared-machine.ts";
import type { SignBytes } from "./sign.ts";
import {
  formatContent,
  formatStatement,
  LONGEST_LIFE_MS,
  STATEMENT_VERSION,
  type Statement,
} from "./statement.ts";
import { APPROVAL_NAMESPACE, requireHumanKey } from "./trust.ts";
import { isOpen } from "./walk-state.ts";

const DEFAULT_LIFE_MS = DAY_MS;

export interface DecisionRequest {
  readonly decision: "approve" | "reject";
  /** The e-mail address under which the person is in allowed_signers. */
  readonly principal: string;
  /** Why it is rejected. */
  readonly reason?: string;
  /** How long a walk may start on it; a day unless told. */
  readonly lifeMs?: number;
}

/** What a person is about to sign, and everything that they must see before. */
export interface DecisionPlan {
  readonly statement: Statement;
  readonly pages: readonly ReviewPage[];
  readonly loaded: LoadedRunbook;
  readonly current: CurrentContent;
}

/**
 * Plans a decision; writes nothing. An approval of a runbook with errors, or of content that was decided on
 * already, is refused here, before anybody reads pages for nothing.
 *
 * @throws VibeopsError `runbook.findings`, `approval.decided`, `approval.self`, `approval.life`, `approval.reason`,
 * `approval.host-twice`
 */
export async function planDecision(gate: Gate, id: string, request: DecisionRequest): Promise<DecisionPlan> {
  const loaded = loadRunbook(gate.project, id);
  refuseClosed(loaded);
  if (request.decision === "approve") refuseOpenWalk(loaded);
  refuseBadRequest(gate, request);
  const current = await readCurrentContent(gate.project, loaded, gate.context.env);
  const needs = await needsOf(loaded.runbook, current);
  if (request.decision === "approve") {
    refuseFindings(gate, loaded, current);
    await refuseSharedMachines(loaded.runbook.hosts, current.inventory, gate.context.env);
  }
  await refuseSecondDecision(gate, loaded, current, needs, request);
  const created = gate.context.now();
  const lifeMs = request.lifeMs ?? Math.min(DEFAULT_LIFE_MS, needs.longestLifeMs ?? DEFAULT_LIFE_MS);
  const statement: Statement = {
    statement: STATEMENT_VERSION,
    decision: request.decision,
    nonce: newId(gate.context),
    uses: 1,
    approver: request.principal,
    ...(request.reason === undefined ? {} : { reason: redactSecrets(request.reason) }),
    created: created.toISOString(),
    expires: new Date(created.getTime() + lifeMs).toISOString(),
    base: (await headCommit(gate.git)) ?? "none",
    ...current.content,
  };
  const problem =
    request.decision === "approve"
      ? findPolicyProblem(needs, loaded.runbook, statement, readTrust(gate).signers)
      : null;
  if (problem !== null)
    throw refusal(`approval.${problem.reason}`, problem.message, POLICY_FIX[problem.reason]);
  const pages = [...reviewPages(loaded, current), ...(await changePages(gate, loaded, current))];
  return { statement, pages, loaded, current };
}

const POLICY_FIX = {
  self: "another person decides",
  expired: "approve for fewer hours: --hours",
} as const;

function refuseBadRequest(gate: Gate, request: DecisionRequest): void {
  const { principal, lifeMs = DEFAULT_LIFE_MS } = request;
  if (isAgent(gate, principal)) {
    throw refusal("approval.self", `${principal} may not decide on this runbook`, "another person decides");
  }
  if (lifeMs <= 0 || lifeMs > LONGEST_LIFE_MS) {
    throw refusal("approval.life", "an approval lives for at most 31 days", "approve again when it is time");
  }
  if (request.decision === "reject" && (request.reason ?? "").trim() === "") {
    throw new VibeopsError({
      code: "approval.reason",
      exit: Exit.usage,
      message: "a rejection says why",
      fix: 'add: --reason "…"',
    });
  }
}

function refuseFindings(gate: Gate, loaded: LoadedRunbook, current: CurrentContent): void {
  const findings = lintRunbook(gate.project, loaded.runbook, current);
  const [first, ...others] = findings.filter((one) => one.level === "error");
  if (first === undefined) return;
  const more =
    others.length === 0 ? "" : ` (and ${others.length} more: vibeops runbook lint ${loaded.runbook.id})`;
  throw new VibeopsError({
    code: "runbook.findings",
    exit: Exit.invalid,
    message: `${first.message}${more}`,
    file: first.file ?? loaded.runbook.file,
    line: first.line,
    fix: first.fix,
  });
}

/** A decision stands for the content it was made on. An approval that is used up or ran out may be given again. */
async function refuseSecondDecision(
  gate: Gate,
  loaded: LoadedRunbook,
  current: CurrentContent,
  needs: ApprovalNeeds,
  request: DecisionRequest,
): Promise<void> {
  const content = formatContent(current.content);
  const trust = readTrust(gate);
  const all = await listApprovals(gate, loaded, current, {}, trust);
  const judged = applyPolicy(needs, loaded.runbook, all, trust.signers);
  const standing = judged.flatMap(({ genuine, reason, statement, key }) => {
    if (genuine !== true || reason !== null || statement === undefined) return [];
    return formatContent(statement) === content ? [{ statement, ...(key === undefined ? {} : { key }) }] : [];
  });
  const people = onePerPerson(standing, trust.signers);
  // Where the policy wants more people, each of them decides for themselves, and one no is a no.
  const final =
    standing.find(({ statement: { decision, approver } }) => {
      return decision === "reject" || approver === request.principal;
    }) ?? people[needs.approvals - 1];
  if (final === undefined) return;
  const { approver, created, decision } = final.statement;
  throw refusal(
    "approval.decided",
    `${approver} ${decision === "approve" ? "approved" : "rejected"} this very content on ${created}`,
    secondDecisionFix(final.statement, request.decision, loaded, people.length < needs.approvals),
  );
}

function secondDecisionFix(
  earlier: Statement,
  wanted: DecisionRequest["decision"],
  { runbook }: LoadedRunbook,
  wantsMore: boolean,
): string {
  if (earlier.decision === "reject") return "change what was objected to first";
  if (wanted === "approve" && wantsMore)
    return `somebody else reads it and types: vibeops runbook approve ${runbook.id}`;
  if (wanted === "approve") return `vibeops runbook run ${runbook.id}`;
  return `an approval ends with what it approved: change runbooks/${runbook.id}/runbook.md, say why in it, and commit`;
}

/** A walk goes on under the approval it began with, or not at all: a new one for changed content would not be its own. */
function refuseOpenWalk(loaded: LoadedRunbook): void {
  const walk = latestWalk(loaded);
  if (walk === null || !isOpen(walk.state)) return;
  const { id } = loaded.runbook;
  throw refusal(
    "approval.open-walk",
    `walk ${walk.id} of this runbook has not come to its end, and goes on only with what was approved for it`,
    `bring back what was approved (git log -p runbooks/${id}), then go on or roll back: vibeops runbook run ${id}`,
  );
}

function refusal(code: string, message: string, fix: string): VibeopsError {
  return new VibeopsError({ code, exit: Exit.refused, message, fix });
}

export interface DecisionFacts extends HumanFacts {
  /** How many pages were shown to their end, in full. */
  readonly pagesShown: number;
}

/**
 * Signs a planned decision, writes and commits it together with the runbook and the files that it covers.
 * Everything is read again first: what changed while the pages were read was not seen by anybody.
 *
 * @throws VibeopsError `human.agent`, `human.terminal`, `approval.display`, `approval.changed`, `trust.key-…`,
 * `sign.failed`, `approval.signer`
 */
export async function recordDecision(
  gate: Gate,
  plan: DecisionPlan,
  facts: DecisionFacts,
  sign: SignBytes,
): Promise<{ nonce: string; files: string[]; commit: string | null }> {
  const { statement, loaded } = plan;
  requireHuman(gate.context.env, facts, statement.decision);
  if (statement.decision === "approve" && facts.pagesShown < plan.pages.length) {
    throw refusal("approval.display", "not all of it was shown", "read every page to its end");
  }
  const { paths, signers } = readTrust(gate);
  await requireHumanKey(paths, gate.context);
  if (!signers.some((signer) => signer.principal === statement.approver)) {
    const fix = `add a line for them: ${statement.approver} namespaces="vibeops-approval,vibeops-record" <public key>`;
    throw refusal("approval.signer", `${statement.approver} is not in ${paths.allowedSigners}`, fix);
  }
  await refuseChange(gate, plan);
  const bytes = Buffer.from(formatStatement(statement));
  const signature = await sign(bytes, APPROVAL_NAMESPACE);
  await refuseForeignSignature(gate, plan, bytes, signature);
  const covered = loaded.runbook.files.map((path) => join(gate.project.root, path));
  const there = covered.filter((path) => lstatOrNull(path) !== null);
  const others = [loaded.folder.document, ...(await keepOwnFiles(gate.git, there))];
  const verb = statement.decision === "approve" ? "Approve" : "Reject";
  const reason = statement.reason === undefined ? "" : `\n\n${makeVisible(statement.reason)}`;
  const title = makeVisible(loaded.runbook.title, { newlines: false });
  const message = `${verb} runbook ${loaded.runbook.id}: ${title}${reason}`;
  return await allOrNothing(async (undo) => {
    const files = writeApprovalFiles(loaded.folder, statement.nonce, bytes, signature, undo);
    const commit = await commitFiles(gate.git, [...files, ...others], message, gate.context);
    return { nonce: statement.nonce, files, commit };
  });
}

/** What the gate would not accept is not written. */
async function refuseForeignSignature(
  gate: Gate,
  { statement }: DecisionPlan,
  bytes: Buffer,
  signature: string,
): Promise<void> {
  const forged = await findForgery(gate, readTrust(gate), statement, { bytes, signature });
  if (forged === null) return;
  throw refusal("approval.signature", forged.message, "sign with your own key, which is in allowed_signers");
}

async function refuseChange(gate: Gate, plan: DecisionPlan): Promise<void> {
  const loaded = loadRunbook(gate.project, plan.loaded.runbook.id);
  const current = await readCurrentContent(gate.project, loaded, gate.context.env);
  if (formatContent(current.content) === formatContent(plan.statement)) return;
  const lapses = compareStatement(plan.statement, current.content).map(({ what }) => what);
  throw new VibeopsError({
    code: "approval.changed",
    exit: Exit.conflict,
    message: `${lapses.length === 0 ? "something changed" : lapses.join("; ")} while you were reading it`,
    facts: { lapses },
    file: loaded.runbook.file,
    fix: "read it again",
  });
}
