import { setImmediate } from "node:timers/promises";
import { VibeopsError } from "../errors.ts";
import { holdsByMonth } from "../memo/mailbox.ts";
import { type Git, gitPath, withoutIndex } from "../platform/git.ts";
import { listAncestors, readCommitFiles } from "../platform/git-trail.ts";
import type { Project } from "../project/project.ts";
import { findOpenKey } from "../runbook/evaluate-approval.ts";
import type { Trust } from "../runbook/foreign-key.ts";
import type { Gate } from "../runbook/gate.ts";
import { listRunbookIds } from "../runbook/runbook-folder.ts";
import { RUNBOOKS_FOLDER } from "../runbook/runbook-paths.ts";
import type { Finding } from "../text/finding.ts";
import { type AuditPeer, auditSenders } from "./copies.ts";
import { Damage } from "./damage.ts";
import { readWholeTrail } from "./earlier-places.ts";
import { readOrTell } from "./findings.ts";
import {
  auditDepth,
  auditObjects,
  lastSeenCommit,
  rememberCommit,
  requireAncestor,
  seenFile,
} from "./history.ts";
import { auditMail, KEPT, type MailAudit, type MailRequest } from "./mail.ts";
import { readPolicyVersions } from "./policy-versions.ts";
import { auditRunbookTrail, PROVES } from "./runbook-trail.ts";
import { auditRunbook, type RunbookAudit } from "./runbooks.ts";
import { auditSignatures } from "./signatures.ts";
import type { AuditSource, Story } from "./source.ts";

/** How many of each were looked at. */
interface AuditCounts {
  readonly runbooks: number;
  readonly approvals: number;
  readonly records: number;
  readonly seals: number;
  readonly signatures: number;
  readonly memos: number;
  readonly commits: number;
}

export interface AuditReport extends AuditCounts {
  /** Worst first. */
  readonly findings: readonly Finding[];
  /** HEAD's, and the commit that the last audit on this machine ended at; null where there is none. */
  readonly head: string | null;
  readonly since: string | null;
}

/** What is being looked at, and how far. */
type AuditProgress = (what: "runbooks" | "memos" | "signatures", done: number, of: number) => void;

/** Starts a thread that does {@link auditMail}; null where none is to be had. */
export type MailHelp = (
  request: MailRequest,
  onProgress: (done: number, of: number) => void,
) => Promise<MailAudit> | null;

export interface AuditRequest {
  readonly gate: Gate;
  readonly trust: Trust;
  /** Other projects whose sent copies may be read here. */
  readonly peers: readonly AuditPeer[];
  readonly onProgress?: AuditProgress;
  readonly helpWithMail?: MailHelp;
}

/**
 * Checks again everything that the trail claims, from files and git alone: decisions and their signatures, records and
 * their chains, seals, memos and their words, and that the history is the one that was seen last. Changes nothing in
 * the project.
 */
