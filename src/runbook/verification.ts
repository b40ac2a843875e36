import { Exit, VibeopsError } from "../errors.ts";
import { redactSecrets } from "../text/secrets.ts";
import { type Granted, loadForGate, requireApproval, requireGenuineApproval } from "./approval.ts";
import { commitRecord, noteEnd } from "./end-of-record.ts";
import { execute } from "./execute.ts";
import { howCheckFailed } from "./failure-words.ts";
import type { Gate } from "./gate.ts";
import { turnsOf } from "./host-turns.ts";
import { requireHuman } from "./human.ts";
import { type LatestWalk, latestWalk } from "./latest-walk.ts";
import { requireNotedWalk } from "./nonce.ts";
import { listVerificationIds, RecordWriter } from "./record.ts";
import { refuseEarlierClock } from "./record-clock.ts";
import { lineNoter, readOwnRecord, settleOwnRecords } from "./record-head.ts";
import { nextRecordId } from "./record-id.ts";
import { onHost } from "./runbook.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { startedCommand } from "./started-command.ts";
import { commandView } from "./step-view.ts";
import { startEvent, type WalkOptions } from "./walk.ts";
import type { WalkState } from "./walk-progress.ts";
import { isOpen } from "./walk-state.ts";
import { withTurn } from "./walk-turn.ts";

export interface VerificationOutcome {
  readonly id: string;
  readonly walk: string;
  readonly ok: boolean;
  /** How the walk ended. */
  readonly phase: WalkState["phase"];
  /** Checks, from 1, in place of which the person ran something else. */
  readonly deviations: readonly number[];
  readonly commit: string | null;
}

/**
 * Runs the checks under Verification as an act of its own, after the walk: that the commands succeeded and that the
 * system is healthy are two things. Passes the same gate as the walk, on the walk's approval. After a walk that was
 * rolled back no check runs, since what they expect is the new state: whether the old one is back is what a person
 * says.
 *
 * @throws VibeopsError `verification.no-walk`, `verification.open-walk`, `record.…`, and those of the gate
 */
export async function verifyRunbook(
  gate: Gate,
  id: string,
  options: WalkOptions,
): Promise<VerificationOutcome> {
  requireHuman(gate.context.env, options.facts, "verify a runbook");
  return await withTurn(gate, id, async () => {
    const loaded = loadForGate(gate.project, id);
    settleOwnRecords(gate.context.env, loaded.folder, gate.context.now());
    const walk = requireEndedWalk(gate, loaded);
    refuseEarlierClock(gate, [walk.record]);
    const granted = await requireApprovalOf(gate, loaded, walk);
    const verification = nextRecordId(gate, listVerificationIds(loaded.folder).at(-1));
    const name = `verify-${verification}`;
    const writer = RecordWriter.create(loaded.folder, name, lineNoter(gate.context.env, id, name));
    try {
      const start = await startEvent(gate, loaded, granted, options);
      writer.append({ ...start, walk: walk.id }, gate.context.now());
      const ok = await verifyOrNote({ gate, loaded, walk, writer, options });
      const commit = await commitRecord(gate, loaded, writer.file, "Verify", ok ? "passed" : "failed");
      const deviations = deviatingChecks(writer);
      return { id: verification, walk: walk.id, ok, phase: walk.state.phase, deviations, commit };
    } finally {
      writer.close();
    }
  });
}

/** What ends it before its verdict stands in its record as well, and is in the history with it. */
async function verifyOrNote(verifying: Verifying): Promise<boolean> {
  const { gate, loaded, writer } = verifying;
  try {
    return await verify(verifying);
  } catch (error) {
    if (noteEnd(gate, writer, error)) await commitRecord(gate, loaded, writer.file, "Verify", "stopped");
    throw error;
  }
}

function deviatingChecks({ events }: RecordWriter): number[] {
  const steps = events.flatMap((event) => {
    return event.event === "checked" && event.deviation !== undefined ? [event.step] : [];
  });
  return [...new Set(steps)];
}

/** To run checks takes what a walk takes; to write down what a person says, that the walk's approval was genuine. */
async function requireApprovalOf(
  gate: Gate,
  loaded: LoadedRunbook,
  walk: LatestWalk,
): Promise<Pick<Granted, "statement" | "bytes">> {
  if (walk.state.phase === "completed") return await requireApproval(gate, loaded, { walk: walk.id });
  return await requireGenuineApproval(gate, loaded, requireNotedWalk(gate.context.env, walk));
}

