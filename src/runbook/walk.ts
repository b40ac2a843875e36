import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { ensureDirectory } from "../platform/files.ts";
import { headCommit } from "../platform/git.ts";
import { commitFiles } from "../platform/git-commit.ts";
import { sha256 } from "../platform/hash.ts";
import { newId } from "../platform/ids.ts";
import { withLock } from "../platform/lock.ts";
import { type Granted, loadForGate, requireApproval } from "./approval.ts";
import { readCurrentContent } from "./current-content.ts";
import type { Mode } from "./execute.ts";
import type { Gate } from "./gate.ts";
import { type HumanFacts, requireHuman } from "./human.ts";
import { latestWalk } from "./latest-walk.ts";
import { spendNonce } from "./nonce.ts";
import type { Operator, StepView } from "./operator.ts";
import { RecordWriter, readRecord } from "./record.ts";
import { headNoter, requireOwnHead } from "./record-head.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { stepView } from "./step-view.ts";
import { walkBack } from "./walk-back.ts";
import { WalkEngine } from "./walk-engine.ts";
import { walkForwards } from "./walk-forwards.ts";
import { isOpen, readWalkState, type WalkState } from "./walk-state.ts";

export interface WalkOptions {
  readonly mode: Mode;
  readonly operator: Operator;
  readonly facts: HumanFacts;
}

export interface WalkOutcome {
  readonly walk: string;
  readonly phase: WalkState["phase"];
  /** Why it was left, where it can be resumed. */
  readonly stopped?: string;
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
  requireHuman(gate.context.env, options.facts, "run a runbook");
  const locks = ensureDirectory(gate.project.root, ".vibeops");
  return await withLock(join(locks, `walk-${id}`), async () => {
    const loaded = loadForGate(gate.project, id);
    const { walk, writer } = await openWalk(gate, loaded, options);
    try {
      return await walkToEnd(gate, loaded, walk, writer, options);
    } finally {
      writer.close();
    }
  });
}

async function openWalk(
  gate: Gate,
  loaded: LoadedRunbook,
  options: WalkOptions,
): Promise<{ walk: string; writer: RecordWriter }> {
  const latest = latestWalk(loaded);
  const now = gate.context.now();
  if (latest !== null && isOpen(latest.state)) {
    await requireApproval(gate, loaded, { walk: latest.id });
    requireOwnHead(gate.context.env, readRecord(loaded.folder, latest.id));
    const writer = RecordWriter.resume(loaded.folder, latest.id, now, headNoter(gate, latest.id));
    writer.append({ event: "resume", mode: options.mode, operator: options.operator.who }, now);
    return { walk: latest.id, writer };
  }
  const granted = await requireApproval(gate, loaded);
  const walk = newId(gate.context);
  ensureDirectory(loaded.folder.path, "records");
  spendNonce(gate.context.env, granted.statement.nonce, walk);
  const writer = RecordWriter.create(loaded.folder, walk, headNoter(gate, walk));
  writer.append(await startEvent(gate, granted, options), now);
  return { walk, writer };
}

/** The first line of a walk's record, and of a verification's beside the walk that it verifies. */
export async function startEvent(gate: Gate, granted: Granted, options: WalkOptions) {
  return {
    event: "start",
    runbook: granted.statement.runbook.id,
    approval: granted.statement.nonce,
    statement: sha256(granted.bytes),
    approver: granted.statement.approver,
    mode: options.mode,
    operator: options.operator.who,
    head: (await headCommit(gate.git)) ?? "none",
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
    await goOn(engine);
  } catch (error) {
    noteEnd(gate, writer, error);
    if (!(error instanceof VibeopsError) || error.code === "record.unwritable") throw error;
    await commitRecord(gate, loaded, writer, "stopped");
    if (error.exit !== Exit.interrupted) throw error;
  }
  const state = readWalkState(loaded.runbook, writer.events);
  const commit = await commitRecord(gate, loaded, writer, isOpen(state) ? "stopped" : state.phase);
  return {
    walk,
    phase: state.phase,
    commit,
    ...(state.stopped === undefined ? {} : { stopped: state.stopped }),
  };
}

async function goOn(engine: WalkEngine): Promise<void> {
  if (engine.state.phase === "walking" && (await walkForwards(engine)) === "go-on") {
    engine.write({ event: "completed" });
  } else await walkBack(engine);
}

/** What ended the walk is written down too, unless the record itself is what failed. */
function noteEnd(gate: Gate, writer: RecordWriter, error: unknown): void {
  if (!(error instanceof VibeopsError) || error.code === "record.unwritable") return;
  const now = gate.context.now();
  if (error.exit === Exit.interrupted) writer.append({ event: "stopped", reason: "interrupted" }, now);
  else writer.append({ event: "refused", code: error.code, message: error.message }, now);
}

async function commitRecord(
  gate: Gate,
  loaded: LoadedRunbook,
  writer: RecordWriter,
  what: string,
): Promise<string | null> {
  const message = `Walk runbook ${loaded.runbook.id}: ${what}\n\n${loaded.runbook.title}`;
  return await commitFiles(gate.git, [writer.file], message, gate.context);
}

/** What `run --dry-run` shows: every step as it would run. Touches nothing and needs no approval. */
export async function planWalk(
  gate: Gate,
  id: string,
): Promise<{ steps: StepView[]; refusal: VibeopsError | null }> {
  const loaded = loadForGate(gate.project, id);
  const current = await readCurrentContent(gate.project, loaded, gate.context.env);
  const source = { current, variables: loaded.runbook.variables };
  const steps = loaded.runbook.steps.map((step) => stepView(loaded.runbook, step.number, source));
  const latest = latestWalk(loaded);
  const purpose = latest !== null && isOpen(latest.state) ? { walk: latest.id } : {};
  try {
    await requireApproval(gate, loaded, purpose);
    return { steps, refusal: null };
  } catch (error) {
    if (error instanceof VibeopsError) return { steps, refusal: error };
    throw error;
  }
}
