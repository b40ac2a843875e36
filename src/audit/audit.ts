import { join } from "node:path";
import { gitPath } from "../platform/git.ts";
import { listAncestors, readHeadFiles, readTrail } from "../platform/git-trail.ts";
import { mapSideBySide } from "../platform/side-by-side.ts";
import type { Trust } from "../runbook/evaluate-approval.ts";
import type { Gate } from "../runbook/gate.ts";
import { listRunbookIds } from "../runbook/runbook-folder.ts";
import type { Finding } from "../text/finding.ts";
import { auditDepth, auditObjects, lastSeenCommit, rememberCommit, requireAncestor } from "./history.ts";
import { auditMail, auditSenders } from "./mail.ts";
import { auditRunbookTrail } from "./runbook-trail.ts";
import { auditRunbook } from "./runbooks.ts";

export interface AuditReport {
  readonly runbooks: number;
  readonly approvals: number;
  readonly records: number;
  readonly memos: number;
  readonly commits: number;
  /** Worst first. */
  readonly findings: readonly Finding[];
}

export interface AuditRequest {
  readonly gate: Gate;
  readonly trust: Trust;
  /** Other projects whose sent copies may be read here. */
  readonly peers: readonly { readonly name: string; readonly root: string }[];
  /** Told before each runbook; ssh-keygen is started for each signature. */
  readonly onProgress?: (done: number, of: number) => void;
}

/** How many runbooks are looked at side by side: each waits for ssh-keygen most of the time. */
const SIDE_BY_SIDE = 4;

/**
 * Checks again everything that the trail claims, from files and git alone: decisions and their signatures, records and
 * their chains, seals, memos and their words, and that the history is the one that was seen last. Changes nothing in
 * the project.
 */
export async function auditProject({ gate, trust, peers, onProgress }: AuditRequest): Promise<AuditReport> {
  const { git: target, project, context } = gate;
  const folders = ["memos", "runbooks"].map((name) => gitPath(target, join(project.root, name)));
  const objects = auditObjects(target);
  const [ancestors, head] = await Promise.all([listAncestors(target), readHeadFiles(target, folders)]);
  const story = { trail: await readTrail(target, ancestors, folders), head };
  const source = { gate, trust, ancestors };
  const history = [...auditHistory(gate, ancestors), ...(await auditDepth(target))];
  const ids = listRunbookIds(project);
  const audits = await mapSideBySide(ids, SIDE_BY_SIDE, async (id, done) => {
    onProgress?.(done, ids.length);
    return await auditRunbook(source, id);
  });
  const mail = await auditMail(target, project, story);
  history.push(...(await objects));
  const findings = [
    ...history,
    ...audits.flatMap((audit) => audit.findings),
    ...(await auditRunbookTrail(target, project, story)),
    ...mail.findings,
    ...auditSenders(project, peers),
  ];
  if (history.length === 0) await rememberCommit(context.env, project, target);
  return {
    runbooks: ids.length,
    approvals: audits.reduce((sum, { approvals }) => sum + approvals, 0),
    records: audits.reduce((sum, { records }) => sum + records, 0),
    memos: mail.memos,
    commits: ancestors.size,
    findings: findings.toSorted((one, other) => one.level.localeCompare(other.level)),
  };
}

function auditHistory({ context, project }: Gate, ancestors: ReadonlySet<string>): Finding[] {
  const seen = lastSeenCommit(context.env, project);
  return seen === null ? [] : requireAncestor(ancestors, seen, { what: "the last audit here saw" });
}
