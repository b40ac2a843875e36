import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { nearest } from "../text/similar.ts";
import { findProjectRoot, PROJECT_FILE } from "./discovery.ts";
import {
  explainMailGrant,
  explainReadGrant,
  type GrantAnswer,
  type GrantStep,
  grantsType,
  hasExpired,
  type Readable,
} from "./grants.ts";
import { type MemoType, memoTypes } from "./memo-types.ts";
import { loadPeer, peerNameOf } from "./peers.ts";
import { loadProject, type Project } from "./project.ts";

/** What is asked: mail of a type, mail of any type, or reading. */
export interface GrantQuestion {
  type?: MemoType | undefined;
  read?: Readable | undefined;
}

/** Yes or no, with everything that decides it in the order in which it is asked. */
export interface GrantExplanation {
  from: string;
  to: string;
  /** `write to`, `send request to`, `read the state of`. */
  act: string;
  granted: boolean;
  steps: readonly GrantStep[];
  /** Types of mail that come in today. */
  types: readonly MemoType[];
  read: readonly Readable[];
}

/** A project by what people call it: null where it is a peer that cannot be read from here. */
interface Party {
  name: string;
  project: Project | null;
}

/**
 * Whether A may write to B, or read there, as both ends have it now. Each is `.`, the name of the project here or of a
 * peer of its, or a folder; B may be a peer of A's as well.
 *
 * @throws VibeopsError `project.unknown`, and what a broken vibeops.yaml throws
 */
export function explainGrant(
  here: Project | null,
  cwd: string,
  [from, to]: readonly [string, string],
  question: GrantQuestion,
  now: Date,
): GrantExplanation {
  const sender = findParty(here, null, cwd, from);
  const receiver = findParty(here, sender.project, cwd, to);
  const act = describeAct(question);
  const common = { from: sender.name, to: receiver.name, act };
  if (sender.project === null) return notHere(common, sender.name, here);
  if (receiver.project === null) return { ...common, ...onlyOurs(sender.project, receiver.name) };
  if (sender.project.root === receiver.project.root) return { ...common, ...within(sender.project) };
  const { project: a } = sender;
  const { project: b } = receiver;
  const types = memoTypes.filter((type) => explainMailGrant(b, a, type, now).granted);
  const read = (["state", "memos"] as const).filter((what) => explainReadGrant(b, a, what, now).granted);
  const listing = lists(a, b);
  const answer =
    question.read === undefined ? mail(b, a, question.type, now) : explainReadGrant(b, a, question.read, now);
  const granted = listing.holds && answer.granted;
  return { ...common, granted, steps: [listing, ...answer.steps], types, read };
}

function describeAct({ type, read }: GrantQuestion): string {
  if (read !== undefined) return `read the ${read} of`;
  return type === undefined ? "write to" : `send mail of type ${type} to`;
}

/** Without a type: the first one that comes in; where none does, the first that is granted in some line. */
function mail(receiver: Project, sender: Project, type: MemoType | undefined, now: Date): GrantAnswer {
  if (type !== undefined) return explainMailGrant(receiver, sender, type, now);
  const peer = peerNameOf(receiver, sender.root);
  const lines = receiver.config.accepts.filter((grant) => grant.from === peer);
  const named = (isLive: boolean) =>
    memoTypes.find((one) =>
      lines.some((grant) => grantsType(grant, one) && !(isLive && hasExpired(grant, now))),
    );
  return explainMailGrant(receiver, sender, named(true) ?? named(false) ?? "request", now);
}

/** A sender lists whom it may write to, and whoever reads finds the project by the same entry. */
function lists(sender: Project, receiver: Project): GrantStep {
  const file = join(sender.root, PROJECT_FILE);
  const peer = peerNameOf(sender, receiver.root);
  if (peer !== null) {
    const line = sender.lineOf(["peers", peer]);
    return { holds: true, says: `${sender.name} lists ${receiver.name} as its peer '${peer}'`, file, line };
  }
  const says = `${sender.name} does not list ${receiver.name} as a peer`;
  const fix = `in ${sender.name}, a person types: vibeops init --peer <folder of ${receiver.name}>`;
  return { holds: false, says, file, line: sender.lineOf(["peers"]), fix };
}

type Answer = Pick<GrantExplanation, "granted" | "steps" | "types" | "read">;

function within(project: Project): Answer {
  const says = "mail and reading within a project need no grant";
  const step = { holds: true, says, file: join(project.root, PROJECT_FILE) };
  return { granted: true, steps: [step], types: memoTypes, read: ["state", "memos"] };
}

/** Where one end cannot be read, only the other one can be told; that is no yes. */
function onlyOurs(sender: Project, peer: string): Answer {
  const file = join(sender.root, PROJECT_FILE);
  const line = sender.lineOf(["peers", peer]);
  const listed = { holds: true, says: `${sender.name} lists its peer '${peer}'`, file, line };
  const says = `what ${peer} accepts cannot be read from here: it is on another machine, or not there now`;
  const fix = `ask there: vibeops grant explain ${sender.name} .`;
  return { granted: false, steps: [listed, { holds: false, says, file, line, fix }], types: [], read: [] };
}

function notHere(
  common: Pick<GrantExplanation, "from" | "to" | "act">,
  name: string,
  here: Project | null,
): GrantExplanation {
  const file = here === null ? "" : join(here.root, PROJECT_FILE);
  const says = `${name} cannot be read from here: it is on another machine, or not there now`;
  const fix = "correct its path under peers, or ask on that machine";
  const line = here?.lineOf(["peers", name]);
  return { ...common, granted: false, steps: [{ holds: false, says, file, line, fix }], types: [], read: [] };
}

function findParty(here: Project | null, sender: Project | null, cwd: string, word: string): Party {
  if (word === "." && here !== null) return { name: here.name, project: here };
  const known = [here, sender].filter((project) => project !== null);
  const named = known.find((project) => project.name === word);
  if (named !== undefined) return { name: word, project: named };
  const holder = known.find((project) => Object.hasOwn(project.config.peers, word));
  if (holder !== undefined) {
    const project = loadPeer(holder, word);
    return { name: project?.name ?? word, project };
  }
  const directory = resolve(cwd, word);
  if (!existsSync(directory)) throw unknown(word, known);
  const project = loadProject(findProjectRoot(directory));
  return { name: project.name, project };
}

function unknown(word: string, known: readonly Project[]): VibeopsError {
  const names = known.flatMap((project) => [project.name, ...Object.keys(project.config.peers)]);
  const near = nearest(word, names);
  return new VibeopsError({
    code: "project.unknown",
    exit: Exit.notFound,
    message: `'${word}' is neither a peer here nor a folder${near === undefined ? "" : `; did you mean '${near}'?`}`,
    fix: `give a folder, or one of: ${[".", ...new Set(names)].join(", ")}`,
  });
}
