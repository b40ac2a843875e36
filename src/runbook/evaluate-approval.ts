import { VibeopsError } from "../errors.ts";
import { MINUTE_MS } from "../platform/units-of-time.ts";
import { isAgent } from "./agent-address.ts";
import type { ApprovalFile } from "./approval-file.ts";
import type { CurrentContent } from "./current-content.ts";
import { findForeignKey, type Problem, type Reason, type Trust } from "./foreign-key.ts";
import type { Gate } from "./gate.ts";
import { compareStatement, type Lapse } from "./lapse.ts";
import { notedWalk, spentBy } from "./nonce.ts";
import { isBegun } from "./record-head.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { type Verification, verifySignature } from "./sign.ts";
import { readSinceBase, usedBy } from "./since-base.ts";
import { fingerprint, readSignatureHeader } from "./ssh-key.ts";
import { livesTooLong, parseStatement, type Statement } from "./statement.ts";
import { APPROVAL_NAMESPACE, keyNeedsHuman, ownPublicKey } from "./trust.ts";

/** One decision, judged. */
export interface EvaluatedApproval {
  readonly name: string;
  readonly file: string;
  /** Missing where it could not be read. */
  readonly statement?: Statement;
  readonly bytes: Buffer;
  /**
   * Whether its signature is that of a person who may decide, whatever it says; null where nobody looked, since what
   * it is about decides already.
   */
  readonly genuine: boolean | null;
  /** Fingerprint of the key that signed it; missing where there is no signature. */
  readonly key?: string;
  /** Null: it counts. */
  readonly reason: Reason | null;
  /** Why it does not, for people. */
  readonly message: string;
  readonly lapses: readonly Lapse[];
}

/** A walk that goes on may do so after its approval ran out: the expiry bounds the start. */
export interface Purpose {
  /** The walk that holds the approval already; none for a walk that is to start. */
  readonly walk?: string;
}

/**
 * Judges one decision against the trust file and against what is on disk now. What takes no process comes first: a
 * signature is verified only where nothing else speaks against the decision.
 */
export async function evaluateApproval(
  gate: Gate,
  trust: Trust,
  loaded: LoadedRunbook,
  current: CurrentContent,
  file: ApprovalFile,
  purpose: Purpose,
): Promise<EvaluatedApproval> {
  const statement = tryParse(file);
  if (statement instanceof VibeopsError) {
    return verdict(file, undefined, false, { reason: "json", message: statement.message });
  }
  const unsigned = findUnsigned(gate, trust, statement, file);
  if (unsigned !== null) return verdict(file, statement, false, unsigned);
  const lapse = findLapse(gate, loaded, current, statement, purpose);
  if (lapse !== null) return verdict(file, statement, null, lapse);
  const [forged, untimely] = await Promise.all([
    findForgery(gate, trust, statement, file),
    findInHistory(gate, loaded, statement, purpose),
  ]);
  return forged === null ? verdict(file, statement, true, untimely) : verdict(file, statement, false, forged);
}

function verdict(
  file: ApprovalFile,
  statement: Statement | undefined,
  genuine: boolean | null,
  problem: Problem | null,
): EvaluatedApproval {
  const header = file.signature === null ? null : readSignatureHeader(file.signature);
  return {
    name: file.name,
    file: file.file,
    bytes: file.bytes,
    ...(header === null ? {} : { key: fingerprint(header.publicKey) }),
    ...(statement === undefined ? {} : { statement }),
    genuine,
    reason: problem?.reason ?? null,
    message: problem?.message ?? "",
    lapses: problem?.lapses ?? [],
  };
}

export function tryParse(file: Pick<ApprovalFile, "bytes" | "file">): Statement | VibeopsError {
  try {
    return parseStatement(file.bytes, file.file);
  } catch (error) {
    if (error instanceof VibeopsError) return error;
    throw error;
  }
}

/**
 * What can be seen without verifying: no signature, one by a key that is another's, revoked or out of its time (`asOf`; now
 * unless told), one for another purpose, one who may not.
 */
export function findUnsigned(
  gate: Gate,
  trust: Trust,
  statement: Statement,
  file: Pick<ApprovalFile, "signature">,
  asOf?: Date,
): Problem | null {
  const { approver } = statement;
  const header = file.signature === null ? null : readSignatureHeader(file.signature);
  if (header === null) return { reason: "signature", message: "it carries no signature" };
  if (header.namespace !== APPROVAL_NAMESPACE) {
    return { reason: "namespace", message: `it was signed as '${header.namespace}', not as an approval` };
  }
  const signer = { principal: approver, publicKey: header.publicKey, namespace: APPROVAL_NAMESPACE };
  const foreign = findForeignKey(trust, signer, asOf ?? gate.context.now());
  return foreign ?? findSelfApproval(gate, statement);
}

/**
 * Why a decision is not what a person signed who may decide, whatever it says; null where it is. An audit asks `asOf`
 * the day of the decision: a key that ran out since was good then, and one that was revoked is not.
 */
export async function findForgery(
  gate: Gate,
  trust: Trust,
  statement: Statement,
  file: Pick<ApprovalFile, "bytes" | "signature">,
  asOf?: Date,
): Promise<Problem | null> {
  const unsigned = findUnsigned(gate, trust, statement, file, asOf);
  if (unsigned !== null) return unsigned;
  if (!(await verifySignature(signatureCheck(trust, statement, file, asOf), gate.context.env))) {
    return { reason: "signature", message: notSigned(statement) };
  }
  const header = readSignatureHeader(file.signature ?? "");
  if (header === null || fingerprint(header.publicKey) !== (await findOpenKey(gate, trust))) return null;
  return { reason: "agent", message: `the key ${trust.paths.key} opens without a person` };
}

