import { Exit, VibeopsError } from "../errors.ts";
import { listPending } from "../memo/list.ts";
import { readInbox, type StoredMemo } from "../memo/mailbox.ts";
import type { Context } from "../platform/context.ts";
import { firstRole, type Project } from "../project/project.ts";
import { pendingRunbooks } from "../runbook/waiting.ts";
import { endSession } from "../session/end.ts";
import { startSession } from "../session/start.ts";
import { makeVisible } from "../text/visible.ts";
import type { AgentEvent, AgentReport, Tell } from "./agent-report.ts";
import { runDeveloper } from "./builtin/developer.ts";
import { runPm } from "./builtin/pm.ts";
import { leave, type Rule, type RuleResult } from "./builtin/rule.ts";
import { runSysadmin } from "./builtin/sysadmin.ts";

/** Roles without a rule of their own leave everything to a person or a model, and say so. */
const RULES: Readonly<Record<string, Rule>> = {
  developer: runDeveloper,
  sysadmin: runSysadmin,
  pm: runPm,
  coordinator: runPm,
};

/**
 * One session of a project's agent: begins with the brief, works through the pending memos, and ends with a
 * hand-over. It prepares and sends; it runs nothing on any host.
 *
 * @param tell is called with each thing as it happens
 * @throws VibeopsError `agent.role` for a role that the project does not have, `agent.provider`
 */
export async function runAgentSession(
  project: Project,
  wanted: string | undefined,
  context: Context,
  tell: Tell,
): Promise<AgentReport> {
  const role = wanted ?? firstRole(project);
  const provider = requireBuiltin(project, role);
  const events: AgentEvent[] = [];
  const record: Tell = (event) => {
    events.push(event);
    tell(event);
  };
  const { facts } = await startSession(project, context, { pendingRunbooks });
  const memos = pendingFor(project, role, context);
  record({ kind: "brief", text: `${memos.length} pending for ${role}, ${facts.warnings.length} warnings` });
  const rule = RULES[role] ?? leaveAll;
  const result = await rule({ project, role, memos, receipts: facts.receipts, context, tell: record });
  for (const memo of result.left) {
    record({ kind: "left", text: `"${makeVisible(memo.subject, { newlines: false })}": ${memo.why}` });
  }
  const { commit } = await endSession(project, { note: handover(role, result) }, context);
  record({ kind: "end", text: "handed over" });
  return { role, provider, events, left: result.left, commit };
}

function requireBuiltin(project: Project, role: string): string {
  const agent = project.config.agents[role];
  if (agent === undefined) {
    throw new VibeopsError({
      code: "agent.role",
      exit: Exit.notFound,
      message: `${project.name} has no agent '${role}'`,
      fix: `one of: ${Object.keys(project.config.agents).join(", ")}; or: vibeops init --role ${role}`,
    });
  }
  if (agent.provider === "builtin") return agent.provider;
  throw new VibeopsError({
    code: "agent.provider",
    exit: Exit.usage,
    message: `the provider '${agent.provider}' cannot be run from here yet; only 'builtin' and the agent CLIs (claude, codex, gemini) can`,
    line: project.lineOf(["agents", role, "provider"]),
    file: "vibeops.yaml",
    fix: "start that agent yourself in this folder: it finds AGENTS.md and `vibeops session start`",
  });
}

/** Memos to this role, and those to the project as a whole where it is the first role. */
function pendingFor(project: Project, role: string, context: Context): StoredMemo[] {
  const { memos } = readInbox(project.root, context.now());
  const byPath = new Map(memos.map((stored) => [stored.path, stored]));
  return listPending(memos, {})
    .map((summary) => byPath.get(summary.path))
    .filter((stored) => stored !== undefined)
    .filter(({ memo }) => (memo.to.role ?? firstRole(project)) === role);
}

const leaveAll: Rule = async ({ memos }) => ({
  did: [],
  left: memos.map((stored) => leave(stored, "no rule covers this role: it needs a person or a model")),
});

function handover(role: string, { did, left }: RuleResult): string {
  const lines = [
    ...did.map((line) => `- ${line}`),
    ...left.map(
      (memo) => `- left to a person: ${makeVisible(memo.subject, { newlines: false })} (memo ${memo.id})`,
    ),
  ];
  return [
    `The builtin ${role} worked through the inbox.`,
    "",
    ...(lines.length > 0 ? lines : ["- nothing was pending"]),
  ].join("\n");
}
