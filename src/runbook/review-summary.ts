import { counted } from "../text/counted.ts";
import type { CurrentContent } from "./current-content.ts";
import { place } from "./review-document.ts";
import { note, type ReviewLine } from "./review-line.ts";
import { stepLines, weighLines } from "./review-overview.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import type { Statement } from "./statement.ts";

/** What somebody has just read, in a few lines: the last thing before they sign. */
export function decisionSummary(plan: {
  readonly statement: Statement;
  readonly loaded: LoadedRunbook;
  readonly current: CurrentContent;
}): ReviewLine[] {
  const { statement, loaded, current } = plan;
  const { runbook } = loaded;
  const hosts = current.content.hosts.map(({ name }) => place(name, current)).join(", ");
  return [
    note(`${runbook.title} (${runbook.id})`),
    ...stepLines(current).map((line) => note(`  ${line}`)),
    note(`  ${counted(runbook.verification.length, "check")} at the end; on ${hosts}`),
    note(
      `  files that it installs or calls: ${runbook.files.length === 0 ? "none" : runbook.files.join(", ")}`,
    ),
    ...weighLines(runbook).map((line) => note(`  ${line}`)),
    note(
      statement.decision === "approve"
        ? `  good for one walk that starts before ${statement.expires}`
        : `  rejected because: ${statement.reason ?? ""}`,
    ),
  ];
}
