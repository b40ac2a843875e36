import { relative } from "node:path";
import { VibeopsError } from "../errors.ts";
import { lstatOrNull } from "../platform/files.ts";
import { sha256 } from "../platform/hash.ts";
import { readApprovalFiles } from "../runbook/approval-file.ts";
import { findForgery, SKEW_MS, tryParse } from "../runbook/evaluate-approval.ts";
import {
  isVerification,
  listRecordNames,
  type RecordLine,
  readRecord,
  type WalkRecord,
} from "../runbook/record.ts";
import { standingOf } from "../runbook/record-head.ts";
import { type LoadedRunbook, loadRunbook, runbookFolder } from "../runbook/runbook-folder.ts";
import type { Statement, StatementCommand } from "../runbook/statement.ts";
import { readWalkState } from "../runbook/walk-state.ts";
import { type Finding, findingOf } from "../text/finding.ts";
import { auditError } from "./findings.ts";
import { requireAncestor } from "./history.ts";
import { auditSeal } from "./seal.ts";
import type { AuditSource } from "./source.ts";

export interface RunbookAudit {
  readonly approvals: number;
  readonly records: number;
  readonly findings: readonly Finding[];
}

/** A decision of which it is known whether a listed person signed it. */
interface Decision {
  readonly file: string;
  readonly statement: Statement;
  readonly sha256: string;
  /** Why it is nobody's; null where somebody who may decide signed it. */
  readonly forged: string | null;
}

/** Checks one runbook's decisions, records and seal against each other, the trust file and the history. */
export async function auditRunbook(source: AuditSource, id: string): Promise<RunbookAudit> {
  const folder = runbookFolder(source.gate.project, id);
  const findings: Finding[] = [];
  let loaded: LoadedRunbook;
  try {
    loaded = loadRunbook(source.gate.project, id);
  } catch (error) {
    return { approvals: 0, records: 0, findings: [findingOf(error, folder.document)] };
  }
  const decisions = await readDecisions(source, loaded, findings);
  const records = readRecords(loaded, findings);
  findings.push(...decisions.flatMap((decision) => auditBase(source, decision)));
  findings.push(...records.flatMap((record) => auditRecord(source, loaded, record, decisions)));
  findings.push(...auditReplays(records), ...auditClaims(source, loaded, records));
  findings.push(...(await auditSeal(source, loaded, records)));
  return { approvals: decisions.length, records: records.length, findings };
}

async function readDecisions(
  { gate, trust }: AuditSource,
  loaded: LoadedRunbook,
  findings: Finding[],
): Promise<Decision[]> {
  const decisions: Decision[] = [];
  try {
    for (const file of readApprovalFiles(loaded.folder)) {
      const statement = tryParse(file);
      if (statement instanceof VibeopsError) {
        findings.push(findingOf(statement, file.file));
        continue;
      }
      const created = new Date(statement.created);
      const forged = (await findForgery(gate, trust, statement, file, created))?.message ?? null;
      if (forged !== null) {
        const fix = "nothing runs on it; find out who made it: git log -- its path";
        findings.push(auditError("approval", file.file, `nobody's decision: ${forged}`, fix));
      }
      decisions.push({ file: file.file, statement, sha256: sha256(file.bytes), forged });
    }
  } catch (error) {
    findings.push(findingOf(error, loaded.folder.approvals));
  }
  return decisions;
}

function readRecords(loaded: LoadedRunbook, findings: Finding[]): WalkRecord[] {
  return listRecordNames(loaded.folder).flatMap((name) => {
    try {
      return [readRecord(loaded.folder, name)];
    } catch (error) {
      findings.push(findingOf(error, loaded.folder.records));
      return [];
    }
  });
}

function auditBase({ ancestors }: AuditSource, { statement, file }: Decision): Finding[] {
  return requireAncestor(ancestors, statement.base, { what: "this decision was made on", file });
}