function requireEndedWalk(gate: Gate, loaded: LoadedRunbook): LatestWalk {
  const walk = latestWalk(loaded);
  const fix = `vibeops runbook run ${loaded.runbook.id}`;
  if (walk === null) {
    const message = "this runbook was never run, so there is nothing to verify";
    throw new VibeopsError({ code: "verification.no-walk", exit: Exit.humanNeeded, message, fix });
  }
  if (!isOpen(walk.state)) {
    readOwnRecord(gate.context.env, loaded.folder, walk.id);
    return walk;
  }
  const message = `walk ${walk.id} has not come to its end`;
  throw new VibeopsError({ code: "verification.open-walk", exit: Exit.humanNeeded, message, fix });
}

/** A verification while it runs. */
interface Verifying {
  readonly gate: Gate;
  readonly loaded: LoadedRunbook;
  readonly walk: LatestWalk;
  readonly writer: RecordWriter;
  readonly options: WalkOptions;
}

async function verify(verifying: Verifying): Promise<boolean> {
  const { gate, loaded, walk, writer, options } = verifying;
  if (walk.state.phase !== "completed") {
    const judged = await judgeOldState(loaded, options);
    writer.append(judged, gate.context.now());
    return judged.ok;
  }
  let ok = true;
  for (const [index, fence] of loaded.runbook.verification.entries()) {
    for (const hosts of turnsOf(fence, fence.hosts, options.mode)) {
      ok = (await verifyOn(verifying, index, hosts)) && ok;
    }
  }
  writer.append({ event: "verified", ok, judged: "checks" }, gate.context.now());
  return ok;
}

/** One check, on these of its hosts at the same time. */
async function verifyOn(
  { gate, loaded, walk, writer, options }: Verifying,
  index: number,
  hosts: readonly string[],
): Promise<boolean> {
  const { operator, mode } = options;
  const granted = await requireApproval(gate, loadForGate(gate.project, loaded.runbook.id), {
    walk: walk.id,
  });
  const assessed = granted.current.assessment.verification[index];
  const commands = (assessed?.commands ?? []).filter(({ command }) => hosts.includes(command.host));
  if (assessed === undefined || commands.length < hosts.length) return false;
  const variables = { ...walk.state.captured, ...granted.statement.variables };
  const source = { current: granted.current, variables };
  operator.showCommand(commandView(commands, source));
  const step = index + 1;
  const execution = { gate, mode, operator, source };
  for (const one of commands) {
    const started = startedCommand(execution, one);
    writer.append({ event: "started", step, kind: "check", ...started }, gate.context.now());
  }
  let passed = 0;
  let isLeft = false;
  await execute(execution, commands, ({ command }, outcome) => {
    const { host } = command;
    const { rawStdout: _raw, outcome: how, ...result } = outcome;
    const ok = how === "ok";
    isLeft ||= outcome.ended === "interrupt";
    writer.append({ event: "checked", step, index: 0, host, ok, ...result }, gate.context.now());
    const failed = howCheckFailed(outcome, command);
    const why = failed === null ? "" : `: it ${failed}`;
    operator.say(`It ${ok ? "passed" : "failed"}${onHost(assessed.check, host)}${why}.`);
    if (ok) passed += 1;
  });
  if (isLeft) throw interrupted(loaded);
  return passed === hosts.length;
}

/** Whoever presses Ctrl-C wants no further check, and has judged nothing. */
function interrupted({ runbook }: LoadedRunbook): VibeopsError {
  return new VibeopsError({
    code: "interrupted",
    exit: Exit.interrupted,
    message: "the verification was interrupted before its end, so it says nothing about the system",
    fix: `vibeops runbook verify ${runbook.id}`,
  });
}

async function judgeOldState({ runbook }: LoadedRunbook, { operator }: WalkOptions) {
  if (runbook.rollbackText !== "")
    operator.say(`The way back, as the runbook has it:\n${runbook.rollbackText}`);
  const answer = await operator.choose("This walk was rolled back. Does the state before it work again?", [
    { value: "yes", label: "yes, I looked" },
    { value: "no", label: "no" },
  ]);
  const ok = answer === "yes";
  for (;;) {
    const note = redactSecrets((await operator.ask("What did you look at?")).trim());
    if (note !== "" || !ok) return { event: "verified", ok, judged: "human", ...(note && { note }) } as const;
    operator.say("Say what you looked at: it stands in the record beside your yes.");
  }
}
