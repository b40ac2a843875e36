import { Exit, VibeopsError } from "../errors.ts";
import { sha256 } from "../platform/hash.ts";
import { redactSecrets } from "../text/secrets.ts";
import { type Granted, loadForGate, requireApproval } from "./approval.ts";
import type { AssessedCommand } from "./assess-runbook.ts";
import { hashCommand, hostOf } from "./current-content.ts";
import { bytesOf, type Execution, execute, executeCheck, type Mode, type Outcome } from "./execute.ts";
import type { Gate } from "./gate.ts";
import type { Operator } from "./operator.ts";
import type { RecordWriter } from "./record.ts";
import type { RecordEvent } from "./record-event.ts";
import { reportDeviation } from "./report-deviation.ts";
import type { Runbook, Step } from "./runbook.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { stepView, type ViewSource } from "./step-view.ts";
import { matchesCapture, type StepState, type WalkState } from "./walk-progress.ts";
import { readWalkState } from "./walk-state.ts";

export interface WalkParts {
  readonly gate: Gate;
  readonly loaded: LoadedRunbook;
  readonly walk: string;
  readonly writer: RecordWriter;
  readonly mode: Mode;
  readonly operator: Operator;
}

/** A command that the gate has let through just now, and all that it takes to run it. */
interface Prepared {
  readonly execution: Execution;
  readonly assessed: AssessedCommand;
}

/**
 * What a walk is made of: asking the gate, running one command, writing down what came of it. It keeps no state
 * of its own; after every line it reads from the record where the walk stands, so a walk that is resumed goes the
 * same way as one that was not cut off.
 */
export class WalkEngine {
  readonly #parts: WalkParts;

  constructor(parts: WalkParts) {
    this.#parts = parts;
  }

  get operator(): Operator {
    return this.#parts.operator;
  }

  get walk(): string {
    return this.#parts.walk;
  }

  get mode(): Mode {
    return this.#parts.mode;
  }

  get runbook(): Runbook {
    return this.#parts.loaded.runbook;
  }

  get state(): WalkState {
    return readWalkState(this.#parts.loaded, this.#parts.writer);
  }

  stateOf(step: Step): StepState {
    const state = this.state.steps[step.number - 1];
    if (state === undefined) throw new RangeError(`there is no step ${step.number}`);
    return state;
  }

  write(event: RecordEvent): void {
    this.#parts.writer.append(event, this.#parts.gate.context.now());
  }

  /** A reason for the record; asked until there is one. */
  async ask(question: string): Promise<string> {
    for (;;) {
      const answer = (await this.operator.ask(question)).trim();
      if (answer !== "") return redactSecrets(answer);
      this.operator.say("A reason is needed: it stands in the record.");
    }
  }

  /** Asks the gate, and gives what it takes to reach the locks on the hosts. */
  async prepareLocks(): Promise<Execution> {
    const { gate, mode, operator } = this.#parts;
    return { gate, mode, operator, source: this.#source(await this.#askGate()) };
  }

  /** Asks the gate and shows a step as it would run now. */
  async showStep(step: Step): Promise<void> {
    const granted = await this.#askGate();
    this.operator.showStep(stepView(this.runbook, step.number, this.#source(granted)));
  }

  /** Asks the gate and gives what a command would be shown with; null where the step has none of that kind. */
  async prepare(step: Step, kind: "run" | "check" | "rollback", index = 0): Promise<Prepared | null> {
    const granted = await this.#askGate();
    const { gate, mode, operator } = this.#parts;
    const source = this.#source(granted);
    const commands = source.current.assessment.steps[step.number - 1]?.commands ?? [];
    const assessed = commands.filter(({ command }) => command.kind === kind)[index];
    if (assessed === undefined) return null;
    this.#refuseOther(granted, step, assessed);
    return { execution: { gate, mode, operator, source }, assessed };
  }

  /** Everything is read from disk again: the runbook that is judged here is the one whose commands then run. */
  async #askGate(): Promise<Granted> {
    const { gate, walk } = this.#parts;
    return await requireApproval(gate, loadForGate(gate.project, this.runbook.id), { walk });
  }

  #source(granted: Granted): ViewSource {
    const variables = { ...this.state.captured, ...granted.statement.variables };
    return { current: granted.current, variables };
  }

  /** The last comparison before the bytes go out: this very command stands in the signed statement. */
  #refuseOther(granted: Granted, step: Step, assessed: AssessedCommand): void {
    const approved = granted.statement.steps.find((one) => one.number === step.number)?.commands ?? [];
    const hash = hashCommand(assessed.command);
    if (approved.some((one) => one.sha256 === hash && one.kind === assessed.command.kind)) return;
    throw new VibeopsError({
      code: "approval.lapsed",
      exit: Exit.refused,
      message: `step ${step.number}'s ${assessed.command.kind} is not the one that was approved`,
      file: this.runbook.file,
      line: step.line,
      fix: `vibeops runbook approve ${this.runbook.id}`,
    });
  }

  /**
   * Runs a step's run or rollback; false where it did not succeed. `otherwise`: the person runs something else by
   * hand; that was not approved, so we do not run it, and it is recorded as what it is.
   */
  async run(step: Step, kind: "run" | "rollback", otherwise = false): Promise<boolean> {
    const prepared = await this.prepare(step, kind);
    if (prepared === null) return true;
    const { execution, assessed } = prepared;
    this.write({
      event: "started",
      step: step.number,
      kind,
      ...startedCommand(execution, assessed, otherwise),
    });
    const executed = otherwise
      ? await reportDeviation(execution.operator, assessed.command)
      : await execute(execution, assessed);
    const { rawStdout, ...finished } = kind === "run" ? this.#judgeCapture(step, executed) : executed;
    const { outcome, ...result } = finished;
    const noted = outcome === "not-run" ? "unknown" : outcome;
    this.write({ event: "finished", step: step.number, kind, outcome: noted, ...result });
    if (outcome === "not-run") {
      this.write({ event: "answered", step: step.number, kind, answer: "not-run" });
      this.operator.say(`It did not run. ${result.stderr.trim()}`.trim());
      return false;
    }
    if (outcome !== "ok") return false;
    if (kind === "run") this.#capture(step, rawStdout);
    return true;
  }

  /** A captured value must be what its pattern says; otherwise the step failed. */
  #judgeCapture(step: Step, executed: Outcome): Outcome {
    const capture = step.run?.capture;
    if (capture === undefined || executed.outcome !== "ok") return executed;
    const value = executed.rawStdout.trim();
    if (matchesCapture(capture, value) && redactSecrets(value) === value) return executed;
    const why = `the output is not what ${capture.name} must be: ${capture.pattern}`;
    this.operator.say(why);
    return { ...executed, outcome: "failed", stderr: `${executed.stderr}${why}\n` };
  }