export function notSigned({ approver }: Pick<Statement, "approver">): string {
  return `it is not what ${approver} signed, or the key does not count any more`;
}

/** What to ask of the signature of a decision. */
export function signatureCheck(
  { paths: { allowedSigners, revoked } }: Trust,
  { approver }: Pick<Statement, "approver">,
  { bytes, signature }: Pick<ApprovalFile, "bytes" | "signature">,
  asOf?: Date,
): Verification {
  return {
    ...{ bytes, signature: signature ?? "", namespace: APPROVAL_NAMESPACE },
    ...{ principal: approver, allowedSigners, revoked, ...(asOf === undefined ? {} : { asOf }) },
  };
}

/**
 * The fingerprint of this person's own key where a program may use it, so that nothing it signed counts; null where it
 * asks for them. Of other people's keys we cannot know.
 */
export async function findOpenKey(gate: Gate, { paths }: Trust): Promise<string | null> {
  const own = ownPublicKey(paths)?.split(" ")[1];
  if (own === undefined || (await keyNeedsHuman(paths.key, gate.context.env))) return null;
  return fingerprint(own);
}

function findSelfApproval(gate: Gate, { approver }: Statement): Problem | null {
  if (!isAgent(gate, approver)) return null;
  return { reason: "self", message: `${approver} is an agent, and no agent approves` };
}

function findLapse(
  gate: Gate,
  loaded: LoadedRunbook,
  current: CurrentContent,
  statement: Statement,
  purpose: Purpose,
): Problem | null {
  const lapses = compareStatement(statement, current.content);
  if (lapses.length > 0) return lapsed(statement, lapses);
  if (statement.decision === "reject") return null;
  return findReplay(gate, loaded, statement, purpose) ?? findExpiry(gate, statement, purpose);
}

function lapsed(statement: Statement, lapses: readonly Lapse[]): Problem {
  const kinds = lapses.map((lapse) => lapse.kind);
  const reason = kinds.includes("replay") ? "replay" : kinds.includes("hostkey") ? "hostkey" : "digest";
  const since = `since ${statement.approver} ${statement.decision === "approve" ? "approved" : "rejected"} it`;
  return { reason, message: `${lapses.map((lapse) => lapse.what).join("; ")} ${since}`, lapses };
}

function findReplay(
  gate: Gate,
  loaded: LoadedRunbook,
  statement: Statement,
  purpose: Purpose,
): Problem | null {
  const { nonce } = statement;
  if (purpose.walk === undefined) {
    const walk = spentBy(gate.context.env, loaded.folder, nonce);
    if (walk === null) return null;
    const message = isBegun(gate.context.env, loaded.folder, walk)
      ? `it was good for one walk, and ${walk} used it`
      : `it was good for one walk; walk ${walk} was to use it, and ended before it began: nothing ran`;
    return { reason: "replay", message };
  }
  // Only this person's own note says which walk it is for; a record in the project can be made up.
  const walk = notedWalk(gate.context.env, nonce);
  if (walk === purpose.walk) return null;
  return { reason: "replay", message: `it belongs to walk ${walk ?? "(none)"}, not to ${purpose.walk}` };
}

/**
 * The base must be in HEAD's history: a rewritten one, or another branch, is another story than was approved. And for a
 * walk that is to start, no record that was committed since may have used the approval.
 */
async function findInHistory(
  gate: Gate,
  { folder }: LoadedRunbook,
  statement: Statement,
  purpose: Purpose,
): Promise<Problem | null> {
  const { base, decision, nonce } = statement;
  if (decision === "reject") return null;
  const since = await readSinceBase(gate.git, folder, statement);
  if (!since.isInHistory) {
    const message = `it was given on commit ${base.slice(0, 12)}, which is not in HEAD's history`;
    return { reason: "base", message };
  }
  const walk = purpose.walk === undefined ? await usedBy(gate.git, since.records, nonce) : null;
  if (walk === null) return null;
  return {
    reason: "replay",
    message: `it was good for one walk, and ${walk} used it, whose record was committed since`,
  };
}

/** Clocks of two machines differ a little. */
export const SKEW_MS = 5 * MINUTE_MS;

function findExpiry(gate: Gate, statement: Statement, purpose: Purpose): Problem | null {
  const now = gate.context.now().getTime();
  // A clock that is put back stops no walk: it could not even go back. Which one that is, findReplay has seen to.
  const begins = purpose.walk === undefined ? Date.parse(statement.created) : Number.NEGATIVE_INFINITY;
  if (begins > now + SKEW_MS) {
    const clocks = `it is ${new Date(now).toISOString()} here, so one of two clocks is wrong`;
    return { reason: "expired", message: `it begins only at ${statement.created}, and ${clocks}` };
  }
  if (livesTooLong(statement)) {
    const message = `it was to be good from ${statement.created} to ${statement.expires}: at most 31 days count`;
    return { reason: "expired", message };
  }
  if (now < Date.parse(statement.expires)) return null;
  if (purpose.walk !== undefined) return null;
  return { reason: "expired", message: `it ran out at ${statement.expires}` };
}
