import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { deliver } from "../memo/delivery.ts";
import { checkMemoFileName, idOfFileName } from "../memo/file-name.ts";
import { readCommitted } from "../memo/in-head.ts";
import { intakeMail } from "../memo/intake.ts";
import type { IntakeReport } from "../memo/intake-report.ts";
import { finderOfKept } from "../memo/kept-memos.ts";
import { ARCHIVED, INCOMING, QUARANTINE } from "../memo/mailbox.ts";
import { maxMemoBytes, parseMemo } from "../memo/memo.ts";
import type { Context } from "../platform/context.ts";
import { readIfExists } from "../platform/files.ts";
import { requireGit } from "../platform/git.ts";
import { readObjects } from "../platform/git-objects.ts";
import { sha256 } from "../platform/hash.ts";
import { sameBytes } from "../platform/replace.ts";
import type { Project } from "../project/project.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import type { PeerMail } from "./look.ts";
import type { MailFile } from "./mail-tree.ts";
import type { Scratch } from "./scratch.ts";
import { type Refused, setAsideMail } from "./set-aside.ts";

/** What of one peer's mail is to be taken in. */
export interface PeerDelivery {
  readonly peer: string;
  readonly mail: PeerMail;
  /** What we said of its mail before. */
  readonly said: readonly Acknowledgement[];
  readonly scratch: Scratch;
}

/** What came of it. */
export interface TakenIn {
  /** What we can say of every file that lies there for us now. */
  readonly acknowledged: readonly Acknowledgement[];
  /** Memos that are new here. */
  readonly received: readonly string[];
  /** Set aside now, and why. */
  readonly refused: readonly { name: string; code: string }[];
  /** Left on the ref, and why. */
  readonly left: readonly { name: string; error: VibeopsError }[];
}

/** Files and bytes that one sync takes from one peer; the rest waits where it is for the next. */
const MAX_FILES = 1000;
const MAX_BYTES = 64 * 1024 * 1024;

const CONFLICT = "memo.conflict";

interface Candidate {
  readonly file: MailFile;
  readonly bytes: Buffer;
}

/**
 * Delivers what came, takes it in as any mail, and says of each file what became of it. Nothing is acknowledged that
 * is not committed here. A memo that we took in, or a person deleted since, is not delivered again.
 *
 * @throws what {@link intakeMail} throws; nothing is acknowledged then
 */
export async function takeInMail(
  project: Project,
  deliveries: readonly PeerDelivery[],
  context: Context,
): Promise<Map<string, TakenIn>> {
  const vouched = new Map<string, string>();
  const conflicts = new Set<string>();
  const refused: Refused[] = [];
  const work: { delivery: PeerDelivery; candidates: Candidate[]; left: TakenIn["left"] }[] = [];
  for (const delivery of deliveries) {
    const { usable, left } = sortFiles(delivery, context.now());
    const candidates = await readBytes(delivery.scratch, usable);
    const said = new Set(delivery.said.map(keyOf));
    for (const { file, bytes } of candidates) {
      if (said.has(keyOf(file))) continue;
      const problem = await bring(project, delivery.peer, { file, bytes }, context);
      if (problem === null) vouched.set(file.name, sha256(bytes));
      else if (problem === "conflict") conflicts.add(keyOf(file));
      else if (problem !== "set aside") refused.push({ name: file.name, bytes, error: problem });
    }
    work.push({ delivery, candidates, left });
  }
  await setAsideMail(project, refused, context);
  const report = await intakeMail(project, context, {
    isVouched: ({ name, memo }) => vouched.get(name) === sha256(memo.text),
  });
  const isNew = newnessOf(report, refused);
  const names = work.flatMap(({ candidates }) => candidates.map(({ file }) => file.name));
  const find = await standingFinder(project, { names, conflicts }, context);
  return new Map(
    work.map(({ delivery, candidates, left }) => {
      const acknowledged = acknowledge(delivery, candidates, find);
      const fresh = acknowledged.filter(isNew);
      const set = fresh.flatMap(({ name, refused: code }) => (code === null ? [] : [{ name, code }]));
      const received = fresh.filter((one) => one.refused === null).map(({ name }) => name);
      return [delivery.peer, { acknowledged, received, refused: set, left }];
    }),
  );
}

/** Whether a memo was taken in or set aside just now. */
function newnessOf(
  { accepted, receipts, quarantined }: IntakeReport,
  refused: readonly Refused[],
): (one: Acknowledgement) => boolean {
  const ids = new Set([...accepted.map(({ memo }) => memo.id), ...receipts.map(({ id }) => id)]);
  const names = new Set([...quarantined, ...refused].map(({ name }) => name));
  return ({ name }) => names.has(name) || ids.has(idOfFileName(name) ?? "");
}

/** What may be a memo, and was not taken in before. */
function sortFiles(
  { mail, said }: PeerDelivery,
  now: Date,
): { usable: MailFile[]; left: { name: string; error: VibeopsError }[] } {
  const taken = new Set(said.filter(({ refused }) => refused === null).map(keyOf));
  const usable: MailFile[] = [];
  const left: { name: string; error: VibeopsError }[] = [];
  let bytes = 0;
  for (const file of mail.files.filter((one) => !taken.has(keyOf(one)))) {
    const why = whyNoMemo(file, now);
    bytes += why === null ? (file.size ?? 0) : 0;
    if (why !== null) left.push({ name: file.name, error: noMemo(file, why) });
    else if (usable.length >= MAX_FILES || bytes > MAX_BYTES)
      left.push({ name: file.name, error: tooMany() });
    else usable.push(file);
  }
  return { usable, left };
}

