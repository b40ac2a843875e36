import { join } from "node:path";
import { ARCHIVED, INCOMING, SENT } from "../memo/mailbox.ts";
import { gitPath } from "../platform/git.ts";
import { listAncestors, readHeadFiles, readTrail } from "../platform/git-trail.ts";
import { POLICY_FILE } from "../runbook/current-content.ts";
import { findOpenKey, type Trust } from "../runbook/evaluate-approval.ts";
import type { Gate } from "../runbook/gate.ts";
import { listRunbookIds } from "../runbook/runbook-folder.ts";
import type { Finding } from "../text/finding.ts";
import { Damage } from "./damage.ts";
import { auditDepth, auditObjects, lastSeenCommit, rememberCommit, requireAncestor } from "./history.ts";
import { auditMail, auditSenders } from "./mail.ts";
import { readPolicyVersions } from "./policy-versions.ts";
import { auditRunbookTrail } from "./runbook-trail.ts";
import { auditRunbook, type RunbookAudit } from "./runbooks.ts";
import { auditSignatures } from "./signatures.ts";
import { type AuditSource, NO_STORY, type Story } from "./source.ts";

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

export interface AuditRequest {
  readonly gate: Gate;
  readonly trust: Trust;
  /** Other projects whose sent copies may be read here. */
  readonly peers: readonly { readonly name: string; readonly root: string }[];
  readonly onProgress?: AuditProgress;
}

/**
 * Checks again everything that the trail claims, from files and git alone: decisions and their signatures, records and
 * their chains, seals, memos and their words, and that the history is the one that was seen last. Changes nothing in
 * the project.
 */
export async function auditProject(request: AuditRequest): Promise<AuditReport> {
  const { gate, trust, peers, onProgress = () => undefined } = request;
  const { git: target, project, context } = gate;
  // git computes the names of its objects again while we read what is there.
  const objects = auditObjects(target);
  // Where something else fails first, nobody waits for it any more.
  objects.catch(() => undefined);
  const damage = new Damage();
  const ancestors = await damage.spare("the history", listAncestors(target));
  const story = ancestors && (await damage.spare("the history", readStory(gate, ancestors)));
  const policies =
    (story && (await damage.spare("policy.yaml", readPolicyVersions(target, project, story.trail)))) ??
    (await readPolicyVersions(target, project, NO_STORY.trail));
  const openKey = await findOpenKey(gate, trust);
  const since = lastSeenCommit(context.env, project);
  const history = [...(ancestors ? auditHistory(ancestors, since) : []), ...(await auditDepth(target))];
  const source = { gate, trust, openKey, ancestors, policies };
  const runbooks = await auditRunbooks(source, onProgress);
  const claims = runbooks.flatMap((one) => one.claims);
  const signatures = auditSignatures(claims, trust.paths, context.env, (done) =>
    onProgress("signatures", done, claims.length),
  );
  const onMemo = (done: number, of: number) => onProgress("memos", done, of);
  const mail = story && (await damage.spare("kept memos", auditMail(target, project, story, onMemo)));
  const runbookTrail =
    story && (await damage.spare("files of runbooks", auditRunbookTrail(target, project, story)));
  history.push(...damage.findings, ...(await objects));
  const findings = [
    ...history,
    ...runbooks.flatMap((audit) => audit.findings),
    ...(await signatures),
    ...(runbookTrail ?? []),
    ...(mail?.findings ?? []),
    ...auditSenders(project, peers),
  ];
  if (history.length === 0) await rememberCommit(context.env, project, target);
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
    head: ancestors?.values().next().value ?? null,
    since,
    findings: findings.toSorted((one, other) => one.level.localeCompare(other.level)),
  };
}

async function readStory({ git: target, project }: Gate, ancestors: ReadonlySet<string>): Promise<Story> {
  const pathOf = (name: string) => gitPath(target, join(project.root, name));
  const kept = [ARCHIVED, SENT, "runbooks"].map(pathOf);
  const [head, trail, arrivals] = await Promise.all([
    readHeadFiles(target, kept),
    readTrail(target, ancestors, [...kept, pathOf(POLICY_FILE)]),
    readTrail(target, ancestors, [pathOf(INCOMING)], "additions"),
  ]);
  return { trail, arrivals, head };
}

async function auditRunbooks(source: AuditSource, onProgress: AuditProgress): Promise<RunbookAudit[]> {
  const ids = listRunbookIds(source.gate.project);
  const audits: RunbookAudit[] = [];
  for (const id of ids) {
    audits.push(await auditRunbook(source, id));
    onProgress("runbooks", audits.length, ids.length);
  }
  return audits;
}

function auditHistory(ancestors: ReadonlySet<string>, seen: string | null): Finding[] {
  return seen === null ? [] : requireAncestor(ancestors, seen, { what: "the last audit here saw" });
}
