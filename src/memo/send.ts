import { rmSync } from "node:fs";
import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { syncDirectory } from "../platform/files.ts";
import { ensureDirectory } from "../platform/folders.ts";
import { requireGit } from "../platform/git.ts";
import { commitChanges, type FileChange, put, requireIdentity } from "../platform/git-commit.ts";
import { idMonth, newId } from "../platform/ids.ts";
import { allOrNothing, publishUndoably, type Undo } from "../platform/undo.ts";
import type { MemoType } from "../project/memo-types.ts";
import { firstRole, type Project } from "../project/project.ts";
import { refuseSecret } from "../text/refuse-secret.ts";
import { type Address, formatAddress } from "./address.ts";
import { type Delivery, deliver, reasonToWait } from "./delivery.ts";
import { memoFileName } from "./file-name.ts";
import { formatMemo } from "./format-memo.ts";
import { OUTGOING, SENT, type StoredMemo } from "./mailbox.ts";
import type { Priority } from "./priority.ts";
import { isCarriedByGit, planRoute, planRouteOf, type Route, requireOwnRole } from "./route.ts";

/** What a person or an agent says when writing a memo; the rest is added here. */
export interface Letter {
  subject: string;
  /** Markdown below the front matter. */
  body: string;
  type: MemoType;
  priority: Priority;
  /** The writing role; the project's first agent unless told. */
  role?: string | undefined;
  replyTo?: string | undefined;
  thread?: string | undefined;
  due?: string | undefined;
  refs?: readonly string[] | undefined;
  tool?: string | undefined;
  session?: string | undefined;
  extra?: Readonly<Record<string, string>> | undefined;
}

export interface PlannedMemo {
  route: Route;
  id: string;
  name: string;
  bytes: Buffer;
}

export interface SentMemo {
  id: string;
  to: string;
  subject: string;
  /** Our copy, absolute. */
  copy: string;
  outcome: Delivery | "queued";
  /** Why it waits, where it is queued. */
  reason?: string | undefined;
}

/**
 * One memo for each recipient, with an id of its own and, for several, one thread. Nothing is written before
 * every recipient has been found and has granted it.
 *
 * @throws VibeopsError as {@link planRoute}; `memo.…` where the text would be refused by its receiver
 */
export function planMemos(
  project: Project,
  recipients: readonly Address[],
  letter: Letter,
  context: Pick<Context, "now" | "randomBytes">,
): PlannedMemo[] {
  requireOwnRole(project, letter.role);
  const now = context.now();
  const thread = letter.thread ?? (recipients.length > 1 ? newId(context) : undefined);
  const from: Address = { role: letter.role ?? firstRole(project), project: project.name };
  return recipients.map((to) => {
    const route = planRoute(project, to, { type: letter.type, replyTo: letter.replyTo, now });
    const id = newId(context);
    refuseSecrets(letter);
    const text = formatMemo({ ...letter, id, from, to: route.to, date: now.toISOString(), thread });
    return { route, id, name: memoFileName(id, letter.subject), bytes: Buffer.from(text) };
  });
}

/** A memo that lies in our folders already, to be sent once more as it is. @throws VibeopsError as {@link planRoute} */
export function replanMemo(
  project: Project,
  { memo, name }: StoredMemo,
  context: Pick<Context, "now">,
): PlannedMemo {
  const route = planRouteOf(project, memo, context.now());
  return { route, id: memo.id, name, bytes: Buffer.from(memo.text) };
}

/** What is sent is committed at both ends, for ever: a secret is refused before, with its place and no more of it. */
function refuseSecrets(letter: Letter): void {
  const values = {
    refs: letter.refs?.join("\n"),
    tool: letter.tool,
    session: letter.session,
    ...letter.extra,
  };
  refuseSecretIn(letter.body, (line) => `line ${line} of the text`);
  refuseSecretIn(letter.subject, () => "the subject");
  for (const [key, value] of Object.entries(values)) refuseSecretIn(value ?? "", () => `'${key}'`);
}

/** @throws VibeopsError `memo.secret` */
export function refuseSecretIn(
  text: string,
  placeOf: (line: number) => string,
  ending = "nothing was sent",
): void {
  refuseSecret("memo.secret", text, placeOf, ending);
}

/** Where our copy of a memo lies. */
export function copyPath(project: Project, memo: Pick<PlannedMemo, "id" | "name">): string {
  return join(project.root, SENT, idMonth(memo.id), memo.name);
}

