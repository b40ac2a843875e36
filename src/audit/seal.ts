import { relative } from "node:path";
import { readIfReadable } from "../platform/files.ts";
import { RECORD_NAMESPACE } from "../runbook/allowed-signers.ts";
import { drawRecord } from "../runbook/draw-record.ts";
import { SKEW_MS } from "../runbook/evaluate-approval.ts";
import { findForeignKey } from "../runbook/foreign-key.ts";
import { findPassed } from "../runbook/latest-walk.ts";
import { isVerification, type WalkRecord } from "../runbook/record.ts";
import type { LoadedRunbook } from "../runbook/runbook-folder.ts";
import type { Seal } from "../runbook/seal.ts";
import { readSeal, sealCheck } from "../runbook/sealed.ts";
import { readSignatureHeader } from "../runbook/ssh-key.ts";
import type { WalkState } from "../runbook/walk-progress.ts";
import { type Finding, findingOf } from "../text/finding.ts";
import { auditError } from "./findings.ts";
import type { Claim } from "./signatures.ts";
import type { AuditSource } from "./source.ts";

/**
 * What a closed runbook was sealed as: signed by somebody listed, over the records as they are.
 *
 * @param walks where each walk stands, those apart whose record is broken
 */
export function auditSeal(
  source: AuditSource,
  loaded: LoadedRunbook,
  records: readonly WalkRecord[],
  walks: ReadonlyMap<WalkRecord, WalkState>,
): { readonly findings: Finding[]; readonly claims: Claim[] } {
  const { seal: file } = loaded.folder;
  const add = (message: string) =>
    auditError(
      "seal",
      file,
      message,
      `see: git log -p -- ${relative(source.gate.project.root, loaded.folder.path)}`,
    );
  const read = readSeal(loaded.folder);
  if (typeof read === "string") return { findings: [add(read)], claims: [] };
  const { seal } = read;
  const unsigned = add(`this seal is not what ${seal.closer} signed, or the key does not count`);
  const header = readSignatureHeader(read.signature);
  const asOf = new Date(seal.created);
  const foreign =
    header === null
      ? null
      : findForeignKey(
          source.trust,
          { principal: seal.closer, publicKey: header.publicKey, namespace: RECORD_NAMESPACE },
          asOf,
        );
  const isListed = header !== null && foreign === null;
  const check = sealCheck(source.trust.paths, read);
  const changed =
    seal.runbook.id !== loaded.runbook.id || seal.runbook.sha256 !== loaded.sha256
      ? [add("runbook.md changed after it was closed")]
      : [];
  return {
    findings: [
      ...(isListed ? [] : [foreign === null ? unsigned : add(`this seal is nobody's: ${foreign.message}`)]),
      ...changed,
      ...compareRecords(seal, records).map(add),
      ...findBackdating(seal, records).map(add),
      ...auditOutcome(loaded, seal, records, walks, add),
      ...auditReport(loaded, records, add),
    ],
    claims: isListed ? [{ check, otherwise: () => [unsigned] }] : [],
  };
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

/** Its date says which keys counted: one from before what it seals would let a key count that had ended by then. */
function findBackdating(seal: Seal, records: readonly WalkRecord[]): string[] {
  const sealed = Date.parse(seal.created) + SKEW_MS;
  return records.flatMap(({ id, events }) => {
    const last = events.at(-1)?.time;
    if (last === undefined || Date.parse(last) <= sealed) return [];
    return [`it says that it was made at ${seal.created}, before the last line of record ${id}, of ${last}`];
  });
}

function auditOutcome(
  loaded: LoadedRunbook,
  seal: Seal,
  records: readonly WalkRecord[],
  walks: ReadonlyMap<WalkRecord, WalkState>,
  add: (message: string) => Finding,
): Finding[] {
  const record = records.findLast((one) => !isVerification(one));
  if (record === undefined) {
    return seal.outcome === "abandoned" ? [] : [add("it was sealed, and there is no walk")];
  }
  const state = walks.get(record);
  if (seal.outcome === "abandoned" || state === undefined) return [];
  if (state.phase !== seal.outcome) {
    return [add(`it was sealed as ${seal.outcome}, and its walk is ${state.phase}`)];
  }
  try {
    const walk = { id: record.id, record, state };
    return findPassed(loaded, walk, records.filter(isVerification)) === null
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
  // What became of a file that was committed is told of each.
  const isSame = readIfReadable(folder.report)?.equals(Buffer.from(drawn)) === true;
  return isSame
    ? []
    : [{ ...add("record.md is not what the records say"), file: folder.report, level: "warning" }];
}
