import type { PlannedFile } from "../../deploy/file-plan.ts";
import type { PreparationPlan } from "../../deploy/prepare.ts";
import { type PreparationReport, planMemoPreparation, prepareMemo } from "../../deploy/prepare-memo.ts";
import { Exit, VibeopsError } from "../../errors.ts";
import { intakeMail } from "../../memo/intake.ts";
import { findPending } from "../../memo/mailbox.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject, type Project } from "../../project/project.ts";
import { readWaiting } from "../../runbook/waiting.ts";
import { makeVisible } from "../../text/visible.ts";
import { wrapProse } from "../../text/wrap.ts";
import { flagOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { askConsent } from "../prompt.ts";
import { lineWidth, styleFor } from "../style.ts";
import { prepareRollback } from "./prepare-rollback.ts";

export async function runPrepare(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const service = textOption(options, "rollback");
  if (service !== undefined) return await prepareRollback(io, project, service, args, options);
  requireMemo(args, options);
  await intakeMail(project, io.context);
  const stored = findPending(project.root, args[0] ?? "", io.context.now());
  const choice = { host: textOption(options, "host"), role: textOption(options, "from") };
  if (flagOption(options, "dryRun")) {
    const plan = await planMemoPreparation(project, stored, choice, io.context);
    return outcome(
      { files: plan.files, questions: plan.questions, runbook: plan.runbook },
      renderPlan(io, plan),
    );
  }
  const confirm = async (plan: PreparationPlan) => {
    if (!flagOption(options, "yes")) io.stderr.write(`${renderChanges(plan.files)}\n`);
    return await askConsent(io, "Replace these files?", flagOption(options, "yes"));
  };
  const report = await prepareMemo(project, stored, { ...choice, confirm }, io.context);
  return outcome(report, renderReport(io, report, await nextFor(project, io, report)));
}

/** What the runbook waits for: of one that was decided on already, `approve` would be wrong. */
async function nextFor(
  project: Project,
  io: Io,
  { runbook, commit }: PreparationReport,
): Promise<string | null> {
  if (runbook === null) return null;
  const part = runbook.id.slice(-8);
  const waiting = commit === null ? await readWaiting(project, io.context, runbook.id) : null;
  const item = waiting?.items.at(-1);
  return item === undefined || item.kind === "runbook.approval"
    ? `vibeops runbook show ${part}, then vibeops runbook approve ${part}`
    : item.command.replace(runbook.id, part);
}

/** @throws VibeopsError `usage` */
function requireMemo(args: readonly string[], options: Options): void {
  const only = ["to", "keepData"].find((name) => options[name] !== undefined);
  if (args[0] !== undefined && only === undefined) return;
  throw new VibeopsError({
    code: "usage",
    exit: Exit.usage,
    message:
      only === undefined ? "prepare what?" : `--${only === "to" ? "to" : "keep-data"} goes with --rollback`,
    fix: "name a memo: vibeops prepare MEMO; or a service: vibeops prepare --rollback SERVICE [--to VERSION]",
  });
}

function renderPlan(io: Io, plan: PreparationPlan): string {
  const style = styleFor(io);
  const rows = plan.files.map((file) => `  ${file.action.padEnd(11)} ${file.path}`);
  const questions = plan.questions.map((question) => renderQuestion(io, question.question));
  return [
    style.bold(`${plan.service} ${plan.version} for ${plan.host}: would do`),
    ...rows,
    renderChanges(plan.files),
    style.bold(`Open questions (${plan.questions.length})`),
    ...questions,
  ]
    .filter((line) => line !== "")
    .join("\n");
}

/** What would be written over an earlier preparation, and in one line what would not. */
function renderChanges(files: readonly PlannedFile[]): string {
  const diffs = files.filter((file) => file.action === "update").map((file) => makeVisible(file.diff));
  const kept = files.filter((file) => file.action === "kept-edited").map((file) => file.path);
  if (kept.length > 0) diffs.push(`Left alone, because a person edited it: ${kept.join(", ")}`);
  return diffs.join("\n");
}

function renderQuestion(io: Io, question: string): string {
  return wrapProse(`  - ${makeVisible(question)}`, lineWidth(io));
}

function renderReport(io: Io, report: PreparationReport, next: string | null): string {
  const style = styleFor(io);
  const lines = [style.bold(`${report.service} ${report.version} for ${report.host}`)];
  for (const file of report.written) lines.push(`  wrote ${file.path}`);
  for (const file of report.kept) {
    lines.push(
      style.yellow(`  kept ${file.path}: a person edited it; this is what it would have become:`),
      makeVisible(file.diff),
    );
  }
  if (report.commit === null) lines.push("  nothing changed");
  if (report.questions.length > 0) lines.push("", style.bold(`Open questions (${report.questions.length})`));
  for (const { question } of report.questions) lines.push(renderQuestion(io, question));
  if (report.reply !== null) lines.push("", `  reply ${report.reply.outcome} to ${report.reply.to}`);
  if (report.replaced !== null) lines.push("", ...renderReplaced(report.replaced, report.runbook?.id ?? ""));
  if (next === null) lines.push("", "No runbook yet: a question above keeps its steps from being written.");
  else lines.push("", typeable(io, `Next: ${next}`));
  return lines.join("\n");
}

/** Its steps would install what was prepared now, under the old version's name: nobody should find it to approve. */
function renderReplaced(id: string, by: string): string[] {
  return [
    `The earlier runbook ${id.slice(-8)} was replaced, and nobody has decided on it. To take it away:`,
    `  git rm -r --quiet runbooks/${id} && git commit -m 'Replaced by runbook ${by}'`,
  ];
}
