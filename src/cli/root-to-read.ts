import { findProjectRoot } from "../project/discovery.ts";
import type { Readable } from "../project/grants.ts";
import { type Options, textOption } from "./command.ts";
import type { Io } from "./io.ts";

/**
 * The folder of the project that a reading command reads: the one here, or with `--project PEER` a peer's that grants
 * it to this one. What asks for the grant is loaded only then.
 *
 * @throws VibeopsError `project.missing`; `peer.unknown`, `peer.elsewhere`, `grant.missing`
 */
export async function findRootToRead(io: Io, options: Options, what: Readable): Promise<string> {
  const root = findProjectRoot(io.cwd);
  const peer = textOption(options, "project");
  if (peer === undefined) return root;
  const { requireReadGrant } = await import("../project/grants.ts");
  const { loadProject } = await import("../project/project.ts");
  return requireReadGrant(loadProject(root), peer, what, io.context.now()).root;
}
