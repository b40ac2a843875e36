import { resolve } from "node:path";
import { allRules, type LintReport, lintPaths } from "../../deploy/lint/lint.ts";
import { formatSarif } from "../../deploy/lint/sarif.ts";
import { Exit } from "../../errors.ts";
import { VERSION } from "../../platform/version.ts";
import { counted } from "../../text/counted.ts";
import { makeVisible } from "../../text/visible.ts";
import { wrapProse } from "../../text/wrap.ts";
import { flagOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { formatJson } from "../json.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { renderFindings } from "../render-findings.ts";
import { lineWidth, styleFor } from "../style.ts";
import { oneOf, wholeNumber } from "../values.ts";

export async function runLint(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  if (flagOption(options, "rules")) return listRules(io);
  const format = oneOf("format", textOption(options, "format") ?? "text", ["text", "json", "sarif"]);
  const most = textOption(options, "maxWarnings");
  const maxWarnings = most === undefined ? Number.POSITIVE_INFINITY : wholeNumber("max-warnings", most, 0);
  const paths = (args.length === 0 ? ["."] : args).map((path) => resolve(io.cwd, path));
  const { env, now } = io.context;
  const report = await lintPaths(paths, { style: flagOption(options, "style"), env, now: now() });
  const { errors, warnings } = count(report);
  const exit = errors > 0 || warnings > maxWarnings ? Exit.invalid : Exit.ok;
  const data = { ...report, errors, warnings };
  if (format === "sarif") {
    const sarif = formatSarif(report, io.cwd, VERSION);
    return outcome(sarif, formatJson(sarif), exit);
  }
  if (format === "json") return outcome(data, formatJson({ ok: exit === Exit.ok, result: data }), exit);
  return outcome(data, renderReport(io, report), exit);
}

function count({ findings }: LintReport): { errors: number; warnings: number } {
  const errors = findings.filter(({ level }) => level === "error").length;
  return { errors, warnings: findings.length - errors };
}

function renderReport(io: Io, report: LintReport): string {
  const style = styleFor(io);
  const { errors, warnings } = count(report);
  const notes = report.notes.map((note) => style.dim(`note: ${makeVisible(note, { newlines: false })}`));
  const suppressed = report.suppressed === 0 ? "" : `, ${report.suppressed} suppressed with a reason`;
  const files = counted(report.files.length, "file");
  const total = `${files}: ${counted(errors, "error")}, ${counted(warnings, "warning")}${suppressed}`;
  return [renderFindings(report.findings, io), ...notes, style.bold(total)].join("\n");
}

function listRules(io: Io): Outcome {
  const style = styleFor(io);
  const lines = allRules.map(({ id, level, summary, why, style: isStyle }) => {
    const when = isStyle === true ? `${level}, with --style` : level;
    return `${style.bold(id)} (${when}): ${summary}\n${wrapProse(`  ${why}`, lineWidth(io))}`;
  });
  const rules = allRules.map(({ id, level, summary, why, style: isStyle }) => ({
    id,
    level,
    summary,
    why,
    style: isStyle === true,
  }));
  return outcome({ rules }, lines.join("\n"));
}
