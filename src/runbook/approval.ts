import { Exit, VibeopsError } from "../errors.ts";
import { sha256 } from "../platform/hash.ts";
import { mapSideBySide } from "../platform/side-by-side.ts";
import type { Project } from "../project/project.ts";
import { type ApprovalFile, readApprovalFiles } from "./approval-file.ts";
import { applyPolicy, needsOf, requireEnough } from "./approval-policy.ts";
import { type CurrentContent, readCurrentContent } from "./current-content.ts";
import {
  type EvaluatedApproval,
  evaluateApproval,
  findForgery,
  type Purpose,
  tryParse,
} from "./evaluate-approval.ts";
import type { Trust } from "./foreign-key.ts";
import type { Gate } from "./gate.ts";
import { spentBy } from "./nonce.ts";
import { isBegun } from "./record-head.ts";
import { isClosed, type LoadedRunbook, loadRunbook, runbookFolder } from "./runbook-folder.ts";
import type { Statement } from "./statement.ts";
import { listRevoked, listSigners, refuseReachableTrust, trustPaths } from "./trust.ts";

/**
 * Reads a runbook for somebody who wants to run it. One that was decided on and cannot even be read any more has
 * changed since: that is a lapse, whatever else is wrong with it.
 *
 * @throws VibeopsError as {@link loadRunbook}, and `approval.lapsed`
 */
export function loadForGate(project: Project, id: string): LoadedRunbook {
  try {
    return loadRunbook(project, id);
  } catch (error) {
    if (!(error instanceof VibeopsError) || error.exit !== Exit.invalid) throw error;
    const decided = readApprovalFiles(runbookFolder(project, id)).length > 0;
    if (!decided) throw error;
    throw new VibeopsError({
      code: "approval.lapsed",
      exit: Exit.refused,
      message: `runbook.md changed since it was decided on, and it cannot be read: ${error.message}`,
      file: error.file,
      line: error.line,
      fix: error.fix,
      facts: { reason: "digest", lapses: ["the text of runbook.md changed"] },
      cause: error,
    });
  }
}

/** An approval that counts, and what it counts for. */
export interface Granted {
  readonly statement: Statement;
  /** The statement's bytes. */
  readonly bytes: Buffer;
  /** Nonces of the approvals by other people that the policy wants beside it. */
  readonly further: readonly string[];
  /** Files that look like decisions and that nobody who may has signed, each with why. */
  readonly ignored: readonly string[];
  readonly current: CurrentContent;
}

/** Reads the trust of this person; refuses one that agents of this project could write. */
export function readTrust(gate: Gate): Trust {
  const paths = trustPaths(gate.context.env);
  refuseReachableTrust(paths, gate.git.top);
  return { paths, signers: listSigners(paths), revoked: listRevoked(paths) };
}

/** How many decisions are judged at a time: each may start a process. */
const AT_ONCE = 4;

/** Every decision about a runbook, judged; oldest first. @throws VibeopsError `approval.flood` */
export async function listApprovals(
  gate: Gate,
  loaded: LoadedRunbook,
  current: CurrentContent,
  purpose: Purpose = {},
  trust = readTrust(gate),
): Promise<EvaluatedApproval[]> {
  const files = readApprovalFiles(loaded.folder);
  const judge = (file: ApprovalFile) => evaluateApproval(gate, trust, loaded, current, file, purpose);
  return await mapSideBySide(files, AT_ONCE, judge);
}

/**
 * The approval that a walk began with, as a person gave it: what is there now may differ from what it covers, and it
 * may have run out, but it was signed by somebody who may, for exactly this runbook.
 *
 * @throws VibeopsError `approval.invalid`, `approval.lapsed`
 */
