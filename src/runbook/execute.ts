import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { AssessedCommand } from "./assess-runbook.ts";
import { type CurrentContent, hostOf } from "./current-content.ts";
import type { Gate } from "./gate.ts";
import { type HostResult, runOnHost } from "./host.ts";
import type { Operator } from "./operator.ts";
import { NOT_RUN, type Outcome } from "./outcome.ts";
import { recordedText } from "./recorded-text.ts";
import { askForDeviation, askForOutput } from "./report-deviation.ts";
import type { Command } from "./runbook.ts";
import { scriptBytes } from "./script-bytes.ts";
import { ShownOutput } from "./shown-output.ts";
import { withStagedFiles } from "./staged-files.ts";
import { pasteView, type ViewSource } from "./step-view.ts";

/** `paste`: the person runs it in a shell of their own. `ssh`: it goes to the host at the press of a key. */
export type Mode = "paste" | "ssh";

export interface Execution {
  readonly gate: Gate;
  readonly mode: Mode;
  readonly operator: Operator;
  readonly source: ViewSource;
  /** The walk whose lock must lie on a host for its commands to run; checks change nothing and need none. */
  readonly walk?: string;
}

/** Is told what came of a command, and of a check after how many attempts. */
export type OnEnd = (assessed: AssessedCommand, outcome: Outcome & { readonly attempts: number }) => void;

/**
 * Runs commands of one fence: all at the same time, or, by hand, one after another. Each end is told as it comes;
 * nothing runs any more when this returns. The caller has asked the gate and written down that they start.
 */
export async function execute(
  execution: Execution,
  commands: readonly AssessedCommand[],
  onEnd: OnEnd,
): Promise<void> {
  if (execution.mode === "ssh") {
    await execution.operator.interruptible((signal) => runInRounds(execution, commands, onEnd, signal));
    return;
  }
  for (const one of commands) {
    const outcome = await withFiles(execution, [one], () => runByHand(execution, one));
    onEnd(one, { ...outcome, attempts: 1 });
  }
}

/**
 * Up to their number of attempts, all that are left at the same time. Between attempts a person may break off; what may
 * have been cut off is not tried again unasked.
 */
async function runInRounds(
  execution: Execution,
  commands: readonly AssessedCommand[],
  onEnd: OnEnd,
  signal: AbortSignal,
): Promise<void> {
  // Each host listens for it, and there may be more of them than Node takes for an oversight.
  setMaxListeners(0, signal);
  for (let left = commands, attempts = 1; left.length > 0; attempts += 1) {
    const failed: { one: AssessedCommand; outcome: Outcome }[] = [];
    await withFiles(execution, left, () =>
      allEnded(left, async (one) => {
        const outcome = await runOverConnection(execution, one.command, signal);
        const isLast = attempts >= one.command.attempts || outcome.outcome !== "failed";
        if (isLast || outcome.ended === "interrupt") onEnd(one, { ...outcome, attempts });
        else failed.push({ one, outcome });
      }),
    );
    left = failed.map(({ one }) => one);
    const goesOn = left.length === 0 || (await waitForNext(execution, left, attempts, signal));
    if (goesOn) continue;
    for (const { one, outcome } of failed) onEnd(one, { ...outcome, ended: "interrupt", attempts });
    return;
  }
}

/** Whatever comes of one, the others are waited for: nobody walks away from what still runs. */
async function allEnded<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void> {
  for (const end of await Promise.allSettled(items.map(run))) {
    if (end.status === "rejected") throw end.reason;
  }
}

async function waitForNext(
  { operator }: Execution,
  left: readonly AssessedCommand[],
  attempt: number,
  signal: AbortSignal,
): Promise<boolean> {
  const [first] = left;
  if (first === undefined) return true;
  const { attempts, intervalMs, hosts } = first.command;
  const where = hosts.length === 1 ? "" : ` on ${left.map(({ command }) => command.host).join(", ")}`;
  operator.say(`Attempt ${attempt} of ${attempts} failed${where}; the next one follows.`);
  return await pause(intervalMs, signal);
}

