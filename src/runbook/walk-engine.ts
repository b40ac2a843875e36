import { Exit, VibeopsError } from "../errors.ts";
import { redactSecrets } from "../text/secrets.ts";
import { type Granted, loadForGate, requireApproval } from "./approval.ts";
import { type AssessedCommand, assessedOf } from "./assess-runbook.ts";
import { hashCommand } from "./current-content.ts";
import { type Execution, execute, type Mode, type OnEnd } from "./execute.ts";
import { howCheckFailed, howItFailed, howItWasLost, whyNotReached } from "./failure-words.ts";
import type { Gate } from "./gate.ts";
import { turnsOf } from "./host-turns.ts";
import type { Operator } from "./operator.ts";
import type { Outcome } from "./outcome.ts";
import type { RecordLine, RecordWriter } from "./record.ts";
import type { RecordEvent } from "./record-event.ts";
import { reportDeviation } from "./report-deviation.ts";
import { type CommandFence, onHost, type Runbook, rollbackFence, type Step } from "./runbook.ts";
import type { LoadedRunbook } from "./runbook-folder.ts";
import { startedCommand } from "./started-command.ts";
import { stepView, type ViewSource } from "./step-view.ts";
import { isCapturable, type StepState, type WalkState } from "./walk-progress.ts";
import { readWalkState } from "./walk-state.ts";

export interface WalkParts {
  readonly gate: Gate;
  readonly loaded: LoadedRunbook;
  readonly walk: string;
  readonly writer: RecordWriter;
  readonly mode: Mode;
  readonly operator: Operator;
}

/** Commands of one fence that the gate has let through just now, and all that it takes to run them. */
interface Prepared {
  readonly execution: Execution;
  readonly commands: readonly AssessedCommand[];
}

