import { Exit } from "../../errors.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject, type Project } from "../../project/project.ts";
import { lintRunbook } from "../../runbook/lint-runbook.ts";
import { loadRunbook } from "../../runbook/runbook-folder.ts";
import { runbookPath } from "../../runbook/runbook-paths.ts";
import { listOpenRunbookIds } from "../../runbook/store.ts";
import { type Finding, findingOf, withoutDoubles } from "../../text/finding.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { renderFindings } from "../render-findings.ts";
import { findRunbookId } from "../runbook/find-runbook.ts";

export async function runRunbookLint(io: Io, args: readonly string[], _options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const ids =
    args.length > 0
      ? [...new Set(args.map((part) => findRunbookId(project, part)))]
      : listOpenRunbookIds(project);
  // What is wrong with a file that all of them are held against is said once.
  const findings = withoutDoubles(ids.flatMap((id) => lintOne(project, id)));
  const failed = findings.some((finding) => finding.level === "error");
  return outcome({ runbooks: ids, findings }, renderFindings(findings, io), failed ? Exit.invalid : Exit.ok);
}

/** A runbook that cannot be read is a finding, and does not keep the others from being looked at. */
function lintOne(project: Project, id: string): Finding[] {
  try {
    return lintRunbook(project, loadRunbook(project, id).runbook);
  } catch (error) {
    return [findingOf(error, runbookPath(id))];
  }
}