export async function requireGenuineApproval(
  gate: Gate,
  loaded: LoadedRunbook,
  start: { readonly approval: string; readonly statement: string },
): Promise<Pick<Granted, "statement" | "bytes">> {
  const trust = readTrust(gate);
  const file = readApprovalFiles(loaded.folder).find((one) => sha256(one.bytes) === start.statement);
  const statement = file === undefined ? undefined : tryParse(file);
  if (file === undefined || statement === undefined || statement instanceof VibeopsError) {
    throw invalid(loaded, `the approval ${start.approval}, on which this walk began, is not there as it was`);
  }
  if (statement.nonce !== start.approval || statement.decision !== "approve") {
    throw invalid(
      loaded,
      `this walk says that it began on approval ${start.approval}, and this is another decision`,
    );
  }
  const forged = await findForgery(gate, trust, statement, file);
  if (forged !== null) throw invalid(loaded, `the approval is not valid: ${forged.message}`);
  if (statement.runbook.id === loaded.runbook.id && statement.runbook.sha256 === loaded.sha256) {
    return { statement, bytes: file.bytes };
  }
  throw new VibeopsError({
    code: "approval.lapsed",
    exit: Exit.refused,
    message: `the text of runbook.md changed since ${statement.approver} approved it`,
    file: loaded.runbook.file,
    fix: "bring back what was approved: git log -p",
    facts: { reason: "digest", lapses: ["the text of runbook.md changed"] },
  });
}

function invalid(loaded: LoadedRunbook, message: string): VibeopsError {
  return new VibeopsError({
    code: "approval.invalid",
    exit: Exit.refused,
    message,
    file: loaded.runbook.file,
    fix: `compare with: git log -p runbooks/${loaded.runbook.id}`,
  });
}

/** What is sealed stays as it was sealed: nothing runs on it and nobody decides on it any more. @throws `close.closed` */
export function refuseClosed({ folder, runbook }: LoadedRunbook): void {
  if (!isClosed(folder)) return;
  throw new VibeopsError({
    code: "close.closed",
    exit: Exit.refused,
    message: `runbook ${runbook.id} is closed: its records are sealed`,
    file: runbook.file,
    fix: "prepare a new one: vibeops prepare MEMO, or copy it under a new id",
  });
}

/**
 * The gate. Every door asks here and nowhere else: a walk that starts, one that goes on, each of its steps, and
 * the verification.
 *
 * @throws VibeopsError `approval.none` (exit 6) where nobody has decided, `approval.more` where too few people have;
 * `policy.…` where the policy cannot be read; `approval.rejected`, `approval.lapsed`,
 * `approval.invalid` (exit 5) saying why
 */
export async function requireApproval(
  gate: Gate,
  loaded: LoadedRunbook,
  purpose: Purpose = {},
): Promise<Granted> {
  refuseClosed(loaded);
  const current = await readCurrentContent(gate.project, loaded, gate.context.env);
  const trust = readTrust(gate);
  const judged = await listApprovals(gate, loaded, current, purpose, trust);
  const rejection = judged.find((one) => one.reason === null && one.statement?.decision === "reject");
  if (rejection?.statement !== undefined) throw rejected(loaded, rejection.statement);
  // What changed is said first, be it the policy itself.
  if (!judged.some(({ reason }) => reason === null)) throw await notApproved(gate, loaded, judged, purpose);
  const needs = await needsOf(loaded.runbook, current);
  const allowed = applyPolicy(needs, loaded.runbook, judged, trust.signers);
  const [granted, ...further] = requireEnough(needs, loaded, allowed, trust.signers);
  if (granted?.statement === undefined) throw await notApproved(gate, loaded, allowed, purpose);
  const { statement, bytes } = granted;
  return {
    statement,
    bytes,
    further: further.flatMap((one) => one.statement?.nonce ?? []),
    ignored: judged.filter(isForeign).map(({ file, message }) => `${file}: ${message}`),
    current: narrowKeys(current, statement),
  };
}

/** Not a decision that lapsed: one that nobody gave. */
function isForeign({ genuine, reason }: EvaluatedApproval): boolean {
  return genuine === false && reason !== null;
}

