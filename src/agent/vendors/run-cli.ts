import { Exit, VibeopsError } from "../../errors.ts";
import type { Context } from "../../platform/context.ts";
import type { Project } from "../../project/project.ts";
import { pendingRunbooks } from "../../runbook/pending-runbooks.ts";
import { endSession } from "../../session/end.ts";
import { startSession } from "../../session/start.ts";
import type { AgentReport, Tell } from "../agent-report.ts";
import { trailersOf } from "../trailers.ts";
import { runAtTerminal, runHeadless } from "./cli-process.ts";
import { settingsHere } from "./plan-agents.ts";
import type { Program } from "./settings.ts";
import { findSwitchedOff, type SwitchedOff } from "./switched-off.ts";
import type { Vendor } from "./vendor.ts";

/** What the gate signs with is no agent's business; the vendor's own keys are its own. */
const kept =
  /^(?!SSH_AUTH_SOCK$|SSH_AGENT_PID$|SSH_ASKPASS|VIBEOPS_|KUBECONFIG$|DOCKER_HOST$|DOCKER_CONTEXT$)/;

/** How a vendor's CLI is started for a session of ours. */
interface CliOptions {
  readonly program: Program;
  readonly tool: string;
  /** Standard output is a program's to read: the CLI gets no terminal, and each line that it prints is an event. */
  readonly headless?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Starts the vendor's CLI in the project, at the person's own terminal unless told, and hands over when it has ended.
 *
 * @throws what `signal` was aborted with, once it is handed over, where the CLI has no terminal; VibeopsError `agents.unfenced` where the vendor is not set up here, `process.missing` where it is not installed
 */
export async function runAgentCli(
  project: Project,
  { role, vendor }: { role: string; vendor: Vendor },
  given: Context,
  tell: Tell,
  { program, tool, headless, signal: stop }: CliOptions,
): Promise<AgentReport> {
  if (settingsHere(project.root, vendor, program).state !== "all") throw notSetUp(vendor);
  const off = findSwitchedOff(vendor, project.root, given.env);
  if (off !== null) throw switchedOff(vendor, off);
  const agent = { address: `${role}@${project.name}`, tool: `${tool} (${vendor})`, model: null };
  const context = { ...given, trailers: trailersOf(agent) };
  const { facts } = await startSession(project, context, { pendingRunbooks });
  tell({ kind: "brief", text: `${vendor} as ${role}; ${facts.warnings.length} warnings` });
  const env = Object.fromEntries(Object.entries(context.env).filter(([name]) => kept.test(name)));
  const place = { cwd: project.root, env };
  const { exitCode, signal } =
    headless === true
      ? await runHeadless(vendor, place, (text) => tell({ kind: "output", text }), stop)
      : await runAtTerminal(vendor, place);
  const ending = signal === null ? `exit ${exitCode}` : `ended by ${signal}`;
  const { commit } = await endSession(project, { withoutNote: true }, context);
  tell({ kind: "end", text: `${vendor} has ended (${ending}); what it left is handed over` });
  // Whoever sits at the CLI's own terminal interrupts the CLI, not us.
  if (headless === true) stop?.throwIfAborted();
  return { role, provider: vendor, events: [], left: [], commit, cli: { exitCode, signal } };
}

function notSetUp(vendor: Vendor): VibeopsError {
  return new VibeopsError({
    code: "agents.unfenced",
    exit: Exit.refused,
    message: `nothing fences ${vendor} in this project, so it is not started`,
    fix: `vibeops agents add ${vendor}`,
  });
}

function switchedOff(vendor: Vendor, { file, setting }: SwitchedOff): VibeopsError {
  return new VibeopsError({
    code: "agents.unfenced",
    exit: Exit.refused,
    message: `${setting} switches the hooks of ${vendor} off, so nothing fences it and it is not started`,
    file,
    fix: `take ${setting} out of that file`,
  });
}
