import type { CommandSpec } from "./command.ts";
import { agentsCommands } from "./commands/agents.ts";
import { auditCommands } from "./commands/audit.ts";
import { configurationCommands } from "./commands/configuration.ts";
import { deployCommands } from "./commands/deploy.ts";
import { grantCommands } from "./commands/grant.ts";
import { memoCommands } from "./commands/memo.ts";
import { meshCommands } from "./commands/mesh.ts";
import { policyCommands } from "./commands/policy.ts";
import { projectCommands } from "./commands/project.ts";
import { projectsCommands } from "./commands/projects.ts";
import { releaseCommands } from "./commands/release.ts";
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
  policy: "what policy.yaml asks, and why",
  grant: "who may write here, who may read, until when",
  inventory: "hosts, what runs on them, and whether it fits",
  audit: "check the trail, offline",
  projects: "your own list of projects, for what looks over all of them",
  trust: "whose approvals count here, and your own key",
};

export const commands: readonly CommandSpec[] = [
  ...projectCommands,
  ...memoCommands,
  ...meshCommands,
  ...sessionCommands,
  ...grantCommands,
  ...deployCommands,
  ...agentsCommands,
  ...configurationCommands,
  ...runbookCommands,
  ...policyCommands,
  ...releaseCommands,
  ...auditCommands,
  ...trustCommands,
  ...projectsCommands,
];
