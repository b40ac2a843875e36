import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { writeFileDurably } from "../platform/files.ts";
import { isFolder } from "../platform/folders.ts";
import { commitFiles } from "../platform/git-commit.ts";
import { allOrNothing } from "../platform/undo.ts";
import { redactSecrets } from "../text/secrets.ts";
import { releaseAbandoned } from "./abandoned-locks.ts";
import { isAgent } from "./agent-address.ts";
import { readTrust, requireGenuineApproval } from "./approval.ts";
import { drawRecord } from "./draw-record.ts";
import type { Gate } from "./gate.ts";
import { type HumanFacts, requireHuman } from "./human.ts";
import { type LatestWalk, latestWalk, passedVerification } from "./latest-walk.ts";
import { requireNotedWalk } from "./nonce.ts";
import { listVerificationIds, listWalkIds, RecordWriter, type WalkRecord } from "./record.ts";
import { refuseEarlierClock } from "./record-clock.ts";
import { lineNoter, readOwnRecord, settleOwnRecords } from "./record-head.ts";
import { isClosed, type LoadedRunbook, loadRunbook, type RunbookFolder } from "./runbook-folder.ts";
import { formatSeal, type Seal } from "./seal.ts";
import { readSeal, sealCheck } from "./sealed.ts";
import { type SignBytes, verifySignature } from "./sign.ts";
import { RECORD_NAMESPACE, requireHumanKey, type TrustPaths } from "./trust.ts";
import { isOpen } from "./walk-state.ts";
import { withTurn } from "./walk-turn.ts";

export interface CloseRequest {
  /** Who closes it, as in allowed_signers. */
  readonly principal: string;
  /** Needed for what was rolled back or given up. */
  readonly reason?: string;
  readonly facts: HumanFacts;
  readonly sign: SignBytes;
}

/** What whoever finishes the memo needs to know. */
export interface Closed {
  readonly id: string;
  readonly title: string;
  readonly memo?: string;
  readonly outcome: Seal["outcome"];
  /** record.md */
  readonly report: string;
  readonly commit: string | null;
  /** Hosts on which the lock may still lie, each with why and what removes it. */
  readonly locked: readonly string[];
}

/**
 * Closes a runbook: draws record.md, seals the records with the person's signature and commits the folder. A walk
 * that completed needs a verification that passed; one that was rolled back needs a reason and a verification in
 * which a person says that the old state works; one in which no step ran, and a runbook that was never
 * run, may be given up with a reason alone.
 *
 * @throws VibeopsError `close.unverified`, `close.open`, `close.no-walk`, `close.reason`, `close.closed`, `close.self`,
 * `record.…`, `approval.…`
 */
export async function closeRunbook(gate: Gate, id: string, request: CloseRequest): Promise<Closed> {
  requireHuman(gate.context.env, request.facts, "close a runbook");
  // It is signed, committed, and shown to whoever asked for the work.
  const reason = request.reason === undefined ? {} : { reason: redactSecrets(request.reason) };
  return await withTurn(gate, id, () => closeLocked(gate, id, { ...request, ...reason }));
}

async function closeLocked(gate: Gate, id: string, request: CloseRequest): Promise<Closed> {
  const loaded = loadRunbook(gate.project, id);
  const { folder, runbook } = loaded;
  if (isAgent(gate, request.principal))
    throw refusal("self", `${request.principal} is an agent`, "a person closes it");
  const { paths, signers } = readTrust(gate);
  if (isClosed(folder)) return await finishClosing(gate, loaded, paths);
  if (!signers.some((signer) => signer.principal === request.principal)) {
    throw refusal(
      "signer",
      `${request.principal} is not in ${paths.allowedSigners}`,
      "whoever may approve may close it: see vibeops trust list, or make a key of your own: vibeops trust init",
    );
  }
  settleOwnRecords(gate.context.env, folder, gate.context.now());
  const walk = await requireOwnWalk(gate, loaded);
  const outcome = walk === null ? requireReason(loaded, request) : requireOutcome(loaded, walk, request);
  refuseEarlierClock(gate, readAllRecords(gate, folder).all);
  await requireHumanKey(paths, gate.context, request.principal, RECORD_NAMESPACE);
  const isGivenUp = walk !== null && outcome === "abandoned" && isOpen(walk.state);
  const locked = isGivenUp ? await abandon(gate, loaded, walk, request) : [];
  const records = readAllRecords(gate, folder);
  const bytes = Buffer.from(formatSeal(sealOf(gate, loaded, outcome, records.all, request)));
  const signature = await request.sign(bytes, RECORD_NAMESPACE);
  await requireGoodSeal(gate, paths, { bytes, signature, principal: request.principal });
  const commit = await allOrNothing(async (undo) => {
    const write = (path: string, content: Uint8Array) => {
      undo(() => rmSync(path, { force: true }));
      writeFileDurably(path, content);
    };
    write(folder.report, Buffer.from(drawRecord(runbook, records.walks, records.verifications)));
    write(`${folder.seal}.sig`, Buffer.from(signature, "latin1"));
    write(folder.seal, bytes);
    return await commitClosed(gate, loaded, outcome);
  });
  return { ...closedAs(loaded, outcome), commit, locked };
}

function closedAs({ folder, runbook }: LoadedRunbook, outcome: Seal["outcome"]) {
  const memo = runbook.memo === undefined ? {} : { memo: runbook.memo };
  return { id: runbook.id, title: runbook.title, outcome, report: folder.report, ...memo };
}

async function commitClosed(
  gate: Gate,
  { folder, runbook }: LoadedRunbook,
  outcome: Seal["outcome"],
): Promise<string | null> {
  const message = `Close runbook ${runbook.id}: ${outcome}\n\n${runbook.title}`;
  return await commitFiles(gate.git, filesIn(folder), message, gate.context);
}

