import type { Check } from "../../platform/check.ts";
import { counted } from "../../text/counted.ts";
import { makeVisible } from "../../text/visible.ts";
import { wrapProse } from "../../text/wrap.ts";
import type { Io } from "../io.ts";
import { typeable } from "../program-name.ts";
import { shortPath } from "../render-error.ts";
import { lineWidth, type Style, styleFor } from "../style.ts";
import type { Examination } from "./examine.ts";

/** What is wrong, the worst first, each with its place and its fix; what is in order in one line. */
export function renderExamination(io: Io, { project, checks }: Examination): string {
  const style = styleFor(io);
  const wrong = [...ofStatus(checks, "error"), ...ofStatus(checks, "warning")];
  const fine = ofStatus(checks, "ok").map(({ what }) => visible(what));
  const blocks = wrong.map((check) => renderCheck(io, style, check));
  const heading = style.bold(project === null ? "vibeops doctor" : `vibeops doctor: ${project}`);
  const inOrder = indented(io, style.green("fine".padEnd(INDENT)), fine.join("; "));
  return [heading, ...blocks, inOrder, renderSummary(io, checks)].join("\n\n");
}

function renderSummary(io: Io, checks: readonly Check[]): string {
  const errors = ofStatus(checks, "error").length;
  const warnings = ofStatus(checks, "warning").length;
  const mendable = checks.filter(({ mend }) => mend !== undefined).length;
  const found =
    errors + warnings === 0
      ? "Nothing is wrong."
      : `${counted(errors, "error")}, ${counted(warnings, "warning")}.`;
  const offer =
    mendable === 0 ? "" : typeable(io, ` Of these ${mendable} can be mended: vibeops doctor --fix`);
  return `${found}${offer}`;
}

function renderCheck(io: Io, style: Style, { name, status, what, file, line, fix }: Check): string {
  const label = status === "error" ? style.red(status.padEnd(INDENT)) : style.yellow(status.padEnd(INDENT));
  const place =
    file === undefined ? [] : [`at: ${shortPath(file, io.cwd)}${line === undefined ? "" : `:${line}`}`];
  const more = [...place, ...(fix === undefined ? [] : [`fix: ${typeable(io, fix)}`])];
  return [
    indented(io, label, `${visible(what)} [${name}]`),
    ...more.map((text) => indented(io, " ".repeat(INDENT), visible(text))),
  ].join("\n");
}

/** Behind a label of that width, and below it. */
const INDENT = 9;

function indented(io: Io, label: string, text: string): string {
  return label + wrapProse(text, lineWidth(io) - INDENT).replaceAll("\n", `\n${" ".repeat(INDENT)}`);
}

/** The mends of an examination, as a list to say yes to. */
export function renderPlan(io: Io, checks: readonly Check[]): string {
  const lines = checks.flatMap(({ mend }) =>
    mend === undefined ? [] : [wrapProse(`- ${visible(mend.does)}`, lineWidth(io))],
  );
  return ["This would be done:", ...lines].join("\n");
}

function ofStatus(checks: readonly Check[], status: Check["status"]): Check[] {
  return checks.filter((check) => check.status === status);
}

function visible(text: string): string {
  return makeVisible(text, { newlines: false });
}
