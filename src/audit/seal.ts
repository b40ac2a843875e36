import { readIfExists } from "../platform/files.ts";
import { drawRecord } from "../runbook/draw-record.ts";
import { latestWalk, passedVerification } from "../runbook/latest-walk.ts";
import { isVerification, type WalkRecord } from "../runbook/record.ts";
import type { LoadedRunbook } from "../runbook/runbook-folder.ts";
import { parseSeal, type Seal } from "../runbook/seal.ts";
import { verifySignature } from "../runbook/sign.ts";
import { RECORD_NAMESPACE } from "../runbook/trust.ts";
import { type Finding, findingOf } from "../text/finding.ts";

import { auditError } from "./findings.ts";
import type { AuditSource } from "./source.ts";

/** What a closed runbook was sealed as: signed by somebody listed, over the records as they are. */
export async function auditSeal(
  source: AuditSource,
  loaded: LoadedRunbook,
  records: readonly WalkRecord[],
): Promise<Finding[]> {
  const { seal: file } = loaded.folder;
  const bytes = readIfExists(file);
  if (bytes === null) return [];
  const seal = parseSeal(bytes, file);
  const signature = readIfExists(`${file}.sig`)?.toString("latin1");
  const add = (message: string) => auditError("seal", file, message, "see: git log -p -- its folder");
  if (seal === null) return [add("this is no seal of ours")];
  if (signature === undefined) return [add("this seal carries no signature")];
  const findings: Finding[] = [];
  const { allowedSigners, revoked } = source.trust.paths;
  const check = {
    asOf: new Date(seal.created),
    bytes,
    signature,
    namespace: RECORD_NAMESPACE,
    principal: seal.closer,
    allowedSigners,
    revoked,
  };
  if (!(await verifySignature(check, source.gate.context.env))) {
    findings.push(add(`this seal is not what ${seal.closer} signed, or the key does not count`));
  }
  if (seal.runbook.id !== loaded.runbook.id || seal.runbook.sha256 !== loaded.sha256) {
    findings.push(add("runbook.md changed after it was closed"));
  }
  return [
    ...findings,
    ...compareRecords(seal, records).map(add),
    ...auditOutcome(loaded, seal, add),
    ...auditReport(loaded, records, add),
  ];
}

function compareRecords(seal: Seal, records: readonly WalkRecord[]): string[] {
  const wrong = seal.records.flatMap(({ name, lines, head }) => {
    const record = records.find(({ id }) => id === name);
    if (record === undefined) return [`record ${name} was sealed, and it is gone or cannot be read`];
    return record.head === head && record.events.length === lines
      ? []
      : [`record ${name} changed after it was sealed`];
  });
  const added = records.filter(({ id }) => !seal.records.some(({ name }) => name === id));
  return [...wrong, ...added.map(({ id }) => `record ${id} was added after the seal`)];
}

function auditOutcome(loaded: LoadedRunbook, seal: Seal, add: (message: string) => Finding): Finding[] {
  try {
    const walk = latestWalk(loaded);
    if (walk === null) return [add("it was sealed, and there is no walk")];
    if (seal.outcome === "abandoned") return [];
    if (walk.state.phase !== seal.outcome)
      return [add(`it was sealed as ${seal.outcome}, and its walk is ${walk.state.phase}`)];
    return passedVerification(loaded, walk) === null
      ? [add("it was sealed without a verification that passed")]
      : [];
  } catch (error) {
    return [findingOf(error, loaded.folder.records)];
  }
}

/** record.md is drawn from the records, so that it can be drawn again. */
function auditReport(
  { folder, runbook }: LoadedRunbook,
  records: readonly WalkRecord[],
  add: (message: string) => Finding,
): Finding[] {
  const walks = records.filter((record) => !isVerification(record));
  const verifications = records.filter(isVerification);
  const drawn = drawRecord(runbook, walks, verifications);
  const isSame = readIfExists(folder.report)?.equals(Buffer.from(drawn)) === true;
  return isSame
    ? []
    : [{ ...add("record.md is not what the records say"), file: folder.report, level: "warning" }];
}