/**
 * Writes our copies and the queue's, to be followed by a commit and then {@link deliverQueued}: whoever is
 * killed in between has a queue that the next session empties. Where the commit is refused they are taken back, or
 * that session would send what its writer was told was not sent.
 */
export function enqueueMemos(project: Project, memos: readonly PlannedMemo[], undo: Undo): FileChange[] {
  return memos.map((memo) => {
    const copies = ensureDirectory(project.root, `${SENT}/${idMonth(memo.id)}`);
    publishUndoably(join(ensureDirectory(project.root, OUTGOING), memo.name), memo.bytes, undo);
    publishUndoably(join(copies, memo.name), memo.bytes, undo);
    return put(copyPath(project, memo), memo.bytes);
  });
}

/**
 * Sends planned memos: copies, one commit, delivery.
 *
 * @throws VibeopsError of git, and nothing has changed then; of a receiver's folder, and the memo waits in the queue
 */
export async function sendMemos(
  project: Project,
  memos: readonly PlannedMemo[],
  letter: Pick<Letter, "subject">,
  context: Context,
): Promise<SentMemo[]> {
  const git = requireGit(project.root, context.env);
  await requireIdentity(git, context);
  const names = memos.map((memo) => formatAddress(memo.route.to)).join(", ");
  const unwritable = await allOrNothing(async (undo) => {
    const changes = enqueueMemos(project, memos, undo);
    return await tryCommit(() => commitChanges(git, changes, `Memo to ${names}: ${letter.subject}`, context));
  });
  if (unwritable !== null) return memos.map((memo) => sentMemo(project, memo, letter, "queued", unwritable));
  const sent: SentMemo[] = [];
  const failures: unknown[] = [];
  for (const memo of memos) {
    const { name, bytes, route } = memo;
    try {
      const { outcome, reason } = await deliverOne(project, name, bytes, route, context);
      sent.push(sentMemo(project, memo, letter, outcome, reason));
    } catch (error) {
      // The others get theirs all the same.
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  return sent;
}

function sentMemo(
  project: Project,
  memo: PlannedMemo,
  letter: Pick<Letter, "subject">,
  outcome: SentMemo["outcome"],
  reason: string | undefined,
): SentMemo {
  const to = formatAddress(memo.route.to);
  return { id: memo.id, to, subject: letter.subject, copy: copyPath(project, memo), outcome, reason };
}

/** Null where the commit was made; otherwise why the repository cannot be written from here. */
export async function tryCommit(commit: () => Promise<unknown>): Promise<string | null> {
  try {
    await commit();
    return null;
  } catch (error) {
    if (error instanceof VibeopsError && error.code === "git.read-only") return error.message;
    throw error;
  }
}

/** What became of a memo that lay in the queue. */
export interface DeliveryReport {
  outcome: SentMemo["outcome"];
  /** Why it waits. */
  reason?: string;
  /** What would put that right, where somebody has to do it. */
  fix?: string;
  /** The peer with a git address that it waits for: `vibeops sync` carries it. */
  byGit?: string;
}

/** Delivers one memo that lies in the queue, and takes it out of there. */
export async function deliverOne(
  project: Project,
  name: string,
  bytes: Uint8Array,
  { peer, receiver }: Pick<Route, "peer" | "receiver">,
  context: Pick<Context, "env">,
): Promise<DeliveryReport> {
  if (receiver === null) return absent(project, peer);
  try {
    const outcome = await deliver(receiver.root, name, bytes, context.env);
    removeFromQueue(project, name);
    return { outcome };
  } catch (error) {
    const reason = reasonToWait(error, receiver.root);
    if (reason === null) throw error;
    return { outcome: "queued", reason };
  }
}

function absent(project: Project, peer: string | null): DeliveryReport {
  if (peer !== null && isCarriedByGit(project, peer))
    return { outcome: "queued", reason: "vibeops sync sends it", byGit: peer };
  return { outcome: "queued", reason: "the peer is not on this machine, or not there now" };
}

/**
 * Takes a memo that has arrived out of the queue. It is delivered whatever becomes of this: from a queue that still
 * holds it, it is a duplicate.
 */
export function removeFromQueue(project: Project, name: string): void {
  const directory = join(project.root, OUTGOING);
  try {
    rmSync(join(directory, name), { force: true });
    syncDirectory(directory);
  } catch (error) {
    if (reasonToWait(error, directory) === null) throw error;
  }
}
