import { checkCapacity } from "../../deploy/capacity/check-capacity.ts";
import { readStacks } from "../../deploy/capacity/read-stacks.ts";
import { Exit } from "../../errors.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadInventory } from "../../project/inventory.ts";
import { loadProject } from "../../project/project.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { renderFindings } from "../render-findings.ts";

export async function runInventoryCheck(
  io: Io,
  _args: readonly string[],
  _options: Options,
): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const loaded = loadInventory(project);
  const findings = checkCapacity(loaded, readStacks(project, loaded));
  const failed = findings.some(({ level }) => level === "error");
  return outcome({ findings }, renderFindings(findings, io), failed ? Exit.invalid : Exit.ok);
}