/** A connection may meet the keys that were approved, not others that known_hosts has learnt since. */
function narrowKeys(current: CurrentContent, statement: Statement): CurrentContent {
  const approved = (name: string) => statement.hosts.find((host) => host.name === name)?.host_keys ?? [];
  const identities = current.identities.map((identity) => ({
    ...identity,
    keys: identity.keys.filter((key) => approved(identity.name).includes(key.fingerprint)),
  }));
  return { ...current, identities };
}

function rejected(loaded: LoadedRunbook, statement: Statement): VibeopsError {
  return new VibeopsError({
    code: "approval.rejected",
    exit: Exit.refused,
    message: `${statement.approver} rejected this content on ${statement.created}: ${statement.reason ?? ""}`,
    file: loaded.runbook.file,
    fix: `change what was objected to (a decision stands for the content it was made on), or give it up: vibeops runbook close ${loaded.runbook.id} --reason "…"`,
  });
}

async function notApproved(
  gate: Gate,
  loaded: LoadedRunbook,
  judged: readonly EvaluatedApproval[],
  purpose: Purpose,
): Promise<VibeopsError> {
  const decisions = judged.filter((one) => one.statement?.decision !== "reject");
  const genuine = await findLastGenuine(gate, loaded, decisions);
  const last = genuine ?? decisions.at(-1);
  const { id } = loaded.runbook;
  // Whoever types run once more after a walk has most often not verified it yet.
  const used = last?.reason === "replay" ? last.statement?.nonce : undefined;
  const walk = used === undefined ? null : spentBy(gate.context.env, loaded.folder, used);
  const first =
    walk !== null && isBegun(gate.context.env, loaded.folder, walk)
      ? `vibeops runbook verify ${id} looks at what that walk did; to walk again: `
      : "";
  const isWalked = purpose.walk !== undefined && last !== undefined;
  const fix = isWalked ? howToGoOn(last) : `${first}vibeops runbook approve ${id}`;
  const file = last?.file ?? loaded.runbook.file;
  if (last === undefined) {
    const message = "nobody has approved this runbook";
    return new VibeopsError({ code: "approval.none", exit: Exit.humanNeeded, message, file, fix });
  }
  const others = decisions.length === 1 ? "" : ` (and ${decisions.length - 1} more that do not count)`;
  const isGenuine = genuine !== undefined;
  return new VibeopsError({
    code: isGenuine ? "approval.lapsed" : "approval.invalid",
    exit: Exit.refused,
    message: `${isGenuine ? "the approval has lapsed" : "the approval is not valid"}: ${last.message}${others}`,
    file,
    fix,
    facts: { reason: last.reason, lapses: last.lapses.map((lapse) => lapse.what) },
  });
}

/** A walk has the approval that it began with and no other: what it needs is what was approved, not a new decision. */
function howToGoOn({ reason, statement }: EvaluatedApproval): string {
  const then = "then type the same again";
  if (reason !== "base" || statement === undefined) {
    return `bring back what was approved (git log -p), ${then}`;
  }
  const base = statement.base.slice(0, 12);
  const join = `git merge --strategy ours --allow-unrelated-histories ${base}`;
  return `go back to a branch that has it (git branch --all --contains ${base}) or join it to this one (${join}), ${then}`;
}

/** The latest decision that a person did give: what lapsed it is what they want to read. */
async function findLastGenuine(
  gate: Gate,
  loaded: LoadedRunbook,
  decisions: readonly EvaluatedApproval[],
): Promise<EvaluatedApproval | undefined> {
  const trust = readTrust(gate);
  const files = readApprovalFiles(loaded.folder);
  for (const one of decisions.toReversed()) {
    if (one.genuine === true) return one;
    const file = files.find(({ name }) => name === one.name);
    if (one.genuine === false || one.statement === undefined || file === undefined) continue;
    if ((await findForgery(gate, trust, one.statement, file)) === null) return one;
  }
  return undefined;
}
