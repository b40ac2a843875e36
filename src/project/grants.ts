import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { DAY_MS } from "../platform/units-of-time.ts";
import { PROJECT_FILE } from "./discovery.ts";
import { loadPeer, peerNameOf, requirePeer } from "./peers.ts";
import type { Grant, Project } from "./project.ts";

/** What a grant may let a peer read. */
export type Readable = NonNullable<Grant["read"]>[number];

/** One thing that must hold, and whether it does. */
export interface GrantStep {
  holds: boolean;
  /** In words: `infra lists shop as its peer 'shop'`. */
  says: string;
  /** Absolute path of the vibeops.yaml that decides it, and the line. */
  file: string;
  line?: number | undefined;
  /** What would make it hold. */
  fix?: string;
}

/** `steps` are all that were asked; the last one of a refusal is what does not hold. */
export type GrantAnswer = { steps: GrantStep[] } & (
  | { granted: true; grant: Grant }
  | { granted: false; reason: string; file: string; line: number | undefined; fix: string }
);

/**
 * Whether `receiver` accepts mail of this type from `sender`, and if not, which line would make it so. The
 * sender is known by its folder: `accepts.from` names an entry of the receiver's own peers, never a name that
 * the sender chose.
 */
export function explainMailGrant(receiver: Project, sender: Project, type: string, now: Date): GrantAnswer {
  return explain(receiver, sender, now, {
    what: `mail of type ${type}`,
    holds: (grant) => grantsType(grant, type),
    flag: `--types ${type}`,
    words: `types: [${type}]`,
  });
}

/** Whether `receiver` lets `reader` read its STATE.md or its memos. */
export function explainReadGrant(receiver: Project, reader: Project, what: Readable, now: Date): GrantAnswer {
  return explain(receiver, reader, now, {
    what: `reading its ${what}`,
    holds: (grant) => grant.read?.includes(what) === true,
    flag: `--read ${what}`,
    words: `types: [], read: [${what}]`,
  });
}

/**
 * The project behind a peer's name, for whoever wants to read there. The project that is read decides: without its
 * grant nothing of it is returned.
 *
 * @throws VibeopsError `peer.unknown`, `peer.elsewhere`, `grant.missing` (exit 5) with the line that would grant it
 */
export function requireReadGrant(reader: Project, peerName: string, what: Readable, now: Date): Project {
  if (peerName === reader.name) return reader;
  requirePeer(reader, peerName);
  const peer = loadPeer(reader, peerName);
  if (peer === null) {
    throw new VibeopsError({
      code: "peer.elsewhere",
      exit: Exit.notFound,
      message: `${peerName} is not on this machine, or not there now, so nothing of it can be read`,
      file: join(reader.root, PROJECT_FILE),
      line: reader.lineOf(["peers", peerName]),
      fix: "correct its path under peers, or ask in that project",
    });
  }
  const answer = explainReadGrant(peer, reader, what, now);
  if (answer.granted) return peer;
  const { reason, file, line, fix } = answer;
  const message = `${reason}; nothing was read`;
  throw new VibeopsError({ code: "grant.missing", exit: Exit.refused, message, file, line, fix });
}

/** A missing list of types means all of them. */
export function grantsType(grant: Pick<Grant, "types">, type: string): boolean {
  return grant.types === undefined || (grant.types as readonly string[]).includes(type);
}

/** What is asked of a grant. */
interface Question {
  what: string;
  holds: (grant: Grant) => boolean;
  /** Of `vibeops grant add`. */
  flag: string;
  /** The same by hand, in a line under `accepts`. */
  words: string;
}

