import type { Candidate } from "../../agent/commands/candidate.ts";
import {
  applyChanges,
  type FileChange,
  planAdding,
  planRemoving,
  vendorSettings,
} from "../../agent/vendors/plan-agents.ts";
import { type Vendor, vendors } from "../../agent/vendors/vendor.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { agentProgram } from "../agent-program.ts";
import { flagOption, type Options } from "../command.ts";
import type { Io } from "../io.ts";
import { describeStopped, stoppedHere } from "../named-commands.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { describeChange, renderChanges } from "../render-changes.ts";
import { lineWidth, renderLabelled } from "../style.ts";
import { among } from "../values.ts";

export async function runAgentsAdd(
  io: Io,
  [name = ""]: readonly string[],
  options: Options,
): Promise<Outcome> {
  const vendor = requireVendor(name);
  const root = findProjectRoot(io.cwd);
  const settings = vendorSettings(vendor, agentProgram(io.context.env));
  const stopped = stoppedHere(root);
  const notes = [...settings.notes, ...describeStopped(stopped)];
  return await change(io, root, planAdding(root, settings), options, notes, stopped);
}

export async function runAgentsRemove(
  io: Io,
  [name = ""]: readonly string[],
  options: Options,
): Promise<Outcome> {
  const vendor = requireVendor(name);
  const root = findProjectRoot(io.cwd);
  return await change(io, root, planRemoving(root, vendor), options, []);
}

async function change(
  io: Io,
  root: string,
  changes: readonly FileChange[],
  options: Options,
  notes: readonly string[],
  stopped?: readonly Candidate[],
): Promise<Outcome> {
  const isDry = flagOption(options, "dryRun");
  if (!isDry) await applyChanges(root, changes);
  const data = { files: changes.map(describeChange), notes, written: !isDry, ...(stopped && { stopped }) };
  return outcome(
    data,
    [
      ...renderChanges(io, changes, isDry),
      ...notes.map((note) => renderLabelled("  note    ", note, lineWidth(io))),
    ].join("\n"),
  );
}

function requireVendor(name: string): Vendor {
  return among(`we know no agent CLI '${name}'`, name, vendors);
}
