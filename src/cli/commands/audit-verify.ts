import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { type AuditReport, auditProject, type MailHelp } from "../../audit/audit.ts";
import type { AuditPeer } from "../../audit/copies.ts";
import { Exit, VibeopsError } from "../../errors.ts";
import { readPeers } from "../../project/peers.ts";
import type { Project } from "../../project/project.ts";
import { readTrust } from "../../runbook/approval.ts";
import type { Trust } from "../../runbook/foreign-key.ts";
import { listRevoked, listSigners, trustPaths } from "../../runbook/trust.ts";
import { counted } from "../../text/counted.ts";
import { makeVisible } from "../../text/visible.ts";
import { wrapProse } from "../../text/wrap.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { renderFindings } from "../render-findings.ts";
import { openGate } from "../runbook/open-gate.ts";
import { lineWidth } from "../style.ts";
import { startThread } from "../threads.ts";

export async function runAuditVerify(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const gate = openGate(io);
  const trust = givenTrust(io, options) ?? readTrust(gate);
  const start = io.context.now().getTime();
  const onProgress = progressOn(io);
  const peers = peersHere(gate.project);
  const audited = await auditProject({ gate, trust, peers, onProgress, helpWithMail: mailThread(io) });
  if (io.isInteractive) io.stderr.write("\r\u001b[K");
  const errors = audited.findings.filter(({ level }) => level === "error").length;
  const report = {
    ...audited,
    errors,
    warnings: audited.findings.length - errors,
    signers: trust.paths.allowedSigners,
    listed: trust.signers.length,
    ms: io.context.now().getTime() - start,
  };
  return outcome(report, renderReport(report, io), errors > 0 ? Exit.invalid : Exit.ok);
}

/** Null where the person's own lists count. */
function givenTrust(io: Io, options: Options): Trust | null {
  const signers = listOption(io, options, "signers");
  const revoked = listOption(io, options, "revoked");
  if (signers === undefined && revoked !== undefined) {
    throw new VibeopsError({
      code: "usage.value",
      exit: Exit.usage,
      message: "--revoked goes with --signers, and your own list of signers has its own revoked keys",
      fix: "add --signers FILE, or leave out --revoked",
    });
  }
  if (signers === undefined) return null;
  const paths = { ...trustPaths(io.context.env), allowedSigners: signers, revoked: revoked ?? "" };
  return { paths, signers: listSigners(paths), revoked: revoked === undefined ? [] : listRevoked(paths) };
}

/** A list that somebody names and that is not there must not count as an empty one. */
function listOption(io: Io, options: Options, name: "signers" | "revoked"): string | undefined {
  const given = textOption(options, name);
  if (given === undefined) return undefined;
  const file = resolve(io.cwd, given);
  if (existsSync(file)) return file;
  const fix = `name the list: --${name} FILE`;
  throw new VibeopsError({
    code: "file.missing",
    exit: Exit.notFound,
    message: "there is no such file",
    file,
    fix,
  });
}

function peersHere(project: Project): AuditPeer[] {
  return readPeers(project).map(({ peer: name, project: own, error }) => ({
    name,
    root: own?.root ?? null,
    ...(error === undefined ? {} : { error }),
  }));
}

/** A thread for the mail, where there is a second core. */
function mailThread({ threadScript }: Io): MailHelp {
  return (request, onProgress) => {
    if (threadScript === undefined || availableParallelism() === 1) return null;
    return startThread(threadScript, { job: "mail", input: request }, (told) => {
      const { done, of } = told as { done: number; of: number };
      onProgress(done, of);
    });
  };
}

/** How often a person sees how far it is, and how often a file that standard error goes to. */
const OFTEN_MS = 100;
const SELDOM_MS = 10_000;

function progressOn(io: Io): (what: string, done: number, of: number) => void {
  let shown = io.context.now().getTime();
  return (what, done, of) => {
    const now = io.context.now().getTime();
    if (now - shown < (io.isInteractive ? OFTEN_MS : SELDOM_MS)) return;
    shown = now;
    const text = `${done} of ${of} ${what}`;
    io.stderr.write(io.isInteractive ? `\r\u001b[K${text}` : `${text}\n`);
  };
}

interface ShownReport extends AuditReport {
  readonly errors: number;
  readonly warnings: number;
  /** The list by which signatures count. */
  readonly signers: string;
  /** How many keys it holds. */
  readonly listed: number;
  readonly ms: number;
}

function renderReport(report: ShownReport, io: Io): string {
  const { runbooks, approvals, records, seals, signatures, memos, commits, head, since, ms } = report;
  const files = [
    counted(runbooks, "runbook"),
    counted(approvals, "decision"),
    counted(records, "record"),
    counted(seals, "seal"),
    counted(signatures, "signature"),
    counted(memos, "kept memo"),
  ];
  const before = since === null ? "no audit here before this one" : `the last audit here saw ${short(since)}`;
  const lines = [
    `Looked at ${files.join(", ")} and ${counted(commits, "commit")}, in ${(ms / 1000).toFixed(1)} s.`,
    `HEAD is ${short(head)}; ${before}. Signatures count by ${makeVisible(report.signers)}.`,
    ...(report.listed === 0
      ? ["That list names nobody, so no signature counts: bring one, vibeops audit verify --signers FILE"]
      : []),
  ];
  const shown = lines.map((line) => wrapProse(line, lineWidth(io)));
  if (report.findings.length === 0) {
    return [...shown, "Everything is as it was signed, chained and committed."].join("\n");
  }
  const count = `${counted(report.errors, "error")}, ${counted(report.warnings, "warning")}:`;
  return [...shown, "", count, renderFindings(report.findings, io)].join("\n");
}

function short(commit: string | null): string {
  return commit === null ? "no commit" : commit.slice(0, 12);
}
