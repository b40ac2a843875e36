import { join } from "node:path";
import type { VibeopsError } from "../errors.ts";
import { deliverQueued } from "../memo/queue.ts";
import { removeFromQueue } from "../memo/send.ts";
import type { Context } from "../platform/context.ts";
import { ensureDirectory } from "../platform/folders.ts";
import { requireGit } from "../platform/git.ts";
import { withLock } from "../platform/lock.ts";
import { configDirectory, stateDirectory } from "../platform/person.ts";
import { mapSideBySide } from "../platform/side-by-side.ts";
import { workTreesOf } from "../platform/work-trees.ts";
import { requirePeer } from "../project/peers.ts";
import type { Project } from "../project/project.ts";
import { refuseReachableFolder } from "../runbook/person-folders.ts";
import type { Acknowledgement } from "./acknowledgement.ts";
import { blobId } from "./blob-id.ts";
import { type Dispatch, dispatchMail } from "./dispatch.ts";
import type { Link, Outgoing } from "./link.ts";
import { lookAtRemote, type Sighting } from "./look.ts";
import { ensureMailKey, findMailKey, mailIdentity } from "./mail-key.ts";
import { attempt, openLinks } from "./open-links.ts";
import { readOutgoing } from "./outgoing.ts";
import { planTree } from "./plan-tree.ts";
import { closeScratch, sweepScratch } from "./scratch.ts";
import { answersIn, noteAnswers, noteSeen, type SeenPeer } from "./seen.ts";
import { emptyReport, type PeerReport, type SyncReport } from "./sync-report.ts";
import { type PeerDelivery, type TakenIn, takeInMail } from "./take-in.ts";
import { TIMEOUT_MS } from "./transport.ts";

export interface SyncOptions {
  /** Names under `peers`; all that have a git address unless told. */
  peers?: readonly string[] | undefined;
  /** Look, and say what would be done. */
  dryRun?: boolean | undefined;
  /** Ends the sync; what was done is done, and the next one goes on. */
  signal?: AbortSignal | undefined;
  /** What is being done now, for a person who waits. */
  onProgress?: ((words: string) => void) | undefined;
  /** Milliseconds for one conversation with a server; two minutes unless told. */
  timeoutMs?: number | undefined;
}

/** Remotes that are talked with at the same time. */
const SIDE_BY_SIDE = 4;

/**
 * Sends what waits for peers elsewhere, takes in what they sent, and says of each memo of theirs what became of it. A
 * peer that cannot be reached keeps nobody from the others. Killed at any point, the next sync finishes.
 *
 * @throws VibeopsError `peer.unknown`, `lock.held` where another sync runs here, `trust.…` where the person's folders
 *   can be reached by others, `mesh.no-commit`, `mesh.interrupted`; what is wrong with one peer is in its report
 */
export async function syncMail(
  project: Project,
  context: Context,
  options: SyncOptions = {},
): Promise<SyncReport> {
  const trees = workTreesOf(requireGit(project.root, context.env).top);
  const config = { path: configDirectory(context.env), noun: "configuration", variable: "XDG_CONFIG_HOME" };
  refuseReachableFolder(config, trees);
  refuseReachableFolder(
    { path: stateDirectory(context.env), noun: "state", variable: "XDG_STATE_HOME" },
    trees,
  );
  for (const peer of options.peers ?? []) requirePeer(project, peer);
  if (options.dryRun === true) return await run(project, context, options);
  const lock = join(ensureDirectory(project.root, ".vibeops"), "sync");
  return await withLock(lock, async () => await run(project, context, options));
}

async function run(project: Project, context: Context, options: SyncOptions): Promise<SyncReport> {
  const isDry = options.dryRun === true;
  sweepScratch(context.env, context.now());
  const queue = isDry ? null : await deliverQueued(project, context);
  const local = (queue ?? []).filter(({ byGit }) => byGit === undefined);
  const peers = selectPeers(project, options.peers);
  if (peers.length === 0) return { peers: [], local, key: null, isNewKey: false };
  // Our copy is committed before anything leaves.
  const ready =
    queue === null ? null : new Set(queue.flatMap((one) => (one.byGit === undefined ? [] : [one.name])));
  const outgoing = readOutgoing(project, context.now()).filter(({ name }) => ready?.has(name) ?? true);
  const identity = await mailIdentity(project, context);
  const { key, isNew } = isDry
    ? { key: findMailKey(identity, context.env), isNew: false }
    : await ensureMailKey(identity, context.env);
  const reports = new Map(
    peers.map((peer) => [peer, emptyReport(peer, project.config.peers[peer]?.git ?? "")]),
  );
  const transport = { env: context.env, signal: options.signal, timeoutMs: options.timeoutMs ?? TIMEOUT_MS };
  const sync = new Sync(reports, options.onProgress ?? (() => undefined));
  const base = { project, context, identity, key, transport };
  const links = await openLinks(base, peers, outgoing, sync.complain);
  try {
    await sync.look(links);
    if (isDry) sync.foresee();
    else {
      sync.settleQueue();
      await sync.takeIn();
      await sync.dispatch();
    }
    sync.describeWaiting(outgoing);
  } finally {
    for (const link of links) closeScratch(link.scratch);
  }
  return { peers: [...reports.values()], local, key, isNewKey: isNew };
}