function explain(receiver: Project, sender: Project, now: Date, question: Question): GrantAnswer {
  const steps: GrantStep[] = [];
  const file = join(receiver.root, PROJECT_FILE);
  const pass = (says: string, line?: number) => void steps.push({ holds: true, says, file, line });
  const refuse = (reason: string, fix: string, line?: number): GrantAnswer => {
    steps.push({ holds: false, says: reason, file, line, fix });
    return { granted: false, steps, reason, file, line, fix };
  };
  const peer = peerNameOf(receiver, sender.root);
  if (peer === null) {
    const elsewhere = receiver.config.peers[sender.name];
    const address = elsewhere?.path ?? elsewhere?.git;
    if (address !== undefined) {
      // Another work tree or clone of it, or the folder was moved: its name alone grants nothing.
      const reason = `${receiver.name} lists ${sender.name} at ${address}, and this is another folder: ${sender.root}`;
      const fix = `go on in the folder that is listed, or in ${receiver.name}, a person corrects it under peers`;
      return refuse(reason, fix, receiver.lineOf(["peers", sender.name]));
    }
    const reason = `${receiver.name} does not list ${sender.name} as a peer`;
    const fix = `in ${receiver.name}, a person types: vibeops init --peer <folder of ${sender.name}>`;
    return refuse(reason, fix, receiver.lineOf(["peers"]));
  }
  pass(`${receiver.name} lists ${sender.name} as its peer '${peer}'`, receiver.lineOf(["peers", peer]));
  const byHand = `"- { from: ${peer}, ${question.words} }"`;
  const fix = `in ${receiver.name}, a person types: vibeops grant add ${peer} ${question.flag}; or adds under accepts: ${byHand}`;
  const lines = grantsFrom(receiver, peer);
  const first = lines[0]?.line ?? receiver.lineOf(["accepts"]);
  if (lines.length === 0) return refuse(`${receiver.name} accepts nothing from ${peer}`, fix, first);
  const fitting = lines.filter(({ grant }) => question.holds(grant));
  if (fitting.length === 0)
    return refuse(`${receiver.name} does not accept ${question.what} from ${peer}`, fix, first);
  const valid = fitting.find(({ grant }) => !hasExpired(grant, now));
  const { grant, line } = valid ?? fitting[0] ?? {};
  pass(`${receiver.name} accepts ${question.what} from ${peer}`, line);
  if (valid === undefined)
    return refuse(`what ${receiver.name} accepted from ${peer} ended on ${grant?.until}`, fix, line);
  pass(`it holds ${describeUntil(valid.grant, now)}`, line);
  return { granted: true, steps, grant: valid.grant };
}

/** A grant and where it stands. */
export interface PlacedGrant {
  grant: Grant;
  line: number | undefined;
}

/** The lines under `accepts`; those about one peer where it is named. */
export function grantsFrom(receiver: Project, peer?: string): PlacedGrant[] {
  const placed = receiver.config.accepts.map((grant, i) => ({
    grant,
    line: receiver.lineOf(["accepts", i]),
  }));
  return placed.filter(({ grant }) => peer === undefined || grant.from === peer);
}

/** A grant holds through the whole of its last day (UTC). */
export function hasExpired(grant: Pick<Grant, "until">, now: Date): boolean {
  return grant.until !== undefined && now.toISOString().slice(0, 10) > grant.until;
}

/** Days that are left after today: 0 on the last one, negative when it has ended, null where it has no end. */
export function daysLeft(grant: Pick<Grant, "until">, now: Date): number | null {
  if (grant.until === undefined) return null;
  const today = Date.parse(now.toISOString().slice(0, 10));
  return Math.round((Date.parse(grant.until) - today) / DAY_MS);
}

/** `until 2027-06-30 (222 days left)`, `without an end`. */
export function describeUntil(grant: Pick<Grant, "until">, now: Date): string {
  const days = daysLeft(grant, now);
  if (days === null) return "without an end";
  if (days < 0) return `no more: it ended on ${grant.until}`;
  const left = days === 0 ? "today is its last day" : `${days} ${days === 1 ? "day" : "days"} left`;
  return `until ${grant.until} (${left})`;
}

/** `request, info; reads state; until 2027-06-30` */
export function formatGrant({ types, read, until }: Grant): string {
  const mail = types === undefined ? "all types" : types.length === 0 ? "no mail" : types.join(", ");
  const reading = read === undefined || read.length === 0 ? "" : `; reads ${read.join(" and ")}`;
  return `${mail}${reading}${until === undefined ? "" : `; until ${until}`}`;
}

/** From when on people are told that a grant ends. */
const ENDING_DAYS = 14;

/** Whether it holds today and ends within a fortnight. */
export function endsSoon(grant: Pick<Grant, "until">, now: Date): boolean {
  const days = daysLeft(grant, now);
  return days !== null && days >= 0 && days <= ENDING_DAYS;
}

/** Grants that end within a fortnight, less those that another line goes on with. */
export function endingGrants(receiver: Project, now: Date): PlacedGrant[] {
  const all = grantsFrom(receiver);
  return all.filter(({ grant }) => {
    if (!endsSoon(grant, now)) return false;
    return !all.some(({ grant: other }) => other !== grant && outlasts(other, grant) && covers(other, grant));
  });
}

function outlasts(one: Grant, other: Grant): boolean {
  return one.until === undefined || (other.until !== undefined && one.until > other.until);
}

/** Whether all that a line lets its peer do is let by another one as well. */
export function covers(one: Grant, other: Grant): boolean {
  if (one.from !== other.from) return false;
  const types = one.types === undefined || (other.types?.every((type) => grantsType(one, type)) ?? false);
  return types && (other.read ?? []).every((what) => one.read?.includes(what) === true);
}