/**
 * What a walk is made of: asking the gate, running one fence on hosts, writing down what came of it. It keeps no state
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

  get events(): readonly RecordLine[] {
    return this.#parts.writer.events;
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

  /** Asks the gate, and gives what a fence is on these of its hosts. */
  async prepare(step: Step, fence: CommandFence, hosts: readonly string[]): Promise<Prepared> {
    const granted = await this.#askGate();
    const { gate, mode, operator } = this.#parts;
    const source = this.#source(granted);
    const assessed = assessedOf(source.current.assessment.steps[step.number - 1]?.commands ?? [], fence);
    const commands = hosts.map((host) => {
      const one = assessed.find(({ command }) => command.host === host);
      if (one === undefined || !isApproved(granted, step, one)) throw this.#other(step, fence);
      return one;
    });
    return { execution: { gate, mode, operator, source }, commands };
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

  #other(step: Step, { kind }: CommandFence): VibeopsError {
    return new VibeopsError({
      code: "approval.lapsed",
      exit: Exit.refused,
      message: `step ${step.number}'s ${kind} is not the one that was approved`,
      file: this.runbook.file,
      line: step.line,
      fix: `vibeops runbook approve ${this.runbook.id}`,
    });
  }

  /**
   * Runs a step's run or rollback on these hosts at the same time; by hand it is one after another, up to the first
   * that fails. False where it did not succeed on all. `otherwise`: the person runs something else by hand; that was
   * not approved, so we do not run it, and it is recorded as what it is.
   */
  async run(
    step: Step,
    kind: "run" | "rollback",
    hosts: readonly string[],
    otherwise = false,
  ): Promise<boolean> {
    const fence = kind === "run" ? step.run : rollbackFence(step);
    if (fence === undefined) return true;
    const mode = otherwise ? "paste" : this.mode;
    for (const turn of turnsOf({ together: true }, hosts, mode)) {
      if (!(await this.#runTurn(step, fence, turn, otherwise))) return false;
    }
    return true;
  }

  /** That they start is on disk for all of them before the first one does. */
  async #runTurn(
    step: Step,
    fence: CommandFence,
    hosts: readonly string[],
    otherwise: boolean,
  ): Promise<boolean> {
    const { execution, commands } = await this.prepare(step, fence, hosts);
    const locked = { ...execution, walk: this.walk };
    for (const one of commands) {
      const started = startedCommand(execution, one, otherwise);
      this.write({ event: "started", step: step.number, kind: fence.kind, ...started });
    }
    if (!otherwise && execution.mode === "ssh") {
      const verb = fence.kind === "run" ? "Running" : "Rolling back";
      this.operator.say(`${verb} on ${hosts.join(", ")} …`);
    }
    let succeeded = 0;
    const noteEnd: OnEnd = ({ command }, outcome) => {
      if (this.#noteEnd(step, command.host, fence, outcome)) succeeded += 1;
    };
    if (!otherwise) await execute(locked, commands, noteEnd);
    else {
      for (const one of commands) {
        noteEnd(one, { ...(await reportDeviation(execution.operator, one.command)), attempts: 1 });
      }
    }
    return succeeded === commands.length;
  }

  #noteEnd(step: Step, host: string, fence: CommandFence, executed: Outcome): boolean {
    const { kind } = fence;
    const { rawStdout, outcome, ...result } = kind === "run" ? this.#judgeCapture(step, executed) : executed;
    const place = { step: step.number, kind, host };
    const noted = outcome === "not-run" ? "unknown" : outcome;
    this.write({ event: "finished", ...place, outcome: noted, ...result });
    if (outcome === "not-run") {
      const told = result.reported === "host" ? { reported: "host" as const } : {};
      this.write({ event: "answered", ...place, answer: "not-run", ...told });
      this.operator.say(`It did not run${onHost(fence, host)}${whyNotReached(host, result)}.`);
      if (result.ended === "unlocked") this.write({ event: "unlocked", host, outcome: "gone" });
    }
    const failed = howItFailed(executed);
    if (failed !== null) this.operator.say(`The ${kind}${onHost(fence, host)} ${failed}.`);
    const lost = howItWasLost(host, executed);
    if (lost !== null) this.operator.say(lost);
    if (outcome === "ok" && kind === "run") this.#capture(step, rawStdout);
    return outcome === "ok";
  }

  /** A captured value must be what its pattern says; otherwise the step failed. */
  #judgeCapture(step: Step, executed: Outcome): Outcome {
    const capture = step.run?.capture;
    if (capture === undefined || executed.outcome !== "ok") return executed;
    if (isCapturable(capture, executed.rawStdout.trim())) return executed;
    const why = `the output is not what ${capture.name} must be: ${capture.pattern}`;
    this.operator.say(why);
    return { ...executed, outcome: "failed", stderr: `${executed.stderr}${why}\n` };
  }

  #capture(step: Step, stdout: string): void {
    const name = step.run?.capture?.name;
    if (name === undefined) return;
    this.write({ event: "captured", step: step.number, name, value: stdout.trim() });
  }

  /**
   * Runs a step's checks on these of its hosts, those that have not passed yet or all of them, up to the first that
   * fails. False where one did.
   */
  async check(step: Step, hosts: readonly string[], all = false): Promise<boolean> {
    for (const [index, fence] of step.checks.entries()) {
      const before = this.stateOf(step).perHost.checks[index];
      const due = fence.hosts.filter((host) => {
        const progress = before?.get(host);
        return hosts.includes(host) && progress !== "skipped" && (all || progress !== "ok");
      });
      for (const turn of turnsOf(fence, due, this.mode)) {
        if (!(await this.#checkTurn(step, index, fence, turn))) return false;
      }
    }
    return true;
  }

  async #checkTurn(
    step: Step,
    index: number,
    fence: CommandFence,
    hosts: readonly string[],
  ): Promise<boolean> {
    const { execution, commands } = await this.prepare(step, fence, hosts);
    this.operator.say(`Checking on ${hosts.join(", ")} …`);
    let passed = 0;
    const which = step.checks.length === 1 ? "The check" : `Check ${index + 1} of ${step.checks.length}`;
    await execute(execution, commands, ({ command }, outcome) => {
      const { rawStdout: _raw, outcome: how, ...result } = outcome;
      const { host } = command;
      this.write({ event: "checked", step: step.number, index, host, ok: how === "ok", ...result });
      if (how === "ok") passed += 1;
      const failed = howCheckFailed(outcome, command);
      if (failed !== null) this.operator.say(`${which}${onHost(fence, host)} ${failed}.`);
    });
    const ok = passed === commands.length;
    if (ok) this.operator.say(`${which}${onHost(fence, hosts)} passed.`);
    return ok;
  }

  /** A person leaves what is left of a step as it is: on these hosts, or on all of them. */
  async skip(step: Step, kind: "run" | "check" | "rollback", hosts?: readonly string[]): Promise<void> {
    const where = hosts === undefined ? "" : ` on ${hosts.join(", ")}`;
    const reason = await this.ask(`Why is step ${step.number} skipped${where}?`);
    for (const host of hosts ?? [undefined]) {
      const on = host === undefined ? {} : { host };
      this.write({ event: "skipped", step: step.number, kind, ...on, reason });
    }
  }
}

/** The last comparison before the bytes go out: this very command stands in the signed statement. */
function isApproved({ statement }: Granted, step: Step, { command }: AssessedCommand): boolean {
  const approved = statement.steps.find((one) => one.number === step.number)?.commands ?? [];
  const hash = hashCommand(command);
  return approved.some((one) => one.sha256 === hash && one.kind === command.kind);
}

/** In paste mode the same is said afterwards; see execute.ts. */
export const DO_OTHERWISE = { value: "changed", label: "do it otherwise, by hand" } as const;

/** What ends a walk that a person leaves on purpose; the record says so, and it waits for them. */
export function leaving(): VibeopsError {
  return new VibeopsError({
    code: "walk.stopped",
    exit: Exit.humanNeeded,
    message: "the walk was stopped",
    fix: "resume it: vibeops runbook run ID",
  });
}
