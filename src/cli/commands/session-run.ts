import type { AgentEvent } from "../../agent/agent-report.ts";
import { runAgentSession } from "../../agent/run-session.ts";
import { runAgentCli } from "../../agent/vendors/run-cli.ts";
import { isVendor } from "../../agent/vendors/vendor.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { firstRole, loadProject } from "../../project/project.ts";
import { agentProgram } from "../agent-program.ts";
import { flagOption, type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { typeable } from "../program-name.ts";
import { styleFor } from "../style.ts";

export async function runSessionRun(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const style = styleFor(io);
  const show = (event: AgentEvent) => {
    if (!flagOption(options, "json"))
      io.stdout.write(`${style.cyan(event.kind.padEnd(8))} ${typeable(io, event.text)}\n`);
  };
  const role = textOption(options, "role");
  const provider = project.config.agents[role ?? firstRole(project)]?.provider ?? "";
  const report = isVendor(provider)
    ? await runAgentCli(project, role ?? firstRole(project), provider, agentProgram(io), io.context, show)
    : await runAgentSession(project, role, io.context, show);
  return outcome(report, "");
}
