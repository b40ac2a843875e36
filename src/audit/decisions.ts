import { relative } from "node:path";
import { VibeopsError } from "../errors.ts";
import { sha256 } from "../platform/hash.ts";
import { type ApprovalFile, readApprovalFiles } from "../runbook/approval-file.ts";
import { findUnsigned, signatureCheck, tryParse } from "../runbook/evaluate-approval.ts";
import type { LoadedRunbook } from "../runbook/runbook-folder.ts";
import type { Verification } from "../runbook/sign.ts";
import { fingerprint, readSignatureHeader } from "../runbook/ssh-key.ts";
import type { Statement } from "../runbook/statement.ts";
import { type Finding, findingOf } from "../text/finding.ts";
import { auditError } from "./findings.ts";
import { requireAncestor } from "./history.ts";
import type { AuditSource } from "./source.ts";

/** A decision on file. */
export interface Decision {
  readonly file: string;
  readonly statement: Statement;
  readonly sha256: string;
  /** Fingerprint of the key by which it says that it was signed. */
  readonly key: string | undefined;
  /** Why it is nobody's, as far as that is seen without ssh-keygen; null where its signature decides. */
  readonly forged: string | null;
  /** What to ask of that signature, as of the day of the decision: a key that ran out since was good then. */
  readonly check: Verification;
}

/** The decisions of a runbook; what cannot be read is told in `findings`. */
export function readDecisions(source: AuditSource, loaded: LoadedRunbook, findings: Finding[]): Decision[] {
  try {
    return readApprovalFiles(loaded.folder).flatMap((file) => {
      const statement = tryParse(file);
      if (!(statement instanceof VibeopsError)) return [readDecision(source, file, statement)];
      findings.push(findingOf(statement, file.file));
      return [];
    });
  } catch (error) {
    findings.push(findingOf(error, loaded.folder.approvals));
    return [];
  }
}

function readDecision(source: AuditSource, file: ApprovalFile, statement: Statement): Decision {
  const { gate, trust, openKey } = source;
  const header = readSignatureHeader(file.signature ?? "");
  const asOf = new Date(statement.created);
  const key = header === null ? undefined : fingerprint(header.publicKey);
  const unsigned = findUnsigned(gate, trust, statement, file, asOf)?.message ?? null;
  const isOpen = openKey !== null && key === openKey;
  return {
    file: file.file,
    statement,
    sha256: sha256(file.bytes),
    key,
    forged: isOpen ? `the key ${trust.paths.key} opens without a person` : unsigned,
    check: signatureCheck(trust, statement, file, asOf),
  };
}

/** What is wrong with a decision, its signature apart. */
export function auditDecision(source: AuditSource, decision: Decision): Finding[] {
  const { file, statement, forged } = decision;
  return [
    ...(forged === null ? [] : [forgedDecision(source, decision, forged)]),
    ...requireAncestor(source.ancestors, statement.base, { what: "this decision was made on", file }),
  ];
}

export function forgedDecision({ gate }: AuditSource, { file }: Decision, why: string): Finding {
  const fix = `nothing runs on it; find out who made it: git log -- ${relative(gate.project.root, file)}`;
  return auditError("approval", file, `nobody's decision: ${why}`, fix);
}
