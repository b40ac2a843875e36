import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { firstRole, type Project } from "../project/project.ts";
import { requireRole } from "../project/role.ts";
import { pendingRunbooks } from "../runbook/waiting.ts";
import { endSession } from "../session/end.ts";
import { startSession } from "../session/start.ts";
import { makeVisible } from "../text/visible.ts";
import type { AgentEvent, AgentReport, Tell } from "./agent-report.ts";
import { runDeveloper } from "./builtin/developer.ts";
import { runPm } from "./builtin/pm.ts";
import { leave, type Rule, type RuleResult } from "./builtin/rule.ts";
import { runSysadmin } from "./builtin/sysadmin.ts";
import { pendingFor } from "./pending-for.ts";
import { isModelApi } from "./providers/open-provider.ts";
import type { ModelSessionOptions } from "./run-model-session.ts";
import { trailersOf } from "./trailers.ts";

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
  given: Context,
  tell: Tell,
  options: ModelSessionOptions,
): Promise<AgentReport> {
  const role = wanted ?? firstRole(project);
  const { provider } = requireRole(project, role);
  const events: AgentEvent[] = [];
  const record: Tell = (event) => {
    events.push(event);
    tell(event);
  };
  if (isModelApi(provider)) {
    const { runModelSession } = await import("./run-model-session.ts");
    return { ...(await runModelSession(project, role, given, record, options)), events };
  }
  requireBuiltin(project, role, provider);
  const agent = { address: `${role}@${project.name}`, tool: `${options.tool} (builtin)`, model: null };
  const context = { ...given, trailers: trailersOf(agent) };
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

function requireBuiltin(project: Project, role: string, provider: string): void {
  if (provider === "builtin") return;
  throw new VibeopsError({
    code: "agent.provider",
    exit: Exit.usage,
    message: `the provider '${provider}' cannot be run from here yet`,
    line: project.lineOf(["agents", role, "provider"]),
    file: "vibeops.yaml",
    fix: "start that agent yourself in this folder: it finds AGENTS.md and `vibeops session start`",
  });
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
