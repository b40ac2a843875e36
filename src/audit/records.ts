import { relative } from "node:path";
import { VibeopsError } from "../errors.ts";
import type { Policy } from "../policy/policy.ts";
import { SKEW_MS } from "../runbook/evaluate-approval.ts";
import { isVerification, type RecordLine, type WalkRecord } from "../runbook/record.ts";
import { standingOf } from "../runbook/record-head.ts";
import type { LoadedRunbook } from "../runbook/runbook-folder.ts";
import type { Statement, StatementCommand } from "../runbook/statement.ts";
import type { WalkStart } from "../runbook/walk-progress.ts";
import type { Finding } from "../text/finding.ts";
import type { Decision } from "./decisions.ts";
import { auditError } from "./findings.ts";
import { requireAncestor } from "./history.ts";
import { decisionsOf, findMissingApprovals } from "./needed-approvals.ts";
import { findSessionProblems, findUnlocked, type LineProblem } from "./sessions.ts";
import type { AuditSource } from "./source.ts";

/** Holds one record against the runbook, this machine's note of it, and the decisions on which it says that it began. */
export async function auditRecord(
  source: AuditSource,
  loaded: LoadedRunbook,
  record: WalkRecord,
  decisions: readonly Decision[],
): Promise<Finding[]> {
  const add = (rule: string, message: string, line?: number) =>
    recordError(source, record, rule, message, line);
  const [start] = record.events;
  if (start?.event !== "start") return [add("record", "this record does not begin with its start", 1)];
  const findings: Finding[] = [];
  if (start.sha256 !== loaded.sha256) {
    findings.push(add("runbook-changed", "runbook.md is not the one that was walked", 1));
  }
  const standing = standingOf(source.gate.context.env, loaded.folder, record);
  if (standing === "ahead" || standing === "changed") {
    findings.push(
      add("record", "this record does not end with the line that was written on this machine last"),
    );
  }
  findings.push(
    ...requireAncestor(source.ancestors, start.head, { what: "this walk began on", file: record.file }),
  );
  const [decision, ...further] = decisionsOf(start, decisions);
  if (decision?.statement.nonce !== start.approval) {
    const message = `there is no approval ${start.approval}, on which this walk began`;
    return [...findings, add("no-approval", message, 1)];
  }
  const problem = findStartProblem(start, record, decision);
  if (problem !== null) findings.push(add("no-approval", problem, 1));
  const lines = findUnapproved(decision.statement, record);
  if (!isVerification(record) && start.sha256 === loaded.sha256) {
    findings.push(...(await auditPolicy(source, loaded, record, [decision, ...further])));
    lines.push(...findUnlocked(decision.statement, record.events));
  }
  return [...findings, ...lines.map(({ seq, message }) => add("not-approved", message, seq + 1))];
}

/** What a record rests on, where the signature of one of its decisions turns out to be nobody's. */
export function groundlessRecord(
  source: AuditSource,
  record: WalkRecord,
  { statement: { nonce } }: Decision,
  why: string,
): Finding[] {
  const [start] = record.events;
  if (start?.event !== "start" || (start.approval !== nonce && !start.further?.includes(nonce))) return [];
  const message = `it began on approval ${nonce}, which is nobody's: ${why}`;
  return [recordError(source, record, "no-approval", message, 1)];
}

function recordError(
  { gate }: AuditSource,
  { file }: WalkRecord,
  rule: string,
  message: string,
  line?: number,
): Finding {
  return auditError(rule, file, message, `see: git log -p -- ${relative(gate.project.root, file)}`, line);
}

/** What the approved policy wanted: so many people, and no step without one but those that it delegates. */
async function auditPolicy(
  source: AuditSource,
  loaded: LoadedRunbook,
  record: WalkRecord,
  decisions: readonly Decision[],
): Promise<Finding[]> {
  const [start] = record.events;
  const [decision] = decisions;
  if (start?.event !== "start" || decision === undefined) return [];
  const { statement } = decision;
  const policy = source.policies.get(statement.policy);
  const known: Policy | null = policy === undefined || policy instanceof VibeopsError ? null : policy;
  const add = (rule: string, message: string, line?: number) =>
    recordError(source, record, rule, message, line);
  const sessions = findSessionProblems(loaded, statement, known, record.events);
  const findings = sessions.map(({ seq, message }) => add("delegated", message, seq + 1));
  if (known === null) {
    const why = policy instanceof VibeopsError ? policy.message : "it is in no commit";
    const message = `nobody can tell what the policy asked for when this was approved: ${why}`;
    return [...findings, { ...add("policy", message, 1), level: policy === undefined ? "warning" : "error" }];
  }
  const missing = await findMissingApprovals(known, loaded, start, decisions, source.trust.signers);
  return [...findings, ...missing.map((message) => add("approvals", message, 1))];
}

