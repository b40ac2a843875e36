import { Exit, VibeopsError } from "../errors.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import { formatOf } from "./blob-id.ts";
import type { Link } from "./link.ts";
import { type MailCommit, mailRef } from "./mail-commit.ts";
import {
  emptyTree,
  listMailFolder,
  type MailFile,
  type OwnTree,
  readAcknowledgements,
  readOwnTree,
} from "./mail-tree.ts";
import { closeScratch, openScratch } from "./scratch.ts";
import { fetchHead, listHeads } from "./transport.ts";
import { describeKey, readMailCommit, verifyHead } from "./verify-head.ts";

/** Our own ref on a remote; both empty before the first push. */
export interface OwnHead {
  readonly commit: MailCommit | null;
  readonly tree: OwnTree;
}

/** What a peer's ref holds for us; its signature was found to be the peer's. */
export interface PeerMail {
  readonly commit: MailCommit;
  readonly files: readonly MailFile[];
  /** Of our memos. */
  readonly acknowledged: readonly Acknowledgement[];
}

/** What was found on a remote. */
export interface Sighting {
  readonly format: "sha1" | "sha256";
  /** Null where nothing is to be said there. */
  readonly own: OwnHead | null;
  readonly mail: ReadonlyMap<string, PeerMail>;
  /** Why a peer's ref was not read. */
  readonly problems: ReadonlyMap<string, VibeopsError>;
  /** Our own ref is older than what we wrote, or gone: the server lost something. What waits is sent again. */
  readonly wentBack: boolean;
}

/**
 * Looks at a remote, and changes nothing there or here: which refs moved, who signed them, what they hold.
 *
 * @throws VibeopsError `mesh.unreachable`, `mesh.server`, `mesh.taken` where our own ref is somebody else's
 */
export async function lookAtRemote(link: Link): Promise<Sighting> {
  const { project, peers, seen, transport, remote } = link;
  const ownRef = mailRef(project.name);
  const heads = await listHeads(transport, link.scratch, remote, [ownRef, ...peers.map(mailRef)]);
  const format = formatOf([...heads.values()][0] ?? "");
  if (format === "sha256") await reopen(link);
  const ownHead = heads.get(ownRef) ?? null;
  const known = ownHead === (seen.own?.head ?? null);
  const settled = (peer: string) => {
    const head = heads.get(mailRef(peer)) ?? null;
    const last = seen.peers.get(peer);
    return head === (last?.head ?? null) && (last?.settled ?? true);
  };
  if (known && link.outgoing.length === 0 && peers.every(settled)) {
    return { format, own: null, mail: new Map(), problems: noSigners(link), wentBack: false };
  }
  const own = await readOwnHead(link, ownHead);
  const wentBack = isBehind(link, own);
  const unread = noSigners(link);
  const moved = peers.filter((peer) => wentBack || unread.has(peer) || !settled(peer));
  return { format, own, wentBack, ...(await readPeers(link, moved, heads)) };
}

/** The server lost commits of ours. Peers that saw them believe nothing older: only one that counts on is believed. */
export function isBehind({ seen }: Link, { commit }: OwnHead): boolean {
  return (commit?.sequence ?? 0) < (seen.own?.sequence ?? 0);
}

/** One that is broken or hostile keeps nobody from the others. */
async function readPeers(
  link: Link,
  peers: readonly string[],
  heads: ReadonlyMap<string, string>,
): Promise<Pick<Sighting, "mail" | "problems">> {
  const mail = new Map<string, PeerMail>();
  const problems = new Map<string, VibeopsError>();
  for (const peer of peers) {
    try {
      const found = await readPeerMail(link, peer, heads.get(mailRef(peer)) ?? null);
      if (found !== null) mail.set(peer, found);
    } catch (error) {
      if (!(error instanceof VibeopsError) || error.code === "mesh.interrupted") throw error;
      problems.set(peer, error);
    }
  }
  return { mail, problems };
}

/** Goes on in a repository whose objects have SHA-256 names, as the remote's. */
export async function reopen(link: Link): Promise<void> {
  closeScratch(link.scratch);
  link.scratch = await openScratch(link.context.env, "sha256");
}

