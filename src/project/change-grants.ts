import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { requireGit } from "../platform/git.ts";
import { commitChanges, requireIdentity } from "../platform/git-commit.ts";
import { replaceFile } from "../platform/replace.ts";
import { allOrNothing } from "../platform/undo.ts";
import { decodeText } from "../text/decode.ts";
import { readYaml } from "../text/yaml-own.ts";
import { addToConfig, type ConfigAddition } from "./config-edit.ts";
import { PROJECT_FILE } from "./discovery.ts";
import { addGrant, type GrantWish, revokeGrant } from "./grant-edit.ts";
import { formatGrant, hasExpired } from "./grants.ts";
import {
  acceptedTypes,
  aYearAfter,
  endOf,
  loadNeighbour,
  type PeeringEnd,
  planPeerEntry,
} from "./peering.ts";
import { loadPeer, requirePeer } from "./peers.ts";
import { type Project, projectSchema } from "./project.ts";

/** One project's vibeops.yaml before and after, and the edit by itself: HEAD may hold another text than the folder. */
interface GrantEnd extends PeeringEnd {
  root: string;
  /** What the peer is granted then, in a line; the commit's message. */
  summary: string;
  edit: (text: string) => string;
}

export interface GrantPlan {
  /** The peer's name in our vibeops.yaml. */
  peer: string;
  ours: GrantEnd;
  /** Null where the other end is not touched. */
  theirs: GrantEnd | null;
}

/**
 * What `grant add` would write: our own acceptance of a peer, and with `both` theirs of us. The peer is named as it is
 * listed here, or by its folder. Reading is granted by this end alone.
 *
 * @throws VibeopsError `peer.unknown`, `grant.elsewhere`, and as planPeering and addGrant do
 */
export function planGrant(
  ours: Project,
  peer: string,
  wish: GrantWish,
  { now, both, cwd }: { now: Date; both: boolean; cwd: string },
): GrantPlan {
  const other = findOther(ours, peer, cwd);
  const entry = other === null ? { alias: peer, additions: [] } : planPeerEntry(ours, other);
  const end = planEnd(ours, entry, wish, now);
  if (!both) return { peer: entry.alias, ours: end, theirs: null };
  if (other === null) throw elsewhere(ours, peer);
  const back = planPeerEntry(other, ours);
  // Whoever reads has to list what it reads, and lets nobody in by that.
  const isReading = wish.types === undefined && wish.read !== undefined;
  const theirs = isReading
    ? makeEnd(other, back.alias, now, (text) => withPeer(text, back.additions))
    : planEnd(other, back, { types: wish.types, until: wish.until }, now);
  return { peer: entry.alias, ours: end, theirs };
}

/** What `grant revoke` would write: less of what comes in, or of what may be read; the peer stays listed. */
export function planRevoke(
  ours: Project,
  peer: string,
  what: Parameters<typeof revokeGrant>[2],
  now: Date,
): GrantPlan {
  const isNamed = ours.config.accepts.some(({ from }) => from === peer);
  if (!isNamed) requirePeer(ours, peer);
  const end = makeEnd(ours, peer, now, (text) => revokeGrant(text, peer, what));
  if (end.diff !== "") return { peer, ours: end, theirs: null };
  throw new VibeopsError({
    code: "grant.none",
    exit: Exit.notFound,
    message: `nothing of that is granted to ${peer}`,
    file: end.file,
    line: ours.lineOf(["accepts"]),
    fix: "see what is: vibeops grant list",
  });
}

export function hasGrantChanges({ ours, theirs }: GrantPlan): boolean {
  return ours.diff !== "" || (theirs !== null && theirs.diff !== "");
}

/**
 * Writes and commits vibeops.yaml, theirs first: a sandbox that forbids writing there then leaves both as they were.
 * What a person has not finished in the file stays in their working copy, uncommitted.
 *
 * @throws VibeopsError `file.changed` where it is not what was planned on; `peering.half` where one end was written and
 *   committed and the other was not; what git throws, and that end is as it was then
 */
