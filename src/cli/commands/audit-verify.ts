import { resolve } from "node:path";
import { type AuditReport, auditProject } from "../../audit/audit.ts";
import { Exit } from "../../errors.ts";
import { loadPeer } from "../../project/peers.ts";
import type { Project } from "../../project/project.ts";
import { readTrust } from "../../runbook/approval.ts";
import type { Trust } from "../../runbook/evaluate-approval.ts";
import { listSigners, trustPaths } from "../../runbook/trust.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { renderFindings } from "../render-findings.ts";
import { openGate } from "../runbook/open-gate.ts";

export async function runAuditVerify(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const gate = openGate(io);
  const signers = textOption(options, "signers");
  const trust =
    signers === undefined ? readTrust(gate) : givenTrust(io, signers, textOption(options, "revoked"));
  const report = await auditProject({
    gate,
    trust,
    peers: readablePeers(gate.project),
    onProgress: (done, of) => showProgress(io, done, of),
  });
  if (io.isInteractive) io.stderr.write("\r\u001b[K");
  const failed = report.findings.some((finding) => finding.level === "error");
  return outcome(report, renderReport(report, io), failed ? Exit.invalid : Exit.ok);
}

function givenTrust(io: Io, signers: string, revoked: string | undefined): Trust {
  const paths = {
    ...trustPaths(io.context.env),
    allowedSigners: resolve(io.cwd, signers),
    revoked: revoked === undefined ? "" : resolve(io.cwd, revoked),
  };
  return { paths, signers: listSigners(paths) };
}

function readablePeers(project: Project): { name: string; root: string }[] {
  return Object.keys(project.config.peers).flatMap((name) => {
    const peer = loadPeer(project, name);
    return peer === null ? [] : [{ name, root: peer.root }];
  });
}

function showProgress(io: Io, done: number, of: number): void {
  if (io.isInteractive) io.stderr.write(`\r${done} of ${of} runbooks`);
}

function renderReport({ findings, ...counted }: AuditReport, io: Io): string {
  const { runbooks, approvals, records, memos, commits } = counted;
  const looked = `Looked at ${runbooks} runbooks, ${approvals} decisions, ${records} records, ${memos} kept memos and ${commits} commits.`;
  if (findings.length === 0) return `${looked}\nEverything is as it was signed, chained and committed.`;
  return `${looked}\n\n${renderFindings(findings, io)}`;
}