/**
 * Whoever was killed between the seal and its commit has closed it: what is left is to put it into the history.
 *
 * @throws VibeopsError `close.closed` where nothing is left, `close.signature`
 */
async function finishClosing(gate: Gate, loaded: LoadedRunbook, paths: TrustPaths): Promise<Closed> {
  const { id } = loaded.runbook;
  const signed = readSeal(loaded.folder);
  const isGood =
    typeof signed !== "string" && (await verifySignature(sealCheck(paths, signed), gate.context.env));
  const commit = isGood ? await commitClosed(gate, loaded, signed.seal.outcome) : null;
  if (!isGood || commit === null) {
    throw refusal("closed", `runbook ${id} is closed already`, `vibeops runbook show ${id}`);
  }
  return { ...closedAs(loaded, signed.seal.outcome), commit, locked: [] };
}

/**
 * The latest walk, where it was walked or taken over here on an approval that a person gave for exactly this runbook;
 * null where there is none. Every record must be ours, since all of them are sealed. What changed or ran out since does
 * not keep it open.
 */
async function requireOwnWalk(gate: Gate, loaded: LoadedRunbook): Promise<LatestWalk | null> {
  const walk = latestWalk(loaded);
  readAllRecords(gate, loaded.folder);
  if (walk !== null) await requireGenuineApproval(gate, loaded, requireNotedWalk(gate.context.env, walk));
  return walk;
}

/** Why a runbook that was never run is given up: what was decided on stays in the trail, and so does that nobody walks it. */
function requireReason({ folder, runbook }: LoadedRunbook, { reason = "" }: CloseRequest): Seal["outcome"] {
  if (reason.trim() !== "") return "abandoned";
  const run = `vibeops runbook run ${runbook.id}`;
  // `audit verify` tells of a decision that was taken away.
  const away = isFolder(folder.approvals)
    ? ""
    : `, or take its folder away: git rm -r runbooks/${runbook.id}`;
  throw refusal("no-walk", "this runbook was never run", `${run}; to give it up add: --reason "…"${away}`);
}

/** What it is closed as, once everything that this takes is there. */
function requireOutcome(loaded: LoadedRunbook, walk: LatestWalk, request: CloseRequest): Seal["outcome"] {
  const { id } = loaded.runbook;
  const reason = (request.reason ?? "").trim();
  const { phase, steps } = walk.state;
  if (isOpen(walk.state)) {
    if (steps.some((step) => step.touched)) {
      throw refusal("open", `walk ${walk.id} has not come to its end`, `vibeops runbook run ${id}`);
    }
    if (reason === "") throw refusal("reason", "no step ran: say why it is given up", 'add: --reason "…"');
    return "abandoned";
  }
  if (phase === "abandoned") return "abandoned";
  if (passedVerification(loaded, walk) === null) {
    const message = "there is no verification that passed after this walk, and done means verified";
    throw refusal("unverified", message, `vibeops runbook verify ${id}`);
  }
  if (phase === "completed") return "completed";
  if (reason === "") throw refusal("reason", "this walk was rolled back: say why", 'add: --reason "…"');
  return "rolled-back";
}

async function abandon(
  gate: Gate,
  loaded: LoadedRunbook,
  walk: LatestWalk,
  { principal, reason = "" }: CloseRequest,
): Promise<string[]> {
  const unlocked = await releaseAbandoned(gate, loaded, walk, principal);
  const now = gate.context.now();
  const note = lineNoter(gate.context.env, loaded.folder.id, walk.id);
  const writer = RecordWriter.resume(loaded.folder, walk.id, now, note);
  try {
    for (const { event } of unlocked) writer.append(event, gate.context.now());
    writer.append({ event: "abandoned", reason }, gate.context.now());
  } finally {
    writer.close();
  }
  return unlocked.flatMap(({ message }) => message ?? []);
}

/** A seal that nobody in allowed_signers made is worth nothing, so it is not written. */
async function requireGoodSeal(
  gate: Gate,
  paths: TrustPaths,
  seal: { bytes: Buffer; signature: string; principal: string },
): Promise<void> {
  const { allowedSigners, revoked } = paths;
  const check = { ...seal, namespace: RECORD_NAMESPACE, allowedSigners, revoked };
  if (await verifySignature(check, gate.context.env)) return;
  throw refusal(
    "signature",
    `this signature is not ${seal.principal}'s`,
    "sign with the key that is in allowed_signers",
  );
}

function readAllRecords({ context: { env } }: Gate, folder: RunbookFolder) {
  const walks = listWalkIds(folder).map((id) => readOwnRecord(env, folder, id));
  const verifications = listVerificationIds(folder).map((id) => readOwnRecord(env, folder, `verify-${id}`));
  return { walks, verifications, all: [...walks, ...verifications] };
}

function sealOf(
  gate: Gate,
  loaded: LoadedRunbook,
  outcome: Seal["outcome"],
  records: readonly WalkRecord[],
  request: CloseRequest,
): Seal {
  return {
    runbook: { id: loaded.runbook.id, sha256: loaded.sha256 },
    outcome,
    records: records.map((record) => ({ name: record.id, lines: record.events.length, head: record.head })),
    closer: request.principal,
    ...(request.reason === undefined ? {} : { reason: request.reason }),
    created: gate.context.now().toISOString(),
  };
}

/** Every regular file of the folder: the runbook, its approvals and records, record.md and the seal. */
function filesIn(folder: RunbookFolder): string[] {
  return readdirSync(folder.path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".tmp"))
    .map((entry) => join(entry.parentPath, entry.name));
}

function refusal(reason: string, message: string, fix: string): VibeopsError {
  return new VibeopsError({ code: `close.${reason}`, exit: Exit.refused, message, fix });
}
