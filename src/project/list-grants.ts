import { join } from "node:path";
import { PROJECT_FILE } from "./discovery.ts";
import { daysLeft, endsSoon, grantsFrom, hasExpired, type PlacedGrant, type Readable } from "./grants.ts";
import type { MemoType } from "./memo-types.ts";
import { type PeerFolder, peerNameOf, readPeer } from "./peers.ts";
import type { Project } from "./project.ts";

/** One line under `accepts`, and what it is worth today. */
export interface ListedGrant {
  from: string;
  /** Null: all types. */
  types: readonly MemoType[] | null;
  read: readonly Readable[];
  /** Null: without an end. */
  until: string | null;
  daysLeft: number | null;
  state: "holds" | "ending" | "ended";
  /** Of vibeops.yaml. */
  file: string;
  line: number | null;
  /** Why it lets nobody in as things are, where that is so. */
  oneSided: string | null;
}

/** A peer to whom we may write, as far as can be seen from here. */
export interface ListedPeer {
  peer: string;
  /** The folder or the address, as vibeops.yaml has it. */
  place: string;
  /** `unknown` where its vibeops.yaml cannot be read from here. */
  accepts: "yes" | "no" | "unknown";
  /** What it takes from us, where it does. */
  grants: readonly ListedGrant[];
  /** Why it does not, or why nobody knows. */
  why: string | null;
}

export interface GrantList {
  project: string;
  /** Who may write here, and who may read. */
  accepts: readonly ListedGrant[];
  /** To whom this project may write. */
  peers: readonly ListedPeer[];
}

/** Everything that this project grants, and what its peers grant it. Reads their vibeops.yaml and nothing else. */
export function listGrants(project: Project, now: Date): GrantList {
  const others = new Map(Object.keys(project.config.peers).map((peer) => [peer, readPeer(project, peer)]));
  return {
    project: project.name,
    accepts: grantsFrom(project).map((placed) => ({
      ...listed(project, placed, now),
      oneSided: whyNobody(project, others.get(placed.grant.from)),
    })),
    peers: [...others].map(([peer, other]) => listPeer(project, peer, other, now)),
  };
}

function listed(project: Project, { grant, line }: PlacedGrant, now: Date): ListedGrant {
  return {
    from: grant.from,
    types: grant.types ?? null,
    read: grant.read ?? [],
    until: grant.until ?? null,
    daysLeft: daysLeft(grant, now),
    state: hasExpired(grant, now) ? "ended" : endsSoon(grant, now) ? "ending" : "holds",
    file: join(project.root, PROJECT_FILE),
    line: line ?? null,
    oneSided: null,
  };
}

function whyNobody(project: Project, other: PeerFolder | undefined): string | null {
  if (other === undefined) return "no entry under peers here has that name";
  if (other.project === null || peerNameOf(other.project, project.root) !== null) return null;
  return `${other.project.name} does not list ${project.name} as a peer, so it neither writes nor reads here`;
}

function listPeer(project: Project, peer: string, other: PeerFolder, now: Date): ListedPeer {
  const entry = project.config.peers[peer];
  const place = entry?.path ?? entry?.git ?? "";
  const no = (why: string, reading: readonly ListedGrant[] = []): ListedPeer => {
    return { peer, place, accepts: "no", grants: reading, why };
  };
  if (other.project === null) {
    const why =
      entry?.git === undefined ? "its folder is not there, or no project" : "it is on another machine";
    return { peer, place, accepts: "unknown", grants: [], why: other.error?.message ?? why };
  }
  const theirs = other.project;
  const alias = peerNameOf(theirs, project.root);
  if (alias === null) return no(`${theirs.name} does not list ${project.name} as a peer`);
  const grants = grantsFrom(theirs, alias).map((placed) => listed(theirs, placed, now));
  const live = grants.filter(({ state }) => state !== "ended");
  if (grants.length === 0) return no(`${theirs.name} accepts nothing from ${alias}`);
  if (live.length === 0) return no(`what ${theirs.name} accepted from ${alias} has ended`);
  if (live.every(({ types }) => types?.length === 0))
    return no(`${theirs.name} takes no mail from ${alias}`, live);
  return { peer, place, accepts: "yes", grants: live, why: null };
}