function findStartProblem(
  start: WalkStart,
  record: WalkRecord,
  { statement, forged, sha256: digest }: Decision,
): string | null {
  if (forged !== null) return `it began on approval ${statement.nonce}, which is nobody's: ${forged}`;
  if (statement.decision !== "approve")
    return `it began on decision ${statement.nonce}, which is a rejection`;
  if (start.statement !== digest) return `approval ${statement.nonce} is not the statement on which it began`;
  if (start.approver !== statement.approver) {
    return `it names ${start.approver} as who approved, and approval ${statement.nonce} is by ${statement.approver}`;
  }
  const began = Date.parse(start.time);
  if (began < Date.parse(statement.created) - SKEW_MS)
    return `it began before approval ${statement.nonce} was given`;
  if (!isVerification(record) && began >= Date.parse(statement.expires)) {
    return `it began after approval ${statement.nonce} had run out, at ${statement.expires}`;
  }
  return null;
}

/** Locks and commands that the statement does not hold. */
function findUnapproved(statement: Statement, record: WalkRecord): LineProblem[] {
  const problems: LineProblem[] = [];
  for (const event of record.events) {
    if (event.event === "locked" && !isApprovedLock(statement, event)) {
      problems.push({ seq: event.seq, message: `the lock on ${event.host} was not taken as approved` });
    }
    if (event.event !== "started" || isAmong(commandsFor(statement, record, event), event)) continue;
    const message = `step ${event.step} ran a ${event.kind} that approval ${statement.nonce} does not hold`;
    problems.push({ seq: event.seq, message });
  }
  return problems;
}

/** What a line of this record may have started: a command of its step, or a check under Verification. */
function commandsFor(
  statement: Statement,
  record: WalkRecord,
  event: Extract<RecordLine, { event: "started" }>,
): readonly StatementCommand[] {
  if (isVerification(record)) return statement.verification;
  return statement.steps.find(({ number }) => number === event.step)?.commands ?? [];
}

function isAmong(
  commands: readonly StatementCommand[],
  event: { readonly kind: string; readonly host: string; readonly command: string },
): boolean {
  return commands.some(
    ({ kind, host, sha256: hash }) => kind === event.kind && host === event.host && hash === event.command,
  );
}

function isApprovedLock(
  { hosts }: Statement,
  event: { readonly host: string; readonly command: string },
): boolean {
  return hosts.some(({ name, lock }) => name === event.host && lock === event.command);
}

/** One approval is good for one walk, and so is one that stood beside another. */
export function auditReplays(records: readonly WalkRecord[]): Finding[] {
  const walks = records.filter((record) => !isVerification(record));
  const seen = new Map<string, string>();
  return walks.flatMap((record) => {
    const [start] = record.events;
    if (start?.event !== "start") return [];
    return [start.approval, ...(start.further ?? [])].flatMap((nonce) => {
      const other = seen.get(nonce);
      if (other === undefined) seen.set(nonce, record.id);
      if (other === undefined) return [];
      const message = `approval ${nonce} was good for one walk, and ${other} began on it before`;
      return [auditError("replay", record.file, message, "find out which of them a person walked", 1)];
    });
  });
}

/** It takes no secret to write a record: what neither this machine noted nor a seal covers is what somebody says. */
export function auditClaims(
  { gate }: AuditSource,
  { folder }: LoadedRunbook,
  records: readonly WalkRecord[],
): Finding[] {
  const foreign = records.filter((record) => standingOf(gate.context.env, folder, record) === "foreign");
  return foreign.map(({ file }) => ({
    rule: "audit.claim",
    level: "warning",
    message:
      "this record was not written on this machine, and no seal covers it: anybody could have made it up",
    file,
    fix: "ask who walked it; closing the runbook seals its records",
  }));
}
