import { lstatOrNull } from "../platform/files.ts";
import { notSigned } from "../runbook/evaluate-approval.ts";
import { isVerification, listRecordNames, readRecord, type WalkRecord } from "../runbook/record.ts";
import { type LoadedRunbook, loadRunbook, runbookFolder } from "../runbook/runbook-folder.ts";
import type { WalkState } from "../runbook/walk-progress.ts";
import { readWalkState } from "../runbook/walk-state.ts";
import { type Finding, findingOf } from "../text/finding.ts";
import { auditDecision, type Decision, forgedDecision, readDecisions } from "./decisions.ts";
import { auditForeignApprovals } from "./foreign-approvals.ts";
import { auditClaims, auditRecord, auditReplays, groundlessRecord } from "./records.ts";
import { auditSeal } from "./seal.ts";
import type { Claim } from "./signatures.ts";
import type { AuditSource } from "./source.ts";

export interface RunbookAudit {
  readonly approvals: number;
  readonly records: number;
  readonly seals: number;
  /** What is wrong whatever the signatures say. */
  readonly findings: readonly Finding[];
  /** The signatures on which the rest depends. */
  readonly claims: readonly Claim[];
}

/** Checks one runbook's decisions, records and seal against each other, the trust file and the history. */
export async function auditRunbook(source: AuditSource, id: string): Promise<RunbookAudit> {
  const folder = runbookFolder(source.gate.project, id);
  const findings: Finding[] = [];
  let loaded: LoadedRunbook;
  try {
    loaded = loadRunbook(source.gate.project, id);
  } catch (error) {
    const broken = [findingOf(error, folder.document)];
    return { approvals: 0, records: 0, seals: 0, findings: broken, claims: [] };
  }
  const decisions = readDecisions(source, loaded, findings);
  const records = readRecords(loaded, findings);
  const walks = readWalks(loaded, records, findings);
  findings.push(...decisions.flatMap((decision) => auditDecision(source, decision)));
  findings.push(...auditForeignApprovals(source, loaded, decisions));
  for (const record of records) findings.push(...(await auditRecord(source, loaded, record, decisions)));
  findings.push(...auditReplays(records));
  const isSealed = lstatOrNull(folder.seal) !== null;
  if (!isSealed) findings.push(...auditClaims(source, loaded, records));
  const seal = isSealed ? auditSeal(source, loaded, records, walks) : null;
  return {
    approvals: decisions.length,
    records: records.length,
    seals: isSealed ? 1 : 0,
    findings: [...findings, ...(seal?.findings ?? [])],
    claims: [...decisions.flatMap((one) => claimOf(source, one, records)), ...(seal?.claims ?? [])],
  };
}

function claimOf(source: AuditSource, decision: Decision, records: readonly WalkRecord[]): Claim[] {
  if (decision.forged !== null) return [];
  const otherwise = () => {
    const why = notSigned(decision.statement);
    const groundless = records.flatMap((record) => groundlessRecord(source, record, decision, why));
    return [forgedDecision(source, decision, why), ...groundless];
  };
  return [{ check: decision.check, otherwise }];
}

function readRecords(loaded: LoadedRunbook, findings: Finding[]): WalkRecord[] {
  const orFinding = <T>(read: () => T[]): T[] => {
    try {
      return read();
    } catch (error) {
      findings.push(findingOf(error, loaded.folder.records));
      return [];
    }
  };
  const names = orFinding(() => listRecordNames(loaded.folder));
  return names.flatMap((name) => orFinding(() => [readRecord(loaded.folder, name)]));
}

/** Where each walk stands; one whose lines are in an order that no walk of ours writes is told. */
function readWalks(
  loaded: LoadedRunbook,
  records: readonly WalkRecord[],
  findings: Finding[],
): ReadonlyMap<WalkRecord, WalkState> {
  const walks = new Map<WalkRecord, WalkState>();
  for (const record of records) {
    if (isVerification(record)) continue;
    try {
      walks.set(record, readWalkState(loaded, record));
    } catch (error) {
      findings.push(findingOf(error, record.file));
    }
  }
  return walks;
}
