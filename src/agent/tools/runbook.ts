import * as z from "zod/mini";
import { requireGit } from "../../platform/git.ts";
import { commitFiles } from "../../platform/git-commit.ts";
import { replaceFile } from "../../platform/replace.ts";
import type { Project } from "../../project/project.ts";
import { compileRunbook } from "../../runbook/compile-runbook.ts";
import { DelegatedOperator } from "../../runbook/delegated-operator.ts";
import { lintRunbook } from "../../runbook/lint-runbook.ts";
import { projectSource } from "../../runbook/project-files.ts";
import { listRunbookIds, loadRunbook } from "../../runbook/runbook-folder.ts";
import { listRunbooks } from "../../runbook/store.ts";
import { walkRunbook } from "../../runbook/walk.ts";
import { nameAgent } from "../../session/agent-name.ts";
import { findUnique } from "../../text/find-unique.ts";
import { markUntrusted } from "../untrusted.ts";
import { placeToWrite } from "./project-path.ts";
import { defineTool } from "./tool.ts";

export const runbookId = z
  .string()
  .check(z.minLength(1), z.describe("a runbook's id, or any unique part of it"));

export const runbookList = defineTool({
  name: "runbook_list",
  description: "Lists this project's runbooks with their states. Approving and running them is a person's.",
  input: z.strictObject({}),
  readOnly: true,
  async run(_, { project, context, boundary }) {
    const runbooks = await listRunbooks(project, context);
    const lines = runbooks.map(({ id, state, title }) => `${id}  ${state}  ${title}`);
    return { text: markUntrusted(boundary, "runbooks", lines.join("\n")), said: `${lines.length} runbooks` };
  },
});

export const runbookLint = defineTool({
  name: "runbook_lint",
  description: "Says what is wrong with a runbook, with lines. A runbook with errors cannot be approved.",
  input: z.strictObject({ id: runbookId }),
  readOnly: true,
  async run({ id }, { project, boundary }) {
    const { runbook } = load(project, id);
    const findings = lintRunbook(project, runbook);
    const lines = findings.map(({ level, line, message, fix }) => {
      return `${level} line ${line ?? "?"}: ${message}${fix === undefined ? "" : ` (to mend it: ${fix})`}`;
    });
    // They quote the runbook, which quotes memos.
    const found = markUntrusted(boundary, `findings in runbook ${runbook.id}`, lines.join("\n"));
    const text = lines.length === 0 ? "nothing is wrong" : found;
    return { text, said: `${runbook.id}: ${findings.length} findings` };
  },
});

export const runbookCompile = defineTool({
  name: "runbook_compile",
  description:
    "Writes the command under each action of a runbook, from the action's parameters. Do it after each change of an action: " +
    "you never write those commands yourself.",
  input: z.strictObject({ id: runbookId }),
  readOnly: false,
  async run({ id }, caller) {
    const { runbook, folder } = load(caller.project, id);
    placeToWrite(caller, `runbooks/${runbook.id}/runbook.md`);
    const compiled = compileRunbook(runbook.text, runbook.file, projectSource(caller.project));
    if (compiled === runbook.text)
      return { text: "nothing to change", said: `${runbook.id}: nothing to compile` };
    await replaceFile(folder.document, Buffer.from(runbook.text), Buffer.from(compiled));
    const git = requireGit(caller.project.root, caller.context.env);
    await commitFiles(git, [folder.document], `Compile runbook ${runbook.id}`, caller.context);
    return { text: "compiled", said: `compiled ${runbook.id}` };
  },
});

export const runbookRunDelegated = defineTool({
  name: "runbook_run_delegated",
  description:
    "Runs those next steps of an approved runbook that the person who approved it delegated to agents, and no others. " +
    "It refuses where nothing was approved. All other steps, and what went wrong, are a person's.",
  input: z.strictObject({ id: runbookId }),
  readOnly: false,
  destructive: true,
  async run({ id: part }, { project, context, agent, boundary, signal }) {
    // What is wrong with it now, the gate says: that it is not what was approved comes first.
    const id = findRunbook(project, part);
    const lines: string[] = [];
    const operator = new DelegatedOperator(nameAgent(project.root, agent.address), {
      tell: (line) => lines.push(line),
      signal,
    });
    const gate = { project, git: requireGit(project.root, context.env), context };
    const walk = await walkRunbook(gate, id, {
      mode: "ssh",
      operator,
      facts: { terminal: false },
      delegated: true,
    });
    const said =
      walk.phase === "completed"
        ? "every step is done; a person verifies it"
        : `the walk is ${walk.phase}; a person goes on`;
    return {
      text: `${said}\n${markUntrusted(boundary, "what the steps printed", lines.join("\n"))}`,
      said: `${id}: ${said}`,
    };
  },
});

/** A runbook's id by any unique part of it. */
export function findRunbook(project: Project, part: string): string {
  return findUnique(listRunbookIds(project), part, {
    keys: (one) => [one],
    noun: "runbook",
    code: "runbook",
    fix: "see them with runbook_list",
  });
}

function load(project: Project, part: string) {
  return loadRunbook(project, findRunbook(project, part));
}
