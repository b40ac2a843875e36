import type { Context } from "../platform/context.ts";
import { firstRole, type Project } from "../project/project.ts";
import { requireRole } from "../project/role.ts";
import { pendingRunbooks } from "../runbook/pending-runbooks.ts";
import { endSession } from "../session/end.ts";
import { startSession } from "../session/start.ts";
import { readState } from "../state/state.ts";
import { counted } from "../text/counted.ts";
import { makeVisible, quoteUntrusted } from "../text/visible.ts";
import type { AgentEvent, AgentReport, Tell } from "./agent-report.ts";
import { runDeveloper } from "./builtin/developer.ts";
import { runPm } from "./builtin/pm.ts";
import { leave, type Rule, type RuleResult } from "./builtin/rule.ts";
import { runSysadmin } from "./builtin/sysadmin.ts";
import { pendingFor } from "./pending-for.ts";
import { isModelApi } from "./providers/open-provider.ts";
import type { ModelSessionOptions } from "./run-model-session.ts";
import { runAlone } from "./session-lock.ts";
import { trailersOf } from "./trailers.ts";
import type { Program } from "./vendors/settings.ts";
import { isVendor } from "./vendors/vendor.ts";

/** Roles without a rule of their own leave everything to a person or a model, and say so. */
const RULES: Readonly<Record<string, Rule>> = {
  developer: runDeveloper,
  sysadmin: runSysadmin,
  pm: runPm,
  coordinator: runPm,
};

export interface AgentSessionOptions extends ModelSessionOptions {
  /** How the hooks of an agent CLI call us. */
  readonly program: Program;
  /** An agent CLI gets no terminal: standard output is read by a program. */
  readonly headless?: boolean | undefined;
}

/**
 * One session of a project's agent: begins with the brief, works through the pending memos, and ends with a
 * hand-over. It prepares and sends; it runs nothing on any host.
 *
 * @param tell is called with each thing as it happens
 * @throws VibeopsError `agent.role` for a role that the project does not have, `agent.running` where another session plays
 * it here, and what the provider's own session throws
 */
export async function runAgentSession(
  project: Project,
  wanted: string | undefined,
  given: Context,
  tell: Tell,
  options: AgentSessionOptions,
): Promise<AgentReport> {
  const role = wanted ?? firstRole(project);
  const { provider } = requireRole(project, role);
  // The hand-over goes into it: what is wrong with it is told before the work, not after.
  readState(project);
  const events: AgentEvent[] = [];
  const record: Tell = (event) => {
    events.push(event);
    tell(event);
  };
  if (isVendor(provider)) {
    const { runAgentCli } = await import("./vendors/run-cli.ts");
    return { ...(await runAgentCli(project, { role, vendor: provider }, given, record, options)), events };
  }
  const run = async () => {
    if (!isModelApi(provider)) return await runByRule(project, role, given, record, options.tool);
    const { runModelSession } = await import("./run-model-session.ts");
    return await runModelSession(project, role, given, record, options);
  };
  return { ...(await runAlone(project.root, role, run)), events };
}

async function runByRule(
  project: Project,
  role: string,
  given: Context,
  record: Tell,
  tool: string,
): Promise<AgentReport> {
  const agent = { address: `${role}@${project.name}`, tool: `${tool} (builtin)`, model: null };
  const context = { ...given, trailers: trailersOf(agent) };
  const { facts } = await startSession(project, context, { pendingRunbooks });
  const memos = pendingFor(project, role, context);
  record({
    kind: "brief",
    text: `${memos.length} pending for ${role}, ${counted(facts.warnings.length, "warning")}`,
  });
  const rule = (Object.hasOwn(RULES, role) ? RULES[role] : undefined) ?? leaveAll;
  const result = await rule({ project, role, memos, receipts: facts.receipts, context, tell: record });
  for (const memo of result.left) {
    record({ kind: "left", text: `${quoteUntrusted(memo.subject, 300)}: ${memo.why}` });
  }
  const { commit } = await endSession(project, { note: handover(role, result) }, context);
  record({ kind: "end", text: "handed over" });
  return { role, provider: "builtin", events: [], left: result.left, commit };
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
