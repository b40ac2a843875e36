import { ensureDirectory } from "../platform/folders.ts";
import { headCommit } from "../platform/git.ts";
import { sha256 } from "../platform/hash.ts";
import { type Granted, loadForGate, requireApproval } from "./approval.ts";
import { requireDelegatedNext, walkDelegated } from "./delegated.ts";
import { commitRecord, noteEnd, reasonToStop } from "./end-of-record.ts";
import type { Mode } from "./execute.ts";
import type { Gate } from "./gate.ts";
import { type HumanFacts, requireHuman } from "./human.ts";
import { latestWalk } from "./latest-walk.ts";
import { regainNonce, spendNonce } from "./nonce.ts";
import type { Operator } from "./operator.ts";
import { RecordWriter } from "./record.ts";
import { isBegun, lineNoter, readOwnRecord, settleOwnRecords, standingOf } from "./record-head.ts";
import { nextRecordId } from "./record-id.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { takeOver } from "./take-over.ts";
import { walkBack } from "./walk-back.ts";
import { WalkEngine } from "./walk-engine.ts";
import { confirmBeforeStart, walkForwards } from "./walk-forwards.ts";
import { releaseLocks, takeLocks } from "./walk-lock.ts";
import type { StepState, WalkState } from "./walk-progress.ts";
import { isOpen, readWalkState } from "./walk-state.ts";
import { withTurn } from "./walk-turn.ts";

export interface WalkOptions {
  readonly mode: Mode;
  readonly operator: Operator;
  readonly facts: HumanFacts;
  /** Goes on from records that were not written here, once the person has seen them and says yes. */
  readonly takeOver?: boolean;
  /** Nobody is asked: what runs are the steps that were approved as delegated, and no other. */
  readonly delegated?: true;
}

export interface WalkOutcome {
  readonly walk: string;
  readonly phase: WalkState["phase"];
  /** Why it was left, where it can be resumed. */
  readonly stopped?: string;
  /** Steps of which the person ran something else than what was approved. */
  readonly deviations: readonly number[];
  /** Steps of which a person left something undone, or unchecked, and went on. */
  readonly skipped: readonly number[];
  /** Steps that did something and that the way back left as they are. */
  readonly notRolledBack: readonly number[];
  /** The commit of the record; null where it was committed already. */
  readonly commit: string | null;
}

/**
 * Walks a person through a runbook, or goes on with a walk that was cut off. The gate is asked before the start
 * and before each command. Everything is on disk before the next thing happens.
 *
 * @throws VibeopsError of the gate (exit 5 or 6), `human.…`, `record.…`, `lock.held`
 */
export async function walkRunbook(gate: Gate, id: string, options: WalkOptions): Promise<WalkOutcome> {
  if (options.delegated !== true || options.takeOver === true)
    requireHuman(gate.context.env, options.facts, "run a runbook");
  return await withTurn(gate, id, async () => {
    const loaded = loadForGate(gate.project, id);
    settleOwnRecords(gate.context.env, loaded.folder, gate.context.now(), options.takeOver);
    if (options.takeOver === true) {
      const taken = await takeOver(gate, loaded, options.operator);
      if (!isOpen(taken.state)) {
        const commit = await commitRecord(gate, loaded, taken.record.file, "Walk", "taken over");
        return endedWalk(taken.id, taken.state, commit);
      }
    }
    const finished = await finishCommit(gate, loaded);
    if (finished !== null) return finished;
    if (options.delegated === true) await requireDelegatedNext(gate, loaded);
    const { walk, writer } = await openWalk(gate, loaded, options);
    try {
      return await walkToEnd(gate, loaded, walk, writer, options);
    } finally {
      writer.close();
    }
  });
}

/**
 * A walk that came to its end where its record could not be committed, as on a full disk, or that was killed there: to
 * commit it is what is left to do. Null where nothing is; of a record that others wrote we vouch for nothing.
 */
async function finishCommit(gate: Gate, loaded: LoadedRunbook): Promise<WalkOutcome | null> {
  const latest = latestWalk(loaded);
  if (latest === null || isOpen(latest.state) || latest.state.phase === "abandoned") return null;
  if (standingOf(gate.context.env, loaded.folder, latest.record) !== "own") return null;
  const commit = await commitRecord(gate, loaded, latest.record.file, "Walk", latest.state.phase);
  return commit === null ? null : endedWalk(latest.id, latest.state, commit);
}