function selectPeers(project: Project, named: readonly string[] | undefined): string[] {
  const all = Object.keys(project.config.peers).filter(
    (peer) => project.config.peers[peer]?.git !== undefined,
  );
  return named === undefined || named.length === 0 ? all : all.filter((peer) => named.includes(peer));
}

/** One remote during a sync: what was found there, and what came of it. */
interface Visit {
  readonly link: Link;
  readonly sighting: Sighting;
  /** What receivers say of our memos, by receiver. */
  readonly answers: ReadonlyMap<string, readonly Acknowledgement[]>;
  /** What is left to send: what its receiver has not taken. */
  waiting: readonly Outgoing[];
  dispatch: Dispatch | null;
}

/** The steps of a sync, over all remotes: the network side by side, this project's own files one after the other. */
class Sync {
  readonly #reports: ReadonlyMap<string, PeerReport>;
  readonly #say: (words: string) => void;
  readonly #visits: Visit[] = [];
  #takenIn: ReadonlyMap<string, TakenIn> = new Map();

  constructor(reports: ReadonlyMap<string, PeerReport>, say: (words: string) => void) {
    this.#reports = reports;
    this.#say = say;
  }

  readonly complain = (peer: string, error: VibeopsError): void => {
    this.#reports.get(peer)?.problems.push(error);
  };

  async look(links: readonly Link[]): Promise<void> {
    await mapSideBySide(links, SIDE_BY_SIDE, async (link) => {
      this.#say(`looking at ${link.remote.url} for ${link.peers.join(", ")}`);
      await attempt(link.peers, this.complain, async () => {
        const sighting = await lookAtRemote(link);
        for (const [peer, problem] of sighting.problems) this.complain(peer, problem);
        const answers = new Map(link.peers.map((peer) => [peer, answersOf(link, sighting, peer)]));
        this.#visits.push({ link, sighting, answers, waiting: link.outgoing, dispatch: null });
      });
    });
  }

  /** What its receiver has taken in need not wait any longer. */
  settleQueue(): void {
    for (const visit of this.#visits) {
      const done = visit.waiting.filter((memo) => answerTo(visit, memo)?.refused === null);
      for (const memo of done) {
        removeFromQueue(visit.link.project, memo.name);
        this.#report(memo.peer).acknowledged += 1;
      }
      visit.waiting = visit.waiting.filter((memo) => !done.includes(memo));
    }
  }

  async takeIn(): Promise<void> {
    const deliveries = this.#visits.flatMap(deliveriesOf).filter(({ mail }) => mail.files.length > 0);
    const [first] = this.#visits;
    if (first === undefined || deliveries.length === 0) return;
    const { project, context } = first.link;
    const peers = deliveries.map(({ peer }) => peer);
    this.#say(`taking in what came from ${peers.join(", ")}`);
    await attempt(peers, this.complain, async () => {
      this.#takenIn = await takeInMail(project, deliveries, context);
    });
    for (const [peer, { received, refused, left }] of this.#takenIn) {
      Object.assign(this.#report(peer), { received: received.length, setAside: refused, left });
    }
  }

  async dispatch(): Promise<void> {
    await mapSideBySide(this.#visits, SIDE_BY_SIDE, async (visit) => {
      const { link, sighting } = visit;
      if (sighting.own === null) return;
      const { own } = sighting;
      const wanted = this.#wanted(visit);
      if (planTree(own.tree, wanted).hasNews || sighting.wentBack) this.#say(`writing to ${link.remote.url}`);
      await attempt(link.peers, this.complain, async () => {
        visit.dispatch = await dispatchMail(link, own, wanted);
        for (const path of visit.dispatch.sent) this.#report(receiverOf(path)).sent += 1;
      });
      await this.#note(visit);
    });
  }

