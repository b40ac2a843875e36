import { existsSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import { nearest } from "../text/similar.ts";
import { PROJECT_FILE } from "./discovery.ts";
import { loadProject, type Project } from "./project.ts";

/** A peer's folder on this machine; null where it lives elsewhere (git) or cannot be reached now. */
function peerRoot(project: Project, peerName: string): string | null {
  const path = project.config.peers[peerName]?.path;
  if (path === undefined) return null;
  const root = resolve(project.root, path);
  return existsSync(join(root, PROJECT_FILE)) ? realpathSync(root) : null;
}

/** A peer that can be read here, as a project of its own; null where {@link peerRoot} is. */
export function loadPeer(project: Project, peerName: string): Project | null {
  const root = peerRoot(project, peerName);
  return root === null ? null : loadProject(root);
}

/** A peer as far as it can be read from here now. */
export interface PeerFolder {
  /** Its name in our vibeops.yaml. */
  peer: string;
  /** Null where it is elsewhere, or where its vibeops.yaml cannot be read: `error` says why then. */
  project: Project | null;
  error?: VibeopsError;
}

/** All peers; one that is broken keeps nobody from the others. A folder that is listed twice comes once. */
export function readPeers(project: Project): PeerFolder[] {
  const peers = Object.keys(project.config.peers).map((peer) => readPeer(project, peer));
  return peers.filter(({ project: own }, i) => {
    return own === null || peers.findIndex((other) => other.project?.root === own.root) === i;
  });
}

/** One peer, whatever keeps it from being read. */
export function readPeer(project: Project, peer: string): PeerFolder {
  try {
    return { peer, project: loadPeer(project, peer) };
  } catch (error) {
    if (error instanceof VibeopsError) return { peer, project: null, error };
    if (isSystemError(error, "EACCES", "ELOOP", "ENAMETOOLONG", "ENOENT")) return { peer, project: null };
    throw error;
  }
}

/** @throws VibeopsError `peer.unknown` with the lines to add */
export function requirePeer(project: Project, peerName: string): void {
  if (Object.hasOwn(project.config.peers, peerName)) return;
  const near = nearest(peerName, Object.keys(project.config.peers));
  throw new VibeopsError({
    code: "peer.unknown",
    exit: Exit.refused,
    message: `${project.name} has no peer '${peerName}'${near === undefined ? "" : `; did you mean '${near}'?`}`,
    file: join(project.root, PROJECT_FILE),
    line: project.lineOf(["peers"]),
    fix:
      near === undefined
        ? `add under peers: "${peerName}: { path: ../${peerName} }", or run: vibeops init --peer ../${peerName}`
        : `write ${near}; a further peer is added by: vibeops init --peer ../${peerName}`,
  });
}

/** Under which name `project` lists the project in folder `root` as a peer; null where it does not. */
export function peerNameOf(project: Project, root: string): string | null {
  return Object.keys(project.config.peers).find((name) => peerRoot(project, name) === root) ?? null;
}
