import { settingsHere } from "../../agent/vendors/plan-agents.ts";
import { vendors } from "../../agent/vendors/vendor.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { agentProgram } from "../agent-program.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";

export async function runAgentsList(io: Io, _args: readonly string[], _options: Options): Promise<Outcome> {
  const root = findProjectRoot(io.cwd);
  const program = agentProgram(io.context.env);
  const agents = vendors.map((vendor) => {
    const { settings, state } = settingsHere(root, vendor, program);
    return { vendor, configured: state === "all", notes: settings.notes };
  });
  const lines = agents.map(({ vendor, configured }) => {
    return `${vendor.padEnd(7)} ${configured ? "set up" : `not set up: vibeops agents add ${vendor}`}`;
  });
  return outcome({ agents }, lines.join("\n"));
}