async function openWalk(
  gate: Gate,
  loaded: LoadedRunbook,
  options: WalkOptions,
): Promise<{ walk: string; writer: RecordWriter }> {
  const { id } = loaded.runbook;
  const latest = latestWalk(loaded);
  const now = gate.context.now();
  if (latest !== null && isOpen(latest.state)) {
    readOwnRecord(gate.context.env, loaded.folder, latest.id);
    await requireApproval(gate, loaded, { walk: latest.id });
    const note = lineNoter(gate.context.env, id, latest.id);
    const writer = RecordWriter.resume(loaded.folder, latest.id, now, note);
    const how = { mode: options.mode, operator: options.operator.who };
    writer.append({ event: "resume", ...how, ...(options.delegated && { delegated: true as const }) }, now);
    return { walk: latest.id, writer };
  }
  const granted = await requireApproval(gate, loaded);
  const walk = nextRecordId(gate, latest?.id);
  ensureDirectory(loaded.folder.path, "records");
  const { env } = gate.context;
  const nonces = [granted.statement.nonce, ...granted.further];
  for (const ignored of granted.ignored) options.operator.say(`Not counted as a decision: ${ignored}`);
  const start = await startEvent(gate, loaded, granted, options);
  const writer = RecordWriter.create(loaded.folder, walk, lineNoter(env, id, walk));
  try {
    for (const nonce of nonces) spendNonce(env, nonce, walk);
    writer.append(start, now);
  } catch (error) {
    if (!isBegun(env, loaded.folder, walk)) for (const nonce of nonces) regainNonce(env, nonce, walk);
    throw error;
  }
  return { walk, writer };
}

/** The first line of a walk's record, and of a verification's beside the walk that it verifies. */
export async function startEvent(
  gate: Gate,
  loaded: LoadedRunbook,
  granted: Pick<Granted, "statement" | "bytes"> & Partial<Pick<Granted, "further">>,
  options: WalkOptions,
) {
  return {
    event: "start",
    runbook: loaded.runbook.id,
    sha256: loaded.sha256,
    approval: granted.statement.nonce,
    statement: sha256(granted.bytes),
    approver: granted.statement.approver,
    ...(granted.further === undefined || granted.further.length === 0
      ? {}
      : { further: [...granted.further] }),
    mode: options.mode,
    operator: options.operator.who,
    head: (await headCommit(gate.git)) ?? "none",
    ...(options.delegated && { delegated: true as const }),
  } as const;
}

async function walkToEnd(
  gate: Gate,
  loaded: LoadedRunbook,
  walk: string,
  writer: RecordWriter,
  options: WalkOptions,
): Promise<WalkOutcome> {
  const engine = new WalkEngine({ gate, loaded, walk, writer, ...options });
  try {
    await takeLocks(engine, options.delegated === true);
    await (options.delegated === true ? walkDelegated(engine, gate, walk) : goOn(engine));
  } catch (error) {
    if (!noteEnd(gate, writer, error)) throw error;
    await commitRecord(gate, loaded, writer.file, "Walk", "stopped");
    if (reasonToStop(error) === null) throw error;
  }
  const state = readWalkState(loaded, writer);
  const what = isOpen(state) ? "stopped" : state.phase;
  return endedWalk(walk, state, await commitRecord(gate, loaded, writer.file, "Walk", what));
}

function endedWalk(walk: string, state: WalkState, commit: string | null): WalkOutcome {
  return {
    walk,
    phase: state.phase,
    deviations: [...new Set(state.deviations)],
    skipped: state.steps.flatMap((step, index) => (isSkipped(step) ? [index + 1] : [])),
    notRolledBack: state.notRolledBack,
    commit,
    ...(state.stopped === undefined ? {} : { stopped: state.stopped }),
  };
}

async function goOn(engine: WalkEngine): Promise<void> {
  if (engine.state.phase === "walking") {
    await confirmBeforeStart(engine);
    if ((await walkForwards(engine)) === "go-on") {
      await releaseLocks(engine);
      engine.write({ event: "completed" });
      return;
    }
  }
  await walkBack(engine);
}

function isSkipped({ perHost: { run, checks } }: StepState): boolean {
  return [run, ...checks].some((progress) => [...progress.values()].includes("skipped"));
}