/** Runs something while the files that the commands name lie where they look for them. */
async function withFiles<T>(
  { source: { current } }: Execution,
  commands: readonly AssessedCommand[],
  run: () => Promise<T>,
): Promise<T> {
  if (!commands.some(({ command }) => namesStagedFiles(command, current))) return await run();
  return await withStagedFiles({ ...current, listed: current.content.files.map(({ path }) => path) }, run);
}

/** The bytes that a command is sent as. */
export function bytesOf({ source }: Pick<Execution, "source">, command: Command): Buffer {
  const transport = hostOf(source.current.inventory, command.host)?.transport ?? "ssh";
  return scriptBytes(command.script, source.variables, { transport }, source.current.places);
}

function namesStagedFiles({ host, script }: Command, { inventory }: CurrentContent): boolean {
  return hostOf(inventory, host)?.transport === "local" && script.includes("VIBEOPS_PROJECT");
}

async function runOverConnection(
  execution: Execution,
  command: Command,
  signal: AbortSignal,
): Promise<Outcome> {
  const { gate, operator, source, walk } = execution;
  const host = hostOf(source.current.inventory, command.host);
  const identity = source.current.identities.find((one) => one.name === command.host);
  if (host === undefined || identity === undefined)
    throw new Error(`host ${command.host} is not in the approval`);
  const from = command.hosts.length === 1 ? undefined : command.host;
  const shown = {
    stdout: new ShownOutput((text) => operator.output("stdout", text, from)),
    stderr: new ShownOutput((text) => operator.output("stderr", text, from)),
  };
  const result = await runOnHost({
    host,
    identity,
    bytes: bytesOf(execution, command),
    ...(walk === undefined ? {} : { walk }),
    timeoutMs: command.timeoutMs,
    context: gate.context,
    signal,
    onOutput: (stream, text) => shown[stream].push(text),
  });
  shown.stdout.end();
  shown.stderr.end();
  const output = { stdout: recordedText(result.stdout), stderr: recordedText(result.stderr) };
  const common = { ...output, exit: result.exit, reported: "host", rawStdout: result.stdout } as const;
  if (result.state === "not-started")
    return { ...common, exit: null, outcome: "not-run", ended: endOf(result.cause) ?? "lost" };
  if (result.state === "lost") return { ...common, outcome: "unknown", ended: endOf(result.cause) ?? "lost" };
  const ended = endOf(result.cause);
  const ok = result.exit === 0 && ended === undefined && meetsExpectation(command, result.stdout);
  return { ...common, outcome: ok ? "ok" : "failed", ...(ended === undefined ? {} : { ended }) };
}

function endOf(cause: HostResult["cause"]): Outcome["ended"] {
  return cause === "done" ? undefined : cause;
}

function meetsExpectation(command: Command, stdout: string): boolean {
  return command.expect === undefined || stdout.includes(command.expect);
}

async function runByHand(execution: Execution, assessed: AssessedCommand): Promise<Outcome> {
  const { operator, source } = execution;
  const { command } = assessed;
  operator.showCommand(pasteView([assessed], source));
  const answer = await operator.choose(`Run it on ${command.host}. What happened?`, [
    { value: "worked", label: "it worked", isDefault: true },
    { value: "failed", label: "it failed" },
    { value: "changed", label: "I changed the command" },
    { value: "not-run", label: "I did not run it" },
  ]);
  if (answer === "not-run") return NOT_RUN;
  const told =
    answer === "changed"
      ? await askForDeviation(operator, "What did you run instead?")
      : await askForOutput(operator, answer);
  if (told.outcome !== "ok" || meetsExpectation(command, told.rawStdout)) return told;
  operator.say(`The output does not hold what was expected: ${command.expect ?? ""}`);
  return { ...told, outcome: "failed" };
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  try {
    await sleep(milliseconds, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}
