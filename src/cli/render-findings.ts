import type { Finding } from "../text/finding.ts";
import { makeVisible } from "../text/visible.ts";
import type { Io } from "./io.ts";
import { typeable } from "./program-name.ts";
import { reportedText, shortPath } from "./render-error.ts";
import { styleFor } from "./style.ts";

/** Findings as `file:line[:column]: level: message [rule]` with the fix beneath, as editors and people read them. */
export function renderFindings(findings: readonly Finding[], io: Io): string {
  const style = styleFor(io);
  const lines = findings.map((finding) => {
    const file =
      finding.file === undefined ? "" : makeVisible(shortPath(finding.file, io.cwd), { newlines: false });
    const column = finding.column === undefined ? "" : `:${finding.column}`;
    const place = finding.line === undefined ? file : `${file}:${finding.line}${column}`;
    const level = finding.level === "error" ? style.red("error") : style.yellow("warning");
    const head = `${place === "" ? "" : `${place}: `}${level}: ${reportedText(finding.message)} ${style.dim(`[${finding.rule}]`)}`;
    return finding.fix === undefined ? head : `${head}\n  fix: ${reportedText(typeable(io, finding.fix))}`;
  });
  return lines.length === 0 ? "Nothing is wrong." : lines.join("\n");
}
