import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { ensureDirectory } from "../platform/files.ts";
import { commitFiles } from "../platform/git-commit.ts";
import { withLock } from "../platform/lock.ts";
import { redactSecrets } from "../text/secrets.ts";
import { type Granted, loadForGate, requireApproval, requireGenuineApproval } from "./approval.ts";
import { executeCheck } from "./execute.ts";
import type { Gate } from "./gate.ts";
import { requireHuman } from "./human.ts";
import { type LatestWalk, latestWalk } from "./latest-walk.ts";
import { requireNotedWalk } from "./nonce.ts";
import { listVerificationIds, RecordWriter } from "./record.ts";
import { lineNoter, readOwnRecord, settleOwnRecords } from "./record-head.ts";
import { nextRecordId } from "./record-id.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { commandView } from "./step-view.ts";
import { startEvent, type WalkOptions } from "./walk.ts";
import { startedCommand } from "./walk-engine.ts";
import { isOpen } from "./walk-state.ts";

export interface VerificationOutcome {
  readonly id: string;
  readonly walk: string;
  readonly ok: boolean;
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
  const locks = ensureDirectory(gate.project.root, ".vibeops");
  return await withLock(join(locks, `walk-${id}`), async () => {
    const loaded = loadForGate(gate.project, id);
    settleOwnRecords(gate.context.env, loaded.folder, gate.context.now());
    const walk = requireEndedWalk(gate, loaded);
    const granted = await requireApprovalOf(gate, loaded, walk);
    const verification = nextRecordId(gate, listVerificationIds(loaded.folder).at(-1));
    const name = `verify-${verification}`;
    const writer = RecordWriter.create(loaded.folder, name, lineNoter(gate.context.env, id, name));
    try {
      const start = await startEvent(gate, loaded, granted, options);
      writer.append({ ...start, walk: walk.id }, gate.context.now());
      const ok = await verify(gate, loaded, walk, writer, options);
      const message = `Verify runbook ${id}: ${ok ? "passed" : "failed"}\n\n${loaded.runbook.title}`;
      const commit = await commitFiles(gate.git, [writer.file], message, gate.context);
      return { id: verification, walk: walk.id, ok, commit };
    } finally {
      writer.close();
    }
  });
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

async function verify(
  gate: Gate,
  loaded: LoadedRunbook,
  walk: LatestWalk,
  writer: RecordWriter,
  options: WalkOptions,
): Promise<boolean> {
  if (walk.state.phase !== "completed") {
    const judged = await judgeOldState(loaded, options);
    writer.append(judged, gate.context.now());
    return judged.ok;
  }
  let ok = true;
  for (const index of loaded.runbook.verification.keys()) {
    ok = (await verifyOne(gate, loaded, walk, writer, options, index)) && ok;
  }
  writer.append({ event: "verified", ok, judged: "checks" }, gate.context.now());
  return ok;
}

async function verifyOne(
  gate: Gate,
  loaded: LoadedRunbook,
  walk: LatestWalk,
  writer: RecordWriter,
  options: WalkOptions,
  index: number,
): Promise<boolean> {
  const { operator, mode } = options;
  const granted = await requireApproval(gate, loadForGate(gate.project, loaded.runbook.id), {
    walk: walk.id,
  });
  const assessed = granted.current.assessment.verification[index];
  if (assessed === undefined) return false;
  const variables = { ...walk.state.captured, ...granted.statement.variables };
  const source = { current: granted.current, variables };
  operator.showCommand(commandView(assessed, source));
  const step = index + 1;
  const execution = { gate, mode, operator, source };
  const started = startedCommand(execution, assessed);
  writer.append({ event: "started", step, kind: "check", ...started }, gate.context.now());
  const outcome = await executeCheck(execution, assessed);
  const { rawStdout: _raw, outcome: how, deviation: _deviation, ...result } = outcome;
  const ok = how === "ok";
  writer.append({ event: "checked", step, index: 0, ok, ...result }, gate.context.now());
  operator.say(ok ? "It passed." : "It failed.");
  return ok;
}

async function judgeOldState({ runbook }: LoadedRunbook, { operator }: WalkOptions) {
  if (runbook.rollbackText !== "")
    operator.say(`The way back, as the runbook has it:\n${runbook.rollbackText}`);
  const answer = await operator.choose("This walk was rolled back. Does the state before it work again?", [
    { value: "yes", label: "yes, I looked" },
    { value: "no", label: "no" },
  ]);
  const note = redactSecrets((await operator.ask("What did you look at?")).trim());
  const ok = answer === "yes" && note !== "";
  return { event: "verified", ok, judged: "human", ...(note === "" ? {} : { note }) } as const;
}