function auditRecord(
  source: AuditSource,
  loaded: LoadedRunbook,
  record: WalkRecord,
  decisions: readonly Decision[],
): Finding[] {
  const findings: Finding[] = [];
  const [start] = record.events;
  const add = (rule: string, message: string, line?: number) =>
    findings.push(
      auditError(rule, record.file, message, `see: git log -p -- ${basePath(source, record.file)}`, line),
    );
  if (start?.event !== "start") {
    add("record", "this record does not begin with its start", 1);
    return findings;
  }
  if (start.sha256 !== loaded.sha256) add("runbook-changed", "runbook.md is not the one that was walked", 1);
  if (!isVerification(record)) findings.push(...auditState(loaded, record));
  const standing = standingOf(source.gate.context.env, loaded.folder, record);
  if (standing === "ahead" || standing === "changed") {
    add("record", "this record does not end with the line that was written on this machine last");
  }
  findings.push(
    ...requireAncestor(source.ancestors, start.head, { what: "this walk began on", file: record.file }),
  );
  const decision = decisions.find(({ statement }) => statement.nonce === start.approval);
  if (decision === undefined) {
    add("no-approval", `there is no approval ${start.approval}, on which this walk began`, 1);
    return findings;
  }
  const problem = findStartProblem(start, record, decision);
  if (problem !== null) add("no-approval", problem, 1);
  for (const event of record.events) {
    if (event.event === "locked" && !isApprovedLock(decision.statement, event)) {
      add("not-approved", `the lock on ${event.host} was not taken as approved`, event.seq + 1);
    }
    const commands = commandsFor(decision.statement, record, event);
    if (event.event !== "started" || isAmong(commands, event)) continue;
    add(
      "not-approved",
      `step ${event.step} ran a ${event.kind} that approval ${start.approval} does not hold`,
      event.seq + 1,
    );
  }
  return findings;
}

function auditState(loaded: LoadedRunbook, record: WalkRecord): Finding[] {
  try {
    readWalkState(loaded, record);
    return [];
  } catch (error) {
    return [findingOf(error, record.file)];
  }
}

function findStartProblem(
  start: { readonly statement: string; readonly time: string },
  record: WalkRecord,
  { statement, forged, sha256: digest }: Decision,
): string | null {
  if (forged !== null) return `it began on approval ${statement.nonce}, which is nobody's: ${forged}`;
  if (statement.decision !== "approve")
    return `it began on decision ${statement.nonce}, which is a rejection`;
  if (start.statement !== digest) return `approval ${statement.nonce} is not the statement on which it began`;
  const began = Date.parse(start.time);
  if (began < Date.parse(statement.created) - SKEW_MS)
    return `it began before approval ${statement.nonce} was given`;
  if (!isVerification(record) && began >= Date.parse(statement.expires)) {
    return `it began after approval ${statement.nonce} had run out, at ${statement.expires}`;
  }
  return null;
}

/** What a line of this record may have started: a command of its step, or a check under Verification. */
function commandsFor(
  statement: Statement,
  record: WalkRecord,
  event: RecordLine,
): readonly StatementCommand[] {
  if (isVerification(record)) return statement.verification;
  return statement.steps.find(({ number }) => "step" in event && number === event.step)?.commands ?? [];
}

function isAmong(
  commands: readonly StatementCommand[],
  event: { readonly kind: string; readonly host: string; readonly command: string },
): boolean {
  return commands.some(
    ({ kind, host, sha256: hash }) => kind === event.kind && host === event.host && hash === event.command,
  );
}

/** It takes no secret to write a record: what neither this machine noted nor a seal covers is what somebody says. */
function auditClaims(
  { gate }: AuditSource,
  { folder }: LoadedRunbook,
  records: readonly WalkRecord[],
): Finding[] {
  if (lstatOrNull(folder.seal) !== null) return [];
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

function isApprovedLock(
  { hosts }: Statement,
  event: { readonly host: string; readonly command: string },
): boolean {
  return hosts.some(({ name, lock }) => name === event.host && lock === event.command);
}

/** One approval is good for one walk. */
function auditReplays(records: readonly WalkRecord[]): Finding[] {
  const walks = records.filter((record) => !isVerification(record));
  const seen = new Map<string, string>();
  return walks.flatMap((record) => {
    const [start] = record.events;
    if (start?.event !== "start") return [];
    const other = seen.get(start.approval);
    if (other === undefined) {
      seen.set(start.approval, record.id);
      return [];
    }
    const message = `approval ${start.approval} was good for one walk, and ${other} began on it before`;
    return [auditError("replay", record.file, message, "find out which of them a person walked", 1)];
  });
}

function basePath({ gate }: AuditSource, file: string): string {
  return relative(gate.project.root, file);
}