export async function auditProject(request: AuditRequest): Promise<AuditReport> {
  const { gate, trust, peers, onProgress = () => undefined, helpWithMail = () => null } = request;
  const { project, context } = gate;
  // git computes the names of its objects again while we read what is there.
  const objects = auditObjects(gate.git);
  const target = withoutIndex(gate.git);
  // Where something else fails first, nobody waits for it any more.
  objects.catch(() => undefined);
  const damage = new Damage();
  const ancestors = await damage.spare("the history", listAncestors(target));
  const onMemo = (done: number, of: number) => onProgress("memos", done, of);
  // All is held against the commit that HEAD named then, wherever it moves meanwhile.
  const commit = ancestors?.values().next().value ?? null;
  const mailRequest = ancestors && { root: project.root, env: target.env, commit, ancestors };
  const helper = mailRequest && startOnMail(mailRequest, helpWithMail, onMemo);
  // git prints it while runbooks are looked at.
  const story = ancestors && damage.spare("the history", readStory(target, project, commit, ancestors));
  story?.catch(() => undefined);
  const policies =
    (ancestors && (await damage.spare("policy.yaml", readPolicyVersions(target, project, ancestors)))) ??
    (await readPolicyVersions(target, project, []));
  const openKey = await findOpenKey(gate, trust);
  const since = lastSeenCommit(context.env, project);
  const forget = seenFile(context.env, project);
  const history = [...auditHistory(ancestors, since, forget), ...(await auditDepth(target))];
  const source = { gate, trust, openKey, ancestors, policies };
  const { runbooks, unread } = await auditRunbooks(source, onProgress);
  const claims = runbooks.flatMap((one) => one.claims);
  const signatures = auditSignatures(claims, trust.paths, context.env, (done) =>
    onProgress("signatures", done, claims.length),
  );
  const known = await story;
  const runbookTrail =
    known && (await damage.spare("files of runbooks", auditRunbookTrail(target, project, known)));
  const mail = mailRequest && (await damage.spare("kept memos", auditMailOnce(mailRequest, helper, onMemo)));
  history.push(...damage.findings, ...(await objects));
  const findings = [
    ...history,
    ...unread,
    ...runbooks.flatMap((audit) => audit.findings),
    ...(await signatures),
    ...(runbookTrail ?? []),
    ...(mail?.findings ?? []),
    ...auditSenders(project, peers),
  ];
  if (history.length === 0 && commit !== null) findings.push(...rememberCommit(context.env, project, commit));
  const count = (what: "approvals" | "records" | "seals") =>
    runbooks.reduce((sum, one) => sum + one[what], 0);
  return {
    runbooks: runbooks.length,
    approvals: count("approvals"),
    records: count("records"),
    seals: count("seals"),
    signatures: claims.length,
    memos: mail?.memos ?? 0,
    commits: ancestors?.size ?? 0,
    head: commit,
    since,
    findings: findings.toSorted((one, other) => one.level.localeCompare(other.level)),
  };
}

async function readStory(
  target: Git,
  project: Project,
  commit: string | null,
  ancestors: ReadonlySet<string>,
): Promise<Story> {
  const folder = gitPath(target, project.root);
  const base = folder === "" ? "" : `${folder}/`;
  const [head, whole] = await Promise.all([
    readCommitFiles(target, commit, [`${base}${RUNBOOKS_FOLDER}`]),
    readWholeTrail(target, { commit, ancestors, base, names: [RUNBOOKS_FOLDER], files: PROVES }),
  ]);
  return { head, ...whole };
}

/** Memos that are gone through in the time that a thread takes to start. */
const ALONE = 2_000;

function startOnMail(
  request: MailRequest,
  help: MailHelp,
  onMemo: (done: number, of: number) => void,
): Promise<MailAudit> | null {
  const helper = isWorthAThread(request.root) ? help(request, onMemo) : null;
  // Where something else fails first, nobody waits for it any more.
  helper?.catch(() => undefined);
  return helper;
}

function isWorthAThread(root: string): boolean {
  try {
    return holdsByMonth(root, KEPT, ALONE);
  } catch (error) {
    // What cannot be listed, the audit itself tells.
    if (error instanceof VibeopsError) return false;
    throw error;
  }
}

/** What the thread found; all of it once more where it ended early, since nobody knows how far it came. */
async function auditMailOnce(
  request: MailRequest,
  helper: Promise<MailAudit> | null,
  onMemo: (done: number, of: number) => void,
): Promise<MailAudit> {
  const alone = () => auditMail(request, onMemo);
  return helper === null ? await alone() : await helper.catch(alone);
}

/** Runbooks between two looks at what git says meanwhile. */
const BATCH = 20;

async function auditRunbooks(
  source: AuditSource,
  onProgress: AuditProgress,
): Promise<{ runbooks: RunbookAudit[]; unread: Finding[] }> {
  const { read: ids, unread } = readOrTell(() => listRunbookIds(source.gate.project), RUNBOOKS_FOLDER);
  const runbooks: RunbookAudit[] = [];
  for (const id of ids) {
    runbooks.push(await auditRunbook(source, id));
    onProgress("runbooks", runbooks.length, ids.length);
    if (runbooks.length % BATCH === 0) await setImmediate();
  }
  return { runbooks, unread };
}

function auditHistory(
  ancestors: ReadonlySet<string> | null,
  since: string | null,
  forget: string,
): Finding[] {
  return since === null ? [] : requireAncestor(ancestors, since, { what: "the last audit here saw", forget });
}
