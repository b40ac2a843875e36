import type { CommandSpec } from "./command.ts";
import { agentsCommands } from "./commands/agents.ts";
import { auditCommands } from "./commands/audit.ts";
import { memoCommands } from "./commands/memo.ts";
import { projectCommands } from "./commands/project.ts";
import { runbookCommands } from "./commands/runbook.ts";
import { sessionCommands } from "./commands/session.ts";
import { trustCommands } from "./commands/trust.ts";

/** Words that hold further commands. */
export const groups: Readonly<Record<string, string>> = {
  memo: "write, read and finish memos",
  state: "STATE.md: where things stand",
  session: "begin with a brief, end with a hand-over",
  agents: "the agent CLIs' own configuration",
  runbook: "read, approve, carry out, verify and close",
  audit: "check the trail, offline",
  trust: "whose approvals count here, and your own key",
};

export const commands: readonly CommandSpec[] = [
  ...projectCommands,
  ...memoCommands,
  ...sessionCommands,
  ...agentsCommands,
  ...runbookCommands,
  ...auditCommands,
  ...trustCommands,
];
