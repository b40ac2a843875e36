import { type Check, ok } from "../platform/check.ts";
import type { Context } from "../platform/context.ts";
import { checkOf } from "../project/checks.ts";
import { PROJECT_FILE } from "../project/discovery.ts";
import type { Project } from "../project/project.ts";
import { counted } from "../text/counted.ts";
import { findMailKey, mailIdentity } from "./mail-key.ts";
import { readMailRemote } from "./mail-remote.ts";
import { readSeen } from "./seen.ts";

/**
 * Peers whose mail goes through git: whether their address, our key and the note of what was seen can be used, and
 * whose signature counts. Asks no server: `vibeops sync --dry-run` does.
 */
export async function checkMesh(project: Project, context: Context): Promise<Check[]> {
  const peers = Object.entries(project.config.peers).filter(([, { git }]) => git !== undefined);
  if (peers.length === 0) return [];
  const identity = await mailIdentity(project, context);
  const wrong = [
    ...checkKey(project, identity, context),
    ...peers.flatMap(([peer]) => checkPeer(project, peer, identity, context)),
    ...peers.flatMap(([peer, { signers }]) => (signers === undefined ? [unsigned(project, peer)] : [])),
  ];
  return wrong.length > 0 ? wrong : [ok("mesh", `mail by git with ${counted(peers.length, "peer")}`)];
}

function checkKey(project: Project, identity: string, { env }: Context): Check[] {
  try {
    if (findMailKey(identity, env) !== null) return [];
  } catch (error) {
    return [checkOf(error, project.root)];
  }
  const what = "this project has no mail key on this machine yet, so its peers cannot know its mail";
  return [{ name: "mesh.no-key", status: "warning", what, fix: "vibeops sync makes one and shows its line" }];
}

function checkPeer(project: Project, peer: string, identity: string, { env }: Context): Check[] {
  try {
    readSeen(identity, readMailRemote(project, peer, env), env);
    return [];
  } catch (error) {
    return [checkOf(error, project.root)];
  }
}

function unsigned(project: Project, peer: string): Check {
  return {
    name: "mesh.no-signers",
    status: "warning",
    what: `no signers are listed for the peer ${peer}, so nothing of its mail counts`,
    file: PROJECT_FILE,
    line: project.lineOf(["peers", peer]),
    fix: `ask its owner for the line that vibeops sync shows there, and add it under peers.${peer}.signers`,
  };
}
