import { join } from "node:path";
import { type Check, ok } from "../platform/check.ts";
import { counted } from "../text/counted.ts";
import { PROJECT_FILE } from "./discovery.ts";
import { covers, describeUntil, endingGrants, grantsFrom, hasExpired, type PlacedGrant } from "./grants.ts";
import { listGrants } from "./list-grants.ts";
import { type PeerFolder, readPeer } from "./peers.ts";
import type { Project } from "./project.ts";

/** Peers that are gone, broken or cannot be told apart, and grants that have ended, end soon, or hold at one end only. */
export function checkPeers(project: Project, now: Date): Check[] {
  const peers = Object.keys(project.config.peers).map((peer) => readPeer(project, peer));
  const wrong = [
    ...peers.flatMap((peer) => checkReachable(project, peer)),
    ...checkNames(project, peers),
    ...checkEnds(project, now),
    ...checkSides(project, now),
  ];
  if (wrong.length > 0) return wrong;
  return [
    ok("peers", peers.length === 0 ? "no peers yet" : `${counted(peers.length, "peer")} and what is granted`),
  ];
}

function at(project: Project, line: number | null | undefined): Pick<Check, "file" | "line"> {
  return { file: join(project.root, PROJECT_FILE), ...(line ? { line } : {}) };
}

function checkReachable(project: Project, { peer, project: theirs, error }: PeerFolder): Check[] {
  const place = project.config.peers[peer];
  if (theirs !== null || place?.path === undefined) return [];
  const line = project.lineOf(["peers", peer]);
  if (error !== undefined) {
    const { message, file, line: theirLine, fix } = error;
    const what = `the peer ${peer} cannot be read, so its mail cannot be confirmed: ${message}`;
    return [{ name: "peer.broken", status: "warning", what, file, line: theirLine, fix }];
  }
  const what = `the peer ${peer} is gone: there is no project in ${place.path}, and mail to it waits`;
  const fix = "correct its path, or take the entry out";
  return [{ name: "peer.gone", status: "warning", what, ...at(project, line), fix }];
}

/** A memo names its sender by the project's name: where two could be meant, or it is ours, nobody guesses. */
function checkNames(project: Project, peers: readonly PeerFolder[]): Check[] {
  const nameOf = (peer: PeerFolder) => peer.project?.name ?? peer.peer;
  const fix = "give each project a name of its own (project: in its vibeops.yaml), and list it under that";
  return peers.flatMap((one, i): Check[] => {
    const place = at(project, project.lineOf(["peers", one.peer]));
    if (nameOf(one) === project.name) {
      const what = `the peer ${one.peer} is called ${project.name} as well, as this project is`;
      return [{ name: "peer.own-name", status: "error", what, ...place, fix }];
    }
    const others = peers.slice(i + 1);
    const twin = others.find((other) => one.project !== null && other.project?.root === one.project.root);
    if (twin !== undefined) {
      const what = `${one.peer} and ${twin.peer} are one folder; grants for the second are never looked at`;
      return [{ name: "peer.twice", status: "warning", what, ...place, fix: "take one of the entries out" }];
    }
    const namesake = others.find(
      (other) => nameOf(one) === nameOf(other) || nameOf(one) === other.peer || nameOf(other) === one.peer,
    );
    if (namesake === undefined) return [];
    const what = `mail from '${nameOf(one)}' may come from ${one.peer} or ${namesake.peer}, so it is not taken in`;
    return [{ name: "peer.ambiguous", status: "error", what, ...place, fix }];
  });
}

function checkEnds(project: Project, now: Date): Check[] {
  const all = grantsFrom(project);
  const replaced = ({ grant }: PlacedGrant) =>
    all.some(({ grant: other }) => other !== grant && !hasExpired(other, now) && covers(other, grant));
  const ended = all.filter((placed) => hasExpired(placed.grant, now) && !replaced(placed));
  return [
    ...ended.map(({ grant, line }): Check => {
      const what = `what ${grant.from} was granted holds ${describeUntil(grant, now)}`;
      const fix = `take the line out, or renew it: vibeops grant add ${grant.from} --until DAY`;
      return { name: "grant.ended", status: "warning", what, ...at(project, line), fix };
    }),
    ...endingGrants(project, now).map(({ grant, line }): Check => {
      const what = `what ${grant.from} is granted holds ${describeUntil(grant, now)}`;
      const fix = `vibeops grant add ${grant.from} --until DAY`;
      return { name: "grant.ending", status: "warning", what, ...at(project, line), fix };
    }),
  ];
}

function checkSides(project: Project, now: Date): Check[] {
  const { accepts, peers } = listGrants(project, now);
  const live = accepts.filter(({ state }) => state !== "ended");
  return [
    ...live.flatMap(({ from, oneSided, line }): Check[] => {
      if (oneSided === null) return [];
      const what = `${from} is granted something here and lacks the other half: ${oneSided}`;
      const fix = `vibeops grant revoke ${from}, or in the other project: vibeops init --peer <this folder>`;
      return [{ name: "grant.one-sided", status: "warning", what, ...at(project, line), fix }];
    }),
    ...peers.flatMap(({ peer, accepts: answer, why }): Check[] => {
      if (answer !== "no") return [];
      const what = `${peer} is a peer here and takes no mail from us: ${why}`;
      const fix = `see: vibeops grant explain . ${peer}`;
      return [
        {
          name: "grant.not-given",
          status: "warning",
          what,
          ...at(project, project.lineOf(["peers", peer])),
          fix,
        },
      ];
    }),
  ];
}