export async function applyGrants({ ours, theirs }: GrantPlan, context: Context): Promise<void> {
  if (theirs !== null) await commitEnd(theirs, context);
  try {
    await commitEnd(ours, context);
  } catch (cause) {
    if (theirs === null || theirs.diff === "") throw cause;
    throw new VibeopsError({
      code: "peering.half",
      exit: Exit.conflict,
      message: `${theirs.file} was written, this file was not: ${cause instanceof Error ? cause.message : String(cause)}`,
      file: ours.file,
      fix: "run the command again: it adds only what is missing",
      cause,
    });
  }
}

async function commitEnd(end: GrantEnd, context: Context): Promise<void> {
  if (end.diff === "") return;
  const target = requireGit(end.root, context.env);
  await requireIdentity(target, context);
  const after = Buffer.from(end.after);
  const edit = (inHead: Buffer | null) =>
    inHead === null ? after : Buffer.from(editCommitted(end, decodeText(inHead, end.file)));
  await allOrNothing(async (undo) => {
    await replaceFile(end.file, Buffer.from(end.before), after, undo);
    await commitChanges(target, [{ path: end.file, edit }], end.summary, context);
  });
}

/** What the folder holds was read already: where the edit fails here, it is what was committed. */
function editCommitted(end: GrantEnd, text: string): string {
  try {
    return end.edit(text);
  } catch (cause) {
    if (!(cause instanceof VibeopsError)) throw cause;
    throw new VibeopsError({
      code: cause.code,
      exit: cause.exit,
      message: `in the last commit: ${cause.message}`,
      file: end.file,
      line: cause.line,
      fix: `commit the file as it is in the folder first: git commit -m 'Mend ${PROJECT_FILE}' ${PROJECT_FILE}`,
      cause,
    });
  }
}

function planEnd(
  own: Project,
  { alias, additions }: { alias: string; additions: readonly ConfigAddition[] },
  wish: GrantWish,
  now: Date,
): GrantEnd {
  const usual = { types: acceptedTypes(own), until: aYearAfter(now) };
  return makeEnd(own, alias, now, (text) => addGrant(withPeer(text, additions), alias, wish, usual, now));
}

/** HEAD may list the peer already where the folder does not. */
function withPeer(text: string, additions: readonly ConfigAddition[]): string {
  if (additions.length === 0) return text;
  const { peers } = readYaml(text, projectSchema, PROJECT_FILE).value;
  return addToConfig(
    text,
    additions.filter(({ key }) => key === undefined || !Object.hasOwn(peers, key)),
  );
}

function makeEnd(own: Project, peer: string, now: Date, edit: (text: string) => string): GrantEnd {
  const end = endOf(own, edit(own.configText));
  const { accepts } = readYaml(end.after, projectSchema, PROJECT_FILE).value;
  const live = accepts.filter((grant) => grant.from === peer && !hasExpired(grant, now));
  const granted = live.length === 0 ? "nothing" : live.map(formatGrant).join(" + ");
  return { ...end, root: own.root, summary: `Grant to ${peer}: ${granted}`, edit };
}

/** Null where the peer is listed and cannot be read from here. */
function findOther(ours: Project, peer: string, cwd: string): Project | null {
  if (Object.hasOwn(ours.config.peers, peer)) return loadPeer(ours, peer);
  const directory = resolve(cwd, peer);
  if (peer.includes("/") || existsSync(join(directory, PROJECT_FILE))) return loadNeighbour(ours, directory);
  requirePeer(ours, peer);
  return null;
}

function elsewhere(ours: Project, peer: string): VibeopsError {
  return new VibeopsError({
    code: "grant.elsewhere",
    exit: Exit.notFound,
    message: `the vibeops.yaml of ${peer} is not on this machine, or not there now; nothing was written`,
    file: join(ours.root, PROJECT_FILE),
    line: ours.lineOf(["peers", peer]),
    fix: `leave out --both here, and type there: vibeops grant add ${ours.name}`,
  });
}