  /** What a sync would do, in numbers. */
  foresee(): void {
    for (const visit of this.#visits) {
      const own = visit.sighting.own;
      const done = visit.waiting.filter((memo) => answerTo(visit, memo)?.refused === null);
      for (const memo of done) this.#report(memo.peer).acknowledged += 1;
      visit.waiting = visit.waiting.filter((memo) => !done.includes(memo));
      if (own === null) continue;
      for (const path of planTree(own.tree, this.#wanted(visit)).fresh.keys())
        this.#report(receiverOf(path)).sent += 1;
      for (const { peer, mail, said } of deliveriesOf(visit)) {
        const known = new Set(said.map(({ name }) => name));
        this.#report(peer).received = mail.files.filter(({ name }) => !known.has(name)).length;
      }
    }
  }

  describeWaiting(outgoing: readonly Outgoing[]): void {
    for (const memo of outgoing) {
      const report = this.#reports.get(memo.peer);
      const visit = this.#visits.find(({ link }) => link.peers.includes(memo.peer));
      if (report === undefined || (visit !== undefined && !visit.waiting.includes(memo))) continue;
      report.waiting.push({ name: memo.name, ...whyWaiting(memo, visit, report) });
    }
  }

  #report(peer: string): PeerReport {
    return this.#reports.get(peer) ?? emptyReport(peer, "");
  }

  #wanted(visit: Visit) {
    const acknowledged = new Map(
      [...visit.sighting.mail].flatMap(([peer, { files }]) => {
        // Where nothing was judged, what we said before stands.
        const said = files.length === 0 ? [] : this.#takenIn.get(peer)?.acknowledged;
        return said === undefined ? [] : [[peer, said] as const];
      }),
    );
    const { format } = visit.sighting;
    return { format, outgoing: visit.waiting, acknowledged, answers: visit.answers };
  }

  async #note({ link, sighting, answers, dispatch }: Visit): Promise<void> {
    const peers = [...sighting.mail].map(([peer, mail]): [string, SeenPeer] => {
      const said = this.#takenIn.get(peer)?.acknowledged ?? [];
      const isTaken = new Set(said.flatMap(({ name, refused }) => (refused === null ? [name] : [])));
      const isSaid = mail.files.every(({ name }) => isTaken.has(name));
      const { id: head, sequence } = mail.commit;
      const settled = dispatch !== null && isSaid;
      return [peer, { head, sequence, settled, ...noteAnswers(answers.get(peer) ?? []) }];
    });
    const commit = dispatch?.commit ?? sighting.own?.commit ?? null;
    const own = commit === null ? null : { head: commit.id, sequence: commit.sequence };
    await noteSeen(link.identity, link.remote, link.context.env, { own, peers: new Map(peers) });
  }
}

/** From its ref, or from what we noted of it where it has not moved since. */
function answersOf({ seen }: Link, { mail }: Sighting, peer: string): readonly Acknowledgement[] {
  return mail.get(peer)?.acknowledged ?? answersIn(seen.peers.get(peer));
}

function answerTo(
  { answers, sighting }: Visit,
  { peer, name, bytes }: Outgoing,
): Acknowledgement | undefined {
  const blob = blobId(bytes, sighting.format);
  return answers.get(peer)?.find((one) => one.name === name && one.blob === blob);
}

function deliveriesOf({ link, sighting }: Visit): PeerDelivery[] {
  return [...sighting.mail].map(([peer, mail]) => {
    const said = sighting.own?.tree.acknowledged.get(peer) ?? [];
    return { peer, mail, said, scratch: link.scratch };
  });
}

function receiverOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function whyWaiting(
  memo: Outgoing,
  visit: Visit | undefined,
  { problems }: PeerReport,
): { why: string; needsPerson: boolean } {
  const files = visit?.dispatch?.files ?? visit?.sighting.own?.tree.files;
  const [problem] = problems;
  if (visit === undefined || files?.has(`to/${memo.peer}/${memo.name}`) !== true) {
    if (problem === undefined) return { why: "not sent: this was a dry run", needsPerson: false };
    return { why: `not sent: ${problem.message}`, needsPerson: problem.exit !== 0 };
  }
  const refused = answerTo(visit, memo)?.refused ?? null;
  if (refused !== null) return { why: `${memo.peer} set it aside: ${refused}`, needsPerson: true };
  const isBlind = problem?.code === "mesh.no-signers";
  const why = isBlind
    ? "sent; whether it arrived cannot be checked without signers"
    : "sent, not acknowledged yet";
  return { why, needsPerson: false };
}