/** Their refs are looked at once more whenever there is something else to do there. */
function noSigners({ project, peers }: Link): Map<string, VibeopsError> {
  const without = peers.filter((peer) => project.config.peers[peer]?.signers === undefined);
  return new Map(without.map((peer) => [peer, unlisted(peer, null)]));
}

function unlisted(peer: string, signer: string | null): VibeopsError {
  const seen = signer === null ? "" : `; its mail is signed by ${describeKey(signer)}`;
  const line = signer ?? "the line that vibeops sync prints there";
  return new VibeopsError({
    code: "mesh.no-signers",
    exit: Exit.humanNeeded,
    message: `vibeops.yaml lists no signers for ${peer}, so nothing of its mail counts${seen}`,
    fix: `compare the fingerprint with its owner, then add under peers.${peer}: signers: ["${line}"]`,
  });
}

/** Our own ref as it is there now. @throws VibeopsError `mesh.taken` */
async function readOwnHead(link: Link, head: string | null): Promise<OwnHead> {
  if (head === null) return { commit: null, tree: emptyTree };
  const { project, scratch, key, transport, remote } = link;
  const id = await fetchHead(transport, scratch, remote, mailRef(project.name));
  const signers = [...(key === null ? [] : [key.line]), ...(project.config.signers ?? [])];
  try {
    const commit = await readMailCommit(scratch, id);
    await verifyHead(commit, { sender: project.name, signers, scratch, env: link.context.env });
    return { commit, tree: await readOwnTree(scratch, id) };
  } catch (error) {
    if (!(error instanceof VibeopsError) || !error.code.startsWith("mesh.")) throw error;
    throw taken(link, error);
  }
}

function taken({ project, remote }: Link, cause: VibeopsError): VibeopsError {
  return new VibeopsError({
    code: "mesh.taken",
    exit: Exit.humanNeeded,
    message: `somebody else writes ${mailRef(project.name)} on ${remote.url}: ${cause.message}`,
    fix: "another project has this name: rename one of them, or use another repository; if it is this project on another machine, list that key under signers: in vibeops.yaml",
    cause,
  });
}

async function readPeerMail(link: Link, peer: string, head: string | null): Promise<PeerMail | null> {
  const { project, scratch, seen, transport, remote } = link;
  const last = seen.peers.get(peer);
  const signers = project.config.peers[peer]?.signers;
  if (head === null) {
    if (last !== undefined)
      throw rolledBack(peer, `its ref is gone, and held commit ${last.sequence} before`);
    if (signers === undefined) throw unlisted(peer, null);
    return null;
  }
  const id = await fetchHead(transport, scratch, remote, mailRef(peer));
  const commit = await readMailCommit(scratch, id);
  if (signers === undefined) throw unlisted(peer, commit.signer);
  await verifyHead(commit, { sender: peer, signers, scratch, env: link.context.env });
  refuseOldHead(peer, commit, last);
  return {
    commit,
    files: await listMailFolder(scratch, id, `to/${project.name}`),
    acknowledged: await readAcknowledgements(scratch, id, project.name),
  };
}

/** Whoever signs counts: a head that counts less, or as much and is another one, was signed before. */
function refuseOldHead(
  peer: string,
  { id, sequence }: MailCommit,
  last: { head: string; sequence: number } | undefined,
): void {
  if (last === undefined || sequence > last.sequence || id === last.head) return;
  throw rolledBack(
    peer,
    `it is at commit ${sequence} (${id.slice(0, 12)}) and was at ${last.sequence} before`,
  );
}

function rolledBack(peer: string, what: string): VibeopsError {
  return new VibeopsError({
    code: "mesh.rolled-back",
    exit: Exit.humanNeeded,
    message: `${peer}'s ref went back: ${what}; nothing was taken from it`,
    fix: `ask whoever looks after the server what happened; ${peer}'s next sync puts it right`,
  });
}

/** The newest commit of our own ref, asked for again after a lost race. */
export async function readOwnHeadAgain(link: Link): Promise<OwnHead> {
  const ref = mailRef(link.project.name);
  const heads = await listHeads(link.transport, link.scratch, link.remote, [ref]);
  return await readOwnHead(link, heads.get(ref) ?? null);
}
