import { hostname } from "node:os";
import { Exit, VibeopsError } from "../errors.ts";
import { sha256 } from "../platform/hash.ts";
import { makeVisible } from "../text/visible.ts";
import { hostOf } from "./current-content.ts";
import type { Execution } from "./execute.ts";
import {
  describeHolder,
  type LockAct,
  type LockAnswer,
  type LockOwner,
  lockRemoval,
  lockScript,
  parseLockAnswer,
} from "./host-lock.ts";
import { askLock, type LockRequest, lockViewOf } from "./lock-command.ts";
import type { RecordEvent } from "./record-event.ts";
import { walkedHosts } from "./runbook.ts";
import type { WalkEngine } from "./walk-engine.ts";

type By = Extract<RecordEvent, { event: "locked" }>["by"];

/**
 * Step 0: takes the lock on every host of the runbook, or finds that this walk has it already. Where one cannot be
 * had, those that were taken just now are given up again, so that two walks never hold what the other one needs.
 *
 * @param isAlone nobody can be asked whether to break another's lock
 * @throws VibeopsError `host.locked` (exit 7), `host.no-lock`, `interrupted`, and those of the gate
 */
export async function takeLocks(engine: WalkEngine, isAlone: boolean): Promise<void> {
  await takeLocksOn(engine, walkedHosts(engine.runbook), isAlone);
}

/** The same on those hosts on which a step met no lock of this walk any more; a person is there. */
export async function takeLostLocks(engine: WalkEngine): Promise<void> {
  const { locks } = engine.state;
  const lost = walkedHosts(engine.runbook).filter((host) => !Object.hasOwn(locks, host));
  if (lost.length > 0) await takeLocksOn(engine, lost, false);
}

async function takeLocksOn(engine: WalkEngine, hosts: readonly string[], isAlone: boolean): Promise<void> {
  const execution = await engine.prepareLocks();
  const taken: string[] = [];
  try {
    for (const host of hosts) {
      if (await takeLock(new HostLock(engine, execution, host), isAlone)) taken.push(host);
    }
  } catch (error) {
    for (const host of taken) await giveUp(new HostLock(engine, execution, host));
    throw error;
  }
}

/** Gives every lock of this walk up. What cannot be given up is said and recorded, and keeps nothing from ending. */
export async function releaseLocks(engine: WalkEngine): Promise<void> {
  const { locks } = engine.state;
  const hosts = Object.keys(locks);
  if (hosts.length === 0) return;
  let execution: Execution;
  try {
    execution = await engine.prepareLocks();
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    for (const host of hosts) engine.write({ event: "unlocked", host, outcome: "left", why: error.message });
    const how = `Remove them there: ${lockRemoval(engine.walk)}`;
    engine.operator.say(`The locks on ${hosts.join(", ")} were left there: ${error.message}. ${how}`);
    return;
  }
  const given = new Set<string>();
  for (const host of hosts) {
    const place = locks[host]?.place;
    await giveUp(new HostLock(engine, execution, host), place !== undefined && given.has(place));
    if (place !== undefined) given.add(place);
  }
}

/** The lock on one host, as this walk reaches it. */
class HostLock {
  readonly engine: WalkEngine;
  readonly host: string;
  readonly #execution: Execution;

  constructor(engine: WalkEngine, execution: Execution, host: string) {
    this.engine = engine;
    this.host = host;
    this.#execution = execution;
  }

  get #transport() {
    return hostOf(this.#execution.source.current.inventory, this.host)?.transport ?? "ssh";
  }

  get by(): By {
    return this.#execution.mode === "paste" ? "hand" : this.#transport;
  }

