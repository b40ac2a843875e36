import type { Project } from "../../project/project.ts";
import { askHuman } from "./ask-human.ts";
import { gitDiff, gitLog } from "./git-history.ts";
import { impact } from "./impact.ts";
import { listFiles } from "./list-files.ts";
import { memoCheck } from "./memo-check.ts";
import { memoDone } from "./memo-done.ts";
import { memoList } from "./memo-list.ts";
import { memoNew } from "./memo-new.ts";
import { memoReply } from "./memo-reply.ts";
import { memoShow } from "./memo-show.ts";
import { policyCheck } from "./policy-check.ts";
import { prepare } from "./prepare.ts";
import { readFile } from "./read-file.ts";
import { runCommand } from "./run-command.ts";
import { runbookCompile, runbookLint, runbookList, runbookRunDelegated } from "./runbook.ts";
import { runbookDraft, runbookTemplates } from "./runbook-draft.ts";
import { stateSet, stateShow } from "./state.ts";
import type { Tool } from "./tool.ts";
import { writeFile } from "./write-file.ts";

/**
 * All that an agent can do in a project, through our own loop and through MCP. No shell, no network, no approval, no
 * trust; no edit of policy, inventory, grants or vibeops.yaml; no run but of steps that a person delegated.
 */
export function toolsFor(project: Project): Tool[] {
  return [
    listFiles,
    readFile,
    writeFile,
    memoList,
    memoShow,
    memoNew,
    memoReply,
    memoCheck,
    memoDone,
    stateShow,
    stateSet,
    prepare,
    runbookList,
    runbookTemplates,
    runbookDraft,
    runbookLint,
    runbookCompile,
    runbookRunDelegated,
    policyCheck,
    impact,
    gitLog,
    gitDiff,
    askHuman,
    runCommand(project),
  ];
}
