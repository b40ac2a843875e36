import { execute } from "./execute.ts";
import { howCheckFailed } from "./failure-words.ts";
import { turnsOf } from "./host-turns.ts";
import { resolveUnknown } from "./resolve-unknown.ts";
import { type CommandFence, onHost, rollbackFence, type Step } from "./runbook.ts";
import { commandView } from "./step-view.ts";
import { DO_OTHERWISE, leaving, type WalkEngine } from "./walk-engine.ts";
import { releaseLocks, takeLostLocks } from "./walk-lock.ts";
import { hostsToGoBackOn, reachedHosts } from "./walk-progress.ts";

/**
 * Back over the steps that ran, last first, and over the hosts that each of them touched, last first, each with its own
 * confirmation. What the checks say is kept before anything is destroyed; what could not be rolled back is said plainly.
 */
export async function walkBack(engine: WalkEngine): Promise<void> {
  const touched = engine.runbook.steps.filter((step) => engine.stateOf(step).touched).reverse();
  const begun = touched.flatMap((step) => [...engine.stateOf(step).perHost.rollback.values()]);
  if (begun.every((progress) => progress === "pending")) await keepEvidence(engine, touched);
  const failed: number[] = [];
  const none: number[] = [];
  const left: string[] = [];
  for (const step of touched) {
    const fence = rollbackFence(step);
    if (fence === undefined) {
      none.push(step.number);
      engine.operator.say(`Step ${step.number} has no way back: ${reasonOf(step)}`);
      continue;
    }
    const hosts = await rollBack(engine, step, fence);
    if (hosts.length === 0) continue;
    failed.push(step.number);
    left.push(`step ${step.number}${onHost(fence, hosts)}`);
  }
  await releaseLocks(engine);
  engine.write({ event: "rolled-back", failed, none });
  const wayless = none.map((number) => `step ${number}, which has no way back`);
  const kept = [...left, ...wayless];
  if (kept.length > 0) engine.operator.say(`Not rolled back: ${kept.join("; ")}.`);
}

function reasonOf(step: Step): string {
  return step.rollback !== undefined && "none" in step.rollback
    ? step.rollback.none
    : "the runbook gives none";
}

interface Due {
  readonly step: Step;
  readonly index: number;
  readonly fence: CommandFence;
  readonly hosts: readonly string[];
}

/** The checks only read, and a failing one is what is wanted here: each is asked once. */
async function keepEvidence(engine: WalkEngine, touched: readonly Step[]): Promise<void> {
  const due = touched.flatMap((step) =>
    step.checks.flatMap((fence, index) => dueOn(engine, step, fence, index)),
  );
  if (due.length === 0) return;
  if (engine.mode === "paste") {
    const question = "Keep what the checks say, before anything is rolled back? It is gone afterwards.";
    const answer = await engine.operator.choose(question, [
      { value: "yes", label: "yes, by hand, one after another", isDefault: true },
      { value: "no", label: "no, go back at once" },
    ]);
    if (answer === "no") return;
  } else engine.operator.say("Keeping what the checks say before anything is rolled back …");
  for (const one of due) await keepOne(engine, one);
}

function dueOn(engine: WalkEngine, step: Step, fence: CommandFence, index: number): Due[] {
  const reached = reachedHosts(engine.stateOf(step).perHost, fence.hosts);
  return turnsOf(fence, reached, engine.mode).map((hosts) => ({ step, index, fence, hosts }));
}

async function keepOne(engine: WalkEngine, { step, index, fence, hosts }: Due): Promise<void> {
  const { execution, commands } = await engine.prepare(step, fence, hosts);
  engine.operator.say(`Step ${step.number}, ${step.title}: its check on ${hosts.join(", ")} says:`);
  const once = commands.map((one) => ({ ...one, command: { ...one.command, attempts: 1 } }));
  await execute(execution, once, ({ command }, outcome) => {
    const { outcome: how, attempts: _attempts, rawStdout: _raw, reported, ...result } = outcome;
    const byHand = reported === "human";
    // Who did not look has nothing to keep.
    if (byHand && how === "not-run") return;
    const { host } = command;
    const told = byHand ? { reported: "human" as const } : {};
    engine.write({ event: "evidence", step: step.number, index, host, ...result, ...told });
    engine.operator.say(
      `It ${howCheckFailed(outcome, command) ?? (how === "ok" ? "passes" : "fails")}${onHost(fence, host)}.`,
    );
  });
}

/** Returns the hosts on which it was not rolled back. */
async function rollBack(engine: WalkEngine, step: Step, fence: CommandFence): Promise<string[]> {
  const progress = (host: string) => engine.stateOf(step).perHost.rollback.get(host);
  const hosts = hostsToGoBackOn(engine.stateOf(step).perHost);
  for (const host of hosts.toReversed()) {
    for (let now = progress(host); now !== "ok" && now !== "skipped"; now = progress(host)) {
      await takeLostLocks(engine);
      if (now === "unknown") await resolveUnknown(engine, step, "rollback", host);
      else await confirmAndRollBack(engine, step, fence, host);
    }
  }
  return hosts.filter((host) => progress(host) !== "ok");
}

async function confirmAndRollBack(
  engine: WalkEngine,
  step: Step,
  fence: CommandFence,
  host: string,
): Promise<void> {
  const again = engine.stateOf(step).perHost.rollback.get(host) === "failed";
  const { commands, execution } = await engine.prepare(step, fence, [host]);
  engine.operator.showCommand(commandView(commands, execution.source));
  const what = `Roll back step ${step.number}, ${step.title}${onHost(fence, host).replace(/^ /, ", ")}?`;
  const answer = await engine.operator.choose(`${again ? "It failed. " : ""}${what}`, [
    { value: "run", label: again ? "try again" : "roll it back", isDefault: !again },
    ...(engine.mode === "ssh" ? [DO_OTHERWISE] : []),
    { value: "skip", label: "leave it as it is, with a reason" },
    { value: "stop", label: "stop here; it can be resumed" },
  ]);
  if (answer === "stop") throw leaving();
  if (answer === "skip") await engine.skip(step, "rollback", fence.hosts.length === 1 ? undefined : [host]);
  else await engine.run(step, "rollback", [host], answer === "changed");
}
