import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject, type Project } from "../../project/project.ts";
import { type EndReport, endSession } from "../../session/end.ts";
import { refuseSecretsInState } from "../../state/refuse-secrets.ts";
import { readState } from "../../state/state.ts";
import { makeVisible } from "../../text/visible.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { editText, readAll } from "../prompt.ts";

export async function runSessionEnd(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const withoutNote = options.note === false;
  const note = withoutNote ? undefined : await readNote(io, project, textOption(options, "note"));
  refuseSecretsInState({ handover: note?.trim() ?? "" });
  const report = await endSession(project, { note, withoutNote }, io.context);
  const { unfinished, uncommitted } = report;
  return outcome({ ...report, unfinished, uncommitted }, render(report));
}

async function readNote(io: Io, project: Project, given: string | undefined): Promise<string | undefined> {
  if (given === "-") return await readAll(io);
  if (given !== undefined || !io.isInteractive) return given;
  return await editText(io, `${readState(project)?.sections.handover ?? ""}\n`, "handover.md");
}

function render(report: EndReport): string {
  const lines = [
    report.commit === null
      ? "Nothing had to be committed."
      : `Committed ${report.commit.slice(0, 12)}: ${report.committed.join(", ")}`,
  ];
  if (report.notCommitted !== null) lines.push(`Not committed: ${report.notCommitted}`);
  if (report.unfinished.length > 0) {
    lines.push("Still pending:");
    for (const memo of report.unfinished)
      lines.push(`  ${memo.id.slice(-8)}  ${memo.state}  ${makeVisible(memo.subject, { newlines: false })}`);
  }
  if (report.uncommitted.length > 0) {
    lines.push("Not committed, and yours to commit:");
    for (const { path, status } of report.uncommitted)
      lines.push(`  ${status} ${makeVisible(path, { newlines: false })}`);
  }
  return lines.join("\n");
}