  #capture(step: Step, stdout: string): void {
    const name = step.run?.capture?.name;
    if (name === undefined) return;
    this.write({ event: "captured", step: step.number, name, value: stdout.trim() });
  }

  /** Runs the checks that have not passed yet, or all of them, up to the first that fails. */
  async check(step: Step, all = false): Promise<void> {
    for (let index = 0; index < step.checks.length; index += 1) {
      if (!all && this.stateOf(step).checks[index] === "ok") continue;
      const prepared = await this.prepare(step, "check", index);
      if (prepared === null) return;
      this.operator.say(`Checking on ${prepared.assessed.command.host} …`);
      const outcome = await executeCheck(prepared.execution, prepared.assessed);
      const { rawStdout: _raw, outcome: how, deviation: _deviation, ...result } = outcome;
      this.write({ event: "checked", step: step.number, index, ok: how === "ok", ...result });
      if (how !== "ok") return;
    }
  }

  async skip(step: Step, kind: "run" | "check" | "rollback"): Promise<void> {
    const reason = await this.ask(`Why is step ${step.number} skipped?`);
    this.write({ event: "skipped", step: step.number, kind, reason });
  }

  /**
   * Nobody but a person can say what became of a command that was started and never heard of again. Returns
   * whether they would rather roll back.
   */
  async resolveUnknown(step: Step, kind: "run" | "rollback"): Promise<"said" | "roll-back"> {
    await this.showStep(step);
    const started = `The ${kind} of step ${step.number} was started, and nothing says how it ended.`;
    const answer = await this.operator.choose(`${started} Look at the host. What happened?`, [
      { value: "ran", label: "it ran to its end" },
      { value: "not-run", label: "it did not run" },
      { value: "again", label: "run it again" },
      ...(kind === "run" ? [{ value: "roll-back" as const, label: "roll back" }] : []),
      { value: "stop", label: "stop here; it can be resumed" },
    ]);
    if (answer === "stop") throw leaving();
    if (answer === "roll-back") return "roll-back";
    this.write({ event: "answered", step: step.number, kind, answer });
    if (answer === "again") await this.run(step, kind);
    return "said";
  }
}

/** What a `started` line says of a command: what was approved, and how it gets to its host. */
export function startedCommand(
  execution: Execution,
  { command }: AssessedCommand,
  otherwise = false,
): Pick<Extract<RecordEvent, { event: "started" }>, "host" | "by" | "command" | "bytes"> {
  const transport = hostOf(execution.source.current.inventory, command.host)?.transport ?? "ssh";
  return {
    host: command.host,
    by: otherwise || execution.mode === "paste" ? "hand" : transport,
    command: hashCommand(command),
    bytes: sha256(bytesOf(execution, command)),
  };
}

/** In paste mode the same is said afterwards; see execute.ts. */
export const DO_OTHERWISE = { value: "changed", label: "do it otherwise, by hand" } as const;

/** What ends a walk that a person leaves on purpose; the record says so, and it waits for them. */
export function leaving(): VibeopsError {
  return new VibeopsError({
    code: "walk.stopped",
    exit: Exit.humanNeeded,
    message: "the walk was stopped",
    fix: "resume it: vibeops runbook run",
  });
}
