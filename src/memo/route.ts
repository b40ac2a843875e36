import { Exit, VibeopsError } from "../errors.ts";
import { explainMailGrant } from "../project/grants.ts";
import { loadPeer, readPeers, requirePeer } from "../project/peers.ts";
import type { Project } from "../project/project.ts";
import { nearest } from "../text/similar.ts";
import { type Address, formatAddress, parseAddress } from "./address.ts";
import { findByMonth, SENT } from "./mailbox.ts";
import type { Memo } from "./memo.ts";

/** Where a memo goes: into this project, to a peer's folder on this machine, or into the queue for one elsewhere. */
export interface Route {
  /** As it stands in the memo: with the receiver's own project name where that is known. */
  to: Address;
  /** The peer's entry in vibeops.yaml; null for mail within the project. */
  peer: string | null;
  /** Null where the peer cannot be read from here. */
  receiver: Project | null;
}

/** Whether mail for a peer travels by `vibeops sync`. */
export function isCarriedByGit(project: Project, peer: string | null): boolean {
  return peer !== null && project.config.peers[peer]?.git !== undefined;
}

/** Expands `@peers` and parses the rest. @throws VibeopsError `memo.route` */
export function expandRecipients(project: Project, names: readonly string[]): Address[] {
  const all = names.flatMap((name) => {
    if (name !== "@peers") return [parseAddress(name)];
    const peers = Object.keys(project.config.peers);
    if (peers.length > 0) return peers.map((peer) => ({ project: peer }));
    throw new VibeopsError({
      code: "peer.none",
      exit: Exit.usage,
      message: `${project.name} has no peers`,
      fix: "run: vibeops init --peer ../other-project",
    });
  });
  // Somebody who is named twice gets one copy.
  return [...new Map(all.map((address) => [formatAddress(address), address])).values()];
}

/** Who writes is one of the project's agents. @throws VibeopsError `memo.route` */
export function requireOwnRole(project: Project, role: string | undefined): void {
  if (role !== undefined) requireRole(project, { role, project: project.name });
}

/**
 * Finds the receiver and asks both ends: the sender lists its peers, the receiver whom it accepts.
 *
 * @throws VibeopsError `peer.unknown`, `grant.missing` (exit 5) with the line to add, `memo.route` for an unknown role
 */
export function planRoute(
  project: Project,
  to: Address,
  about: { type: string; replyTo?: string | undefined; now: Date },
): Route {
  if (to.project === project.name) {
    requireRole(project, to);
    return { to, peer: null, receiver: project };
  }
  requirePeer(project, to.project);
  const receiver = loadPeer(project, to.project);
  if (receiver === null) return { to, peer: to.project, receiver };
  const address = { ...to, project: receiver.name };
  requireRole(receiver, address);
  if (about.replyTo === undefined || !isReplyWelcome(receiver, about.replyTo)) {
    requireGrant(project, receiver, about);
  }
  return { to: address, peer: to.project, receiver };
}

/**
 * The route of a memo that is written already.
 *
 * @throws VibeopsError as {@link planRoute}; `memo.misnamed` where its receiver would set it aside
 */
export function planRouteOf(project: Project, { to, type, replyTo }: Memo, now: Date): Route {
  const route = planRoute(project, addressHere(project, to), { type, replyTo, now });
  // Written while the peer was not there, under the name of its entry here.
  if (route.receiver === null || route.to.project === to.project) return route;
  throw misnamed(to, route.to);
}

function misnamed(written: Address, { project }: Address): VibeopsError {
  return new VibeopsError({
    code: "memo.misnamed",
    exit: Exit.conflict,
    message: `it is addressed to '${written.project}', and that project calls itself '${project}'`,
    fix: `list the peer as '${project}', write the memo again, and delete the one that waits`,
  });
}

/**
 * An address that stands in a memo, as this project writes it: a project is named there as it calls itself, which may
 * be another name than that of the peer's entry here. Where two peers call themselves so, it stays as it is.
 */
export function addressHere(project: Project, address: Address): Address {
  const { project: name } = address;
  if (name === project.name || Object.hasOwn(project.config.peers, name)) return address;
  const [peer, ...others] = readPeers(project).filter((one) => one.project?.name === name);
  return peer === undefined || others.length > 0 ? address : { ...address, project: peer.peer };
}

function requireRole(receiver: Project, to: Address): void {
  const roles = Object.keys(receiver.config.agents);
  if (to.role === undefined || roles.includes(to.role)) return;
  const near = nearest(to.role, roles);
  throw new VibeopsError({
    code: "memo.route",
    exit: Exit.notFound,
    message: `${receiver.name} has no agent '${to.role}'${near === undefined ? "" : `; did you mean '${near}'?`}`,
    fix: `its agents: ${roles.map((role) => formatAddress({ role, project: receiver.name })).join(", ")}`,
  });
}

/** A reply to a memo that the receiver sent needs no grant of its own. */
function isReplyWelcome(receiver: Project, replyTo: string): boolean {
  return findByMonth(receiver.root, SENT, replyTo) !== null;
}

function requireGrant(project: Project, receiver: Project, about: { type: string; now: Date }): void {
  const answer = explainMailGrant(receiver, project, about.type, about.now);
  if (answer.granted) return;
  throw new VibeopsError({
    code: "grant.missing",
    exit: Exit.refused,
    message: `${answer.reason}; nothing was sent`,
    file: answer.file,
    line: answer.line,
    fix: answer.fix,
  });
}
