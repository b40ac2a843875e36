import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { ensureDirectory } from "../platform/files.ts";
import { commitFiles } from "../platform/git-commit.ts";
import { sha256 } from "../platform/hash.ts";
import { newId } from "../platform/ids.ts";
import { withLock } from "../platform/lock.ts";
import { redactSecrets } from "../text/secrets.ts";
import { loadForGate, requireApproval } from "./approval.ts";
import { hashCommand } from "./current-content.ts";
import { bytesOf, executeCheck } from "./execute.ts";
import type { Gate } from "./gate.ts";
import { requireHuman } from "./human.ts";
import { latestWalk } from "./latest-walk.ts";
import { RecordWriter, readRecord } from "./record.ts";
import { headNoter, requireOwnHead } from "./record-head.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { commandView } from "./step-view.ts";
import { startEvent, type WalkOptions } from "./walk.ts";
import { isOpen, type WalkState } from "./walk-state.ts";

export interface VerificationOutcome {
  readonly id: string;
  readonly walk: string;
  readonly ok: boolean;
  readonly commit: string | null;
}

/**
 * Runs the checks under Verification as an act of its own, after the walk: that the commands succeeded and that the
 * system is healthy are two things. Passes the same gate as the walk, on the walk's approval. After a walk that was
 * rolled back the checks are recorded as well, but what they expect is the new state; whether the old one is back
 * is what a person says.
 *
 * @throws VibeopsError `verification.no-walk`, `verification.open-walk`, and those of the gate
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
    const walk = requireEndedWalk(gate, loaded);
    const granted = await requireApproval(gate, loaded, { walk: walk.id });
    const verification = newId(gate.context);
    const name = `verify-${verification}`;
    const writer = RecordWriter.create(loaded.folder, name, headNoter(gate, name));
    try {
      writer.append({ ...(await startEvent(gate, granted, options)), walk: walk.id }, gate.context.now());
      const ok = await verify(gate, loaded, walk, writer, options);
      const message = `Verify runbook ${id}: ${ok ? "passed" : "failed"}\n\n${loaded.runbook.title}`;
      const commit = await commitFiles(gate.git, [writer.file], message, gate.context);
      return { id: verification, walk: walk.id, ok, commit };
    } finally {
      writer.close();
    }
  });
}

interface EndedWalk {
  readonly id: string;
  readonly state: WalkState;
}

function requireEndedWalk(gate: Gate, loaded: LoadedRunbook): EndedWalk {
  const walk = latestWalk(loaded);
  const fix = `vibeops runbook run ${loaded.runbook.id}`;
  if (walk === null) {
    const message = "this runbook was never run, so there is nothing to verify";
    throw new VibeopsError({ code: "verification.no-walk", exit: Exit.humanNeeded, message, fix });
  }
  if (!isOpen(walk.state)) {
    requireOwnHead(gate.context.env, readRecord(loaded.folder, walk.id));
    return walk;
  }
  const message = `walk ${walk.id} has not come to its end`;
  throw new VibeopsError({ code: "verification.open-walk", exit: Exit.humanNeeded, message, fix });
}

async function verify(
  gate: Gate,
  loaded: LoadedRunbook,
  walk: EndedWalk,
  writer: RecordWriter,
  options: WalkOptions,
): Promise<boolean> {
  let passed = true;
  for (const index of loaded.runbook.verification.keys()) {
    passed = (await verifyOne(gate, loaded, walk, writer, options, index)) && passed;
  }
  const event =
    walk.state.phase === "completed"
      ? ({ event: "verified", ok: passed, judged: "checks" } as const)
      : await judgeOldState(options);
  writer.append(event, gate.context.now());
  return event.ok;
}

async function verifyOne(
  gate: Gate,
  loaded: LoadedRunbook,
  walk: EndedWalk,
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
  const { host } = assessed.command;
  const bytes = sha256(bytesOf({ source }, assessed.command));
  const hashes = { command: hashCommand(assessed.command), bytes };
  writer.append({ event: "started", step, kind: "check", host, ...hashes }, gate.context.now());
  const outcome = await executeCheck({ gate, mode, operator, source }, assessed);
  const { rawStdout: _raw, outcome: how, deviation: _deviation, ...result } = outcome;
  const ok = how === "ok";
  writer.append({ event: "checked", step, index: 0, ok, ...result }, gate.context.now());
  operator.say(ok ? "It passed." : "It failed.");
  return ok;
}

async function judgeOldState({ operator }: WalkOptions) {
  const answer = await operator.choose("This walk was rolled back. Does the state before it work again?", [
    { value: "yes", label: "yes, I looked" },
    { value: "no", label: "no" },
  ]);
  const note = redactSecrets((await operator.ask("What did you look at?")).trim());
  const ok = answer === "yes" && note !== "";
  return { event: "verified", ok, judged: "human", ...(note === "" ? {} : { note }) } as const;
}
