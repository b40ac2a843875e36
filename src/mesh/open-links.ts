import { VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import type { Project } from "../project/project.ts";
import type { Link, Outgoing } from "./link.ts";
import type { MailKey } from "./mail-key.ts";
import { type MailRemote, readMailRemote } from "./mail-remote.ts";
import { openScratch } from "./scratch.ts";
import { readSeen } from "./seen.ts";
import type { Transport } from "./transport.ts";

/** What all links of one sync share. */
export interface LinkBase {
  readonly project: Project;
  readonly context: Context;
  readonly identity: string;
  readonly key: MailKey | null;
  readonly transport: Transport;
}

/**
 * One link for each remote. A peer whose address or note is broken gets none, and keeps nobody else from theirs.
 *
 * @param onProblem called with each peer that gets no link
 */
export async function openLinks(
  base: LinkBase,
  peers: readonly string[],
  outgoing: readonly Outgoing[],
  onProblem: (peer: string, error: VibeopsError) => void,
): Promise<Link[]> {
  const byRemote = new Map<string, { remote: MailRemote; peers: string[] }>();
  for (const peer of peers) {
    await attempt(peer, onProblem, async () => {
      const remote = readMailRemote(base.project, peer, base.context.env);
      const group = byRemote.get(remote.key) ?? { remote, peers: [] };
      group.peers.push(peer);
      byRemote.set(remote.key, group);
    });
  }
  const links: Link[] = [];
  for (const { remote, peers: there } of byRemote.values()) {
    await attempt(there, onProblem, async () => {
      const seen = readSeen(base.identity, remote, base.context.env);
      const scratch = await openScratch(base.context.env);
      const waiting = outgoing.filter(({ peer }) => there.includes(peer));
      links.push({ ...base, remote, seen, scratch, peers: there, outgoing: waiting });
    });
  }
  return links;
}

/** Runs a step for these peers; where it fails for a reason that we know, they are told, and nobody else. */
export async function attempt(
  peers: string | readonly string[],
  onProblem: (peer: string, error: VibeopsError) => void,
  act: () => Promise<void>,
): Promise<void> {
  try {
    await act();
  } catch (error) {
    if (!(error instanceof VibeopsError) || error.code === "mesh.interrupted") throw error;
    for (const peer of typeof peers === "string" ? [peers] : peers) onProblem(peer, error);
  }
}
