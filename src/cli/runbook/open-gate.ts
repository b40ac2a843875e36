import { requireGit } from "../../platform/git.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import type { Gate } from "../../runbook/gate.ts";
import type { Io } from "../io.ts";

/** What every command that asks the gate hands to it. */
export function openGate(io: Io): Gate {
  const project = loadProject(findProjectRoot(io.cwd));
  return { project, git: requireGit(project.root, io.context.env), context: io.context };
}