function whyNoMemo({ name, mode, size }: MailFile, now: Date): string | null {
  if (mode !== "100644") return `it has mode ${mode}, and a memo is a plain file`;
  if (size === null || size > maxMemoBytes) return `it has ${size} bytes; a memo has at most ${maxMemoBytes}`;
  return checkMemoFileName(name, now);
}

function noMemo({ name }: MailFile, why: string): VibeopsError {
  return new VibeopsError({
    code: "mesh.no-memo",
    exit: Exit.refused,
    message: `a file on the peer's ref was left there: ${why}`,
    file: name.slice(0, 160),
    fix: "ask the peer what it is",
  });
}

function tooMany(): VibeopsError {
  return new VibeopsError({
    code: "mesh.more",
    exit: Exit.ok,
    message: `more than ${MAX_FILES} memos or ${MAX_BYTES / 1024 / 1024} MiB wait there`,
    fix: "run vibeops sync again",
  });
}

async function readBytes(scratch: Scratch, files: readonly MailFile[]): Promise<Candidate[]> {
  const objects = await readObjects(
    scratch.git,
    files.map(({ blob }) => blob),
  );
  return files.flatMap((file, i) => {
    const bytes = objects[i]?.bytes;
    return bytes === undefined ? [] : [{ file, bytes }];
  });
}

/**
 * Puts one memo into the inbox. `set aside`: that was done with it before. `conflict`: another one has its name, and
 * it lies beside that. An error: it must not get there, since nobody vouches for the sender that it names.
 */
async function bring(
  project: Project,
  peer: string,
  { file, bytes }: Candidate,
  context: Context,
): Promise<VibeopsError | "set aside" | "conflict" | null> {
  if (quarantinedFor(project, file.name, bytes) !== null) return "set aside";
  const problem = whyNotFrom(peer, file.name, bytes, context.now());
  if (problem !== null) return problem;
  return (await deliver(project.root, file.name, bytes, context.env)) === "conflict" ? "conflict" : null;
}

function whyNotFrom(peer: string, name: string, bytes: Buffer, now: Date): VibeopsError | null {
  try {
    const memo = parseMemo(bytes, { file: name, now });
    if (memo.from.project === peer) return null;
    return new VibeopsError({
      code: "memo.forged",
      exit: Exit.refused,
      message: `it came under ${peer}'s signature and says that it is from '${memo.from.project}'`,
      fix: `ask ${peer}`,
    });
  } catch (error) {
    if (error instanceof VibeopsError) return error;
    throw error;
  }
}

/** Why these bytes were set aside before; null where they were not. */
function quarantinedFor(project: Project, name: string, bytes: Buffer): string | null {
  const file = join(project.root, QUARANTINE, name);
  if (!sameBytes(readIfExists(file), bytes)) return null;
  const reason = readIfExists(`${file}.reason.md`)?.toString("utf8") ?? "";
  return /^- reason: ([a-z0-9.-]{1,64})$/m.exec(reason)?.[1] ?? "memo.refused";
}

type FindStanding = (candidate: Candidate) => Acknowledgement["refused"] | "unknown";

/** What became of a memo: null where it is taken in, and committed. */
async function standingFinder(
  project: Project,
  { names, conflicts }: { names: readonly string[]; conflicts: ReadonlySet<string> },
  context: Context,
): Promise<FindStanding> {
  const target = requireGit(project.root, context.env);
  const directory = join(project.root, INCOMING);
  const committed = (await readCommitted(target, [directory]))(directory);
  const ids = names.flatMap((name) => idOfFileName(name) ?? []);
  const findArchived = await finderOfKept(target, project.root, ARCHIVED, ids);
  return ({ file, bytes }) => {
    if (conflicts.has(keyOf(file))) return CONFLICT;
    const reason = quarantinedFor(project, file.name, bytes);
    if (reason !== null) return reason;
    const id = idOfFileName(file.name) ?? "";
    const isThere = committed.has(file.name) || findArchived(id) !== null;
    return isThere ? null : "unknown";
  };
}

/** What we said before holds until we know better. */
function acknowledge(
  { mail, said }: PeerDelivery,
  candidates: readonly Candidate[],
  find: FindStanding,
): Acknowledgement[] {
  const before = new Map(said.map((one) => [keyOf(one), one]));
  const found = new Map(candidates.map((candidate) => [keyOf(candidate.file), find(candidate)]));
  return mail.files.flatMap((file): Acknowledgement[] => {
    const standing = found.get(keyOf(file)) ?? null;
    const earlier = before.get(keyOf(file));
    const isOpen = !found.has(keyOf(file)) || standing === "unknown" || earlier?.refused === CONFLICT;
    if (isOpen) return earlier === undefined ? [] : [earlier];
    return [{ name: file.name, blob: file.blob, refused: standing }];
  });
}

function keyOf({ name, blob }: { name: string; blob: string }): string {
  return `${blob} ${name}`;
}
