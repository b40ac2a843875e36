import { join } from "node:path";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import { readIfExists } from "../platform/files.ts";
import { findGit } from "../platform/git.ts";
import { idMonth } from "../platform/ids.ts";
import { quoteAlways } from "../platform/quote.ts";
import { sameBytes } from "../platform/replace.ts";
import { explainMailGrant, hasExpired } from "../project/grants.ts";
import type { PeerFolder } from "../project/peers.ts";
import type { Project } from "../project/project.ts";
import { type FindKept, isSparse } from "./kept-memos.ts";
import { SENT, type StoredMemo } from "./mailbox.ts";
import { parseMemo } from "./memo.ts";

/**
 * How far we know that a memo is its sender's: `confirmed` by the copy that the sender keeps or by its signature, or
 * `unconfirmed` where neither can be read from here.
 */
export type Standing = "confirmed" | "unconfirmed";

/** What of the receiver a memo is held against; read once for all that arrive together. */
export interface Receiver {
  project: Project;
  peers: readonly PeerFolder[];
  /** Our copy of a memo that we sent, by its id. */
  findSent: FindKept;
  /** Whether these bytes came under a signature of the peer that the memo names. */
  isVouched: (stored: StoredMemo) => boolean;
}

/**
 * Asks the receiver's own files whether this memo may come in.
 *
 * @throws VibeopsError `memo.misdelivered`, `memo.unknown-sender`, `peer.ambiguous`, `memo.not-granted`,
 *   `memo.forged`, with the line to add where a line would change it. An error that names another file than the
 *   memo's is no fault of the memo
 */
export function checkSender(receiver: Receiver, stored: StoredMemo, now: Date): Standing {
  const { project } = receiver;
  const { memo } = stored;
  if (memo.to.project !== project.name) {
    const message = `this memo is addressed to '${memo.to.project}', not to ${project.name}`;
    throw refusal(stored, "memo.misdelivered", message, "send it there");
  }
  const isOwn = memo.from.project === project.name;
  const sender = isOwn ? { peer: project.name, project } : findSender(receiver, stored);
  if (!isOwn && !isReplyToUs(receiver, stored, now)) requireGrant(project, sender, stored, now);
  const copy = sender.project === null ? "unreadable" : compareCopy(sender.project, stored);
  if (copy === "same") return "confirmed";
  if (copy === "unreadable" && !isOwn) return receiver.isVouched(stored) ? "confirmed" : "unconfirmed";
  throw forged(stored, sender.peer, copy);
}

/**
 * The peer whose memo this is. Several may use the name that it gives: then the copy decides, and where that does not,
 * nobody guesses. Nor may a peer speak under the name by which another one is listed here.
 */
function findSender({ project, peers }: Receiver, stored: StoredMemo): PeerFolder {
  const name = stored.memo.from.project;
  const fitting = peers.filter((peer) => (peer.project?.name ?? peer.peer) === name);
  if (fitting.length === 0) {
    const fix = `if you want its mail, run: vibeops init --peer <its folder>; then: mv ${quoteAlways(stored.name)} back to memos/incoming`;
    throw refusal(stored, "memo.unknown-sender", `${project.name} has no peer '${name}'`, fix);
  }
  const sender = fitting.length === 1 ? fitting[0] : findByCopy(fitting, stored);
  const namesake = peers.find(({ peer }) => peer === name);
  if (sender !== undefined && (namesake === undefined || isSameFolder(namesake, sender))) return sender;
  const others = [...new Set([...fitting, ...(namesake === undefined ? [] : [namesake])])].map(
    ({ peer }) => peer,
  );
  throw refusal(
    stored,
    "peer.ambiguous",
    `'${name}' may be any of these peers of ${project.name}: ${others.join(", ")}`,
    `give each project a name of its own (project: in its vibeops.yaml) and list it under that; then: mv ${quoteAlways(stored.name)} back to memos/incoming`,
  );
}

function isSameFolder(one: PeerFolder, other: PeerFolder): boolean {
  return one === other || (one.project !== null && one.project.root === other.project?.root);
}

/** The one that keeps the copy, or the only one that might; undefined where that is not one. */
function findByCopy(fitting: readonly PeerFolder[], stored: StoredMemo): PeerFolder | undefined {
  const copies = fitting.map((peer) => ({
    peer,
    copy: peer.project === null ? ("unreadable" as const) : compareCopy(peer.project, stored),
  }));
  const confirming = copies.filter(({ copy }) => copy === "same");
  const possible = confirming.length > 0 ? confirming : copies.filter(({ copy }) => copy === "unreadable");
  if (possible.length === 0) throw forged(stored, fitting.map(({ peer }) => peer).join(", "), "none");
  return possible.length === 1 ? possible[0]?.peer : undefined;
}

type Copy = "same" | "other" | "none" | "unreadable";

function compareCopy(sender: Project, { memo, name }: StoredMemo): Copy {
  try {
    const copy = readIfExists(join(sender.root, SENT, idMonth(memo.id), name));
    if (copy === null) return isLeftOut(sender) ? "unreadable" : "none";
    return sameBytes(copy, Buffer.from(memo.text)) ? "same" : "other";
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    // A link or a pipe in the copy's place vouches for nothing.
    return error.code === "file.unreadable" ? "unreadable" : "none";
  }
}

/** A sparse checkout of the sender's may leave out its copies: that it keeps none cannot be said then. */
function isLeftOut({ root }: Project): boolean {
  try {
    const git = findGit(root, {});
    return git !== null && isSparse(git);
  } catch (error) {
    if (isSystemError(error, "EACCES", "EPERM", "ENOENT", "ENOTDIR", "ELOOP")) return false;
    throw error;
  }
}

function forged(stored: StoredMemo, sender: string, copy: Copy): VibeopsError {
  const what = copy === "other" ? "keeps a copy with other words" : "keeps no copy of it";
  return refusal(stored, "memo.forged", `${sender} ${what}: this memo is not what it sent`, "ask the sender");
}

function requireGrant(project: Project, sender: PeerFolder, stored: StoredMemo, now: Date): void {
  if (sender.project !== null) {
    const answer = explainMailGrant(project, sender.project, stored.memo.type, now);
    if (!answer.granted) throw refusal(stored, "memo.not-granted", answer.reason, answer.fix);
    return;
  }
  // The folder cannot be read from here: its grant is looked up under the name by which it is listed.
  const { type } = stored.memo;
  const granted = project.config.accepts.some(
    (grant) =>
      grant.from === sender.peer &&
      (grant.types === undefined || grant.types.includes(type)) &&
      !hasExpired(grant, now),
  );
  if (granted) return;
  const message = `${project.name} does not accept mail of type ${type} from ${sender.peer}`;
  throw refusal(
    stored,
    "memo.not-granted",
    message,
    `add under accepts: "- { from: ${sender.peer}, types: [${type}] }"`,
  );
}

function refusal({ path }: StoredMemo, code: string, message: string, fix: string): VibeopsError {
  return new VibeopsError({ code, exit: Exit.refused, message, file: path, fix });
}

/** A reply to a memo that this project sent to that sender needs no grant. */
function isReplyToUs({ findSent }: Receiver, { memo }: StoredMemo, now: Date): boolean {
  if (memo.replyTo === undefined) return false;
  const sent = findSent(memo.replyTo);
  if (sent === null) return false;
  return parseMemo(sent.read(), { file: sent.path, now }).to.project === memo.from.project;
}