  get script(): string {
    return lockScript({ transport: this.#transport });
  }

  /** What the host answers, or why it does not. */
  async ask(act: LockAct): Promise<LockAnswer | string> {
    const { gate, mode, operator, source } = this.#execution;
    const { current } = source;
    const request = { current, host: this.host, owner: ownerOf(this.engine, gate.context.now()), act };
    if (mode === "paste") return await this.#askByHand(request);
    // It may take its time, or ask for a passphrase: then a person wants to know for what.
    if (this.by === "ssh") operator.say(`Step 0: asking ${this.host} about its lock …`);
    return await operator.interruptible((signal) => askLock(gate.context, request, signal));
  }

  async #askByHand(request: LockRequest): Promise<LockAnswer | string> {
    const { operator } = this.engine;
    operator.showCommand(lockViewOf(request));
    const pasted = await operator.paste(`Step 0, the lock: run it on ${this.host} and paste its answer`);
    return parseLockAnswer(pasted) ?? "what was pasted is no answer of it";
  }
}

function ownerOf(engine: WalkEngine, now: Date): LockOwner {
  const { operator, runbook, walk } = engine;
  return { walk, runbook: runbook.id, who: operator.who, from: hostname(), since: now.toISOString() };
}

/** Whether it was taken just now; false where it was this walk's already. */
async function takeLock(lock: HostLock, isAlone: boolean): Promise<boolean> {
  const { engine, host } = lock;
  const isOurs = Object.hasOwn(engine.state.locks, host);
  // What a person pasted once stands in the record; they are not asked to paste it at every turn.
  if (isOurs && lock.by === "hand") return false;
  for (;;) {
    const answer = await lock.ask({ act: "take" });
    if (typeof answer === "string") {
      if (!isOurs) throw noLock(engine, host, answer);
      engine.operator.say(
        makeVisible(`${host} could not be asked about its lock, which is this walk's: ${answer}`),
      );
      return false;
    }
    if (answer.state === "held") await breakOrRefuse(lock, answer, isAlone);
    else return noteLock(lock, answer, isOurs);
  }
}

function noteLock({ engine, host, script, by }: HostLock, answer: LockAnswer, isNoted: boolean): boolean {
  const isNew = answer.state === "taken";
  const { account, place } = answer;
  if (isNew) engine.operator.say(`Step 0: ${host} is locked for this walk.`);
  else if (!isNoted) sayWhoseItIs(engine, host, place);
  if (isNew || !isNoted) {
    const which = place === undefined ? {} : { place };
    engine.write({ event: "locked", host, by, command: sha256(script), account, ...which });
  }
  return isNew;
}

/** A second name of a machine finds the lock that this walk took there by the first. */
function sayWhoseItIs({ operator, state }: WalkEngine, host: string, place: string | undefined): void {
  const others = Object.entries(state.locks).filter(
    ([, held]) => place !== undefined && held.place === place,
  );
  const [first] = others.map(([name]) => name);
  if (first !== undefined)
    operator.say(`Step 0: ${host} is the same machine as ${first}, locked for this walk already.`);
}

async function breakOrRefuse(lock: HostLock, answer: LockAnswer, isAlone: boolean): Promise<void> {
  const { engine, host } = lock;
  const holder = describeHolder(answer);
  if (isAlone) throw locked(engine, host, holder);
  const choice = await engine.operator.choose(`Step 0: ${host} is locked by ${holder}. What now?`, [
    { value: "stop", label: "stop here; it can be resumed", isDefault: true },
    { value: "break", label: "break that lock: whoever holds it knows, and nothing of theirs runs" },
  ]);
  if (choice === "stop") throw locked(engine, host, holder);
  engine.write({ event: "lock-broken", host, by: lock.by, holder });
  const broken = await lock.ask({ act: "break", seen: answer.holder.walk ?? "" });
  if (typeof broken === "string")
    throw locked(engine, host, `${holder}, and it could not be broken: ${broken}`);
}

/** @param isGiven the same lock was given up just now, for another host that it is the lock of */
async function giveUp(lock: HostLock, isGiven = false): Promise<void> {
  const { engine, host } = lock;
  const answer = await askToRelease(lock);
  if (typeof answer !== "string" && (answer.state === "released" || isGiven)) {
    engine.write({ event: "unlocked", host, outcome: "released" });
    return;
  }
  if (typeof answer !== "string") {
    engine.write({ event: "unlocked", host, outcome: "gone" });
    engine.operator.say(
      `The lock on ${host} was not this walk's any more: somebody broke it, or the host restarted.`,
    );
    return;
  }
  engine.write({ event: "unlocked", host, outcome: "left", why: answer });
  engine.operator.say(
    makeVisible(
      `The lock on ${host} was left there: ${answer}. Remove it there: ${lockRemoval(engine.walk)}`,
    ),
  );
}

/** That a person leaves meanwhile keeps nothing from ending either. */
async function askToRelease(lock: HostLock): Promise<LockAnswer | string> {
  try {
    return await lock.ask({ act: "release" });
  } catch (error) {
    if (error instanceof VibeopsError && error.exit === Exit.interrupted) return "interrupted";
    throw error;
  }
}

function locked(engine: WalkEngine, host: string, holder: string): VibeopsError {
  return new VibeopsError({
    code: "host.locked",
    exit: Exit.conflict,
    message: `host ${host} is locked by ${holder}`,
    file: engine.runbook.file,
    fix: `speak to them; then go on, or break it at a terminal: vibeops runbook run ${engine.runbook.id}`,
    facts: { host },
  });
}

function noLock(engine: WalkEngine, host: string, why: string): VibeopsError {
  return new VibeopsError({
    code: "host.no-lock",
    exit: Exit.unexpected,
    message: `the lock on ${host} could not be taken, so nothing ran: ${makeVisible(why, { newlines: false })}`,
    file: engine.runbook.file,
    fix: `mend it, then go on: vibeops runbook run ${engine.runbook.id}`,
    facts: { host },
  });
}
