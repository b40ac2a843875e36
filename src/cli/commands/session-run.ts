import type { AgentEvent } from "../../agent/agent-report.ts";
import { runAgentSession } from "../../agent/run-session.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
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
  const report = await runAgentSession(project, textOption(options, "role"), io.context, show);
  return outcome(report, "");
}
