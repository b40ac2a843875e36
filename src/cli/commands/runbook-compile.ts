import { Exit } from "../../errors.ts";
import { replaceFile } from "../../platform/replace.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { compileRunbook } from "../../runbook/compile-runbook.ts";
import { projectSource } from "../../runbook/project-files.ts";
import { loadRunbook } from "../../runbook/runbook-folder.ts";
import { unifiedDiff } from "../../text/diff.ts";
import { makeVisible } from "../../text/visible.ts";
import { flagOption, type Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { shortPath } from "../render-error.ts";
import { findRunbookId } from "../runbook/find-runbook.ts";

export async function runRunbookCompile(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const { runbook, folder } = loadRunbook(project, findRunbookId(project, args[0] ?? ""));
  const file = shortPath(runbook.file, io.cwd);
  const compiled = compileRunbook(runbook.text, runbook.file, projectSource(project));
  const diff = unifiedDiff(runbook.text, compiled, file);
  const { id } = runbook;
  if (diff === "") return outcome({ id, changed: false, written: false }, `${file}: nothing to change`);
  const isCheck = flagOption(options, "check");
  const written = !isCheck && !flagOption(options, "dryRun");
  if (written) await replaceFile(folder.document, Buffer.from(runbook.text), Buffer.from(compiled));
  const text = `${makeVisible(diff.trimEnd())}\n${written ? `Wrote ${file}.` : "Nothing was written."}`;
  return outcome({ id, changed: true, written, diff }, text, isCheck ? Exit.invalid : Exit.ok);
}
