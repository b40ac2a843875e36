import { VibeopsError } from "../errors.ts";
import { type Classification, classifyCommand } from "../guard/classify.ts";
import type { GuardFacts } from "../guard/facts.ts";
import type { Inventory } from "../project/inventory.ts";
import type { Effect } from "./actions/action.ts";
import type { CompiledAction, CompiledFence } from "./actions/actions.ts";
import { compileAt, type FileSource } from "./compile-runbook.ts";
import {
  type ActionCall,
  type Command,
  type CommandFence,
  commandsOf,
  fencesOf,
  type Runbook,
  type Step,
  type VerificationCheck,
} from "./runbook.ts";
import { commandTier, highestTier, type Tier } from "./tier.ts";

/** A command on one host together with what is known about it. */
export interface AssessedCommand {
  readonly command: Command;
  readonly tier: Tier;
  /** What the action vouches for; null where the text is not what an action compiles to. */
  readonly proven: Effect | null;
  /** What the syntax tree of a raw command says; null where an action vouches. */
  readonly judged: Classification | null;
}

export interface AssessedStep {
  readonly step: Step;
  /** Fence by fence, and each fence host by host. */
  readonly commands: readonly AssessedCommand[];
  /** What the step's action compiles to, or why it does not. */
  readonly compiled?: CompiledAction | VibeopsError;
}

interface AssessedCheck {
  readonly check: VerificationCheck;
  /** Host by host. */
  readonly commands: readonly AssessedCommand[];
  readonly compiled?: CompiledAction | VibeopsError;
}

export interface Assessment {
  readonly steps: readonly AssessedStep[];
  readonly verification: readonly AssessedCheck[];
}

/** Compiles every action again and gives each command its tier. Does not throw for an action that is wrong. */
export function assessRunbook(runbook: Runbook, inventory: Inventory, source: FileSource): Assessment {
  return {
    steps: runbook.steps.map((step) => {
      const compiled = tryCompile(runbook, step.action, source);
      const commands = fencesOf(step)
        .flatMap(commandsOf)
        .map((command) => assess(command, compiled, inventory));
      return { step, commands, ...(compiled && { compiled }) };
    }),
    verification: runbook.verification.map((check) => {
      const compiled = tryCompile(runbook, check.action, source);
      const commands = commandsOf(check).map((command) => assess(command, compiled, inventory));
      return { check, commands, ...(compiled && { compiled }) };
    }),
  };
}

/** What a runbook runs, check by check under Verification too. */
export function assessedCommands({ steps, verification }: Assessment): AssessedCommand[] {
  return [...steps, ...verification].flatMap(({ commands }) => commands);
}

/** The commands of one fence, host by host. */
export function assessedOf(commands: readonly AssessedCommand[], fence: CommandFence): AssessedCommand[] {
  return commands.filter(({ command }) => command.line === fence.line);
}

function tryCompile(runbook: Runbook, call: ActionCall | undefined, source: FileSource) {
  if (call === undefined) return undefined;
  try {
    return compileAt(runbook, call, source);
  } catch (error) {
    if (error instanceof VibeopsError) return error;
    throw error;
  }
}

function assess(
  command: Command,
  compiled: CompiledAction | VibeopsError | undefined,
  inventory: Inventory,
): AssessedCommand {
  const known = compiled instanceof VibeopsError ? undefined : compiled;
  const proven = known === undefined ? null : provenEffect(command, known);
  const isVouchedFor = proven !== null && known?.isDefinedHere !== true;
  const judged = isVouchedFor ? null : classifyCommand(command.script, { hosts: knownHosts(inventory) });
  const host = Object.hasOwn(inventory.hosts, command.host) ? inventory.hosts[command.host] : undefined;
  const tier = commandTier(command.kind, proven, judged?.answer ?? null, host);
  return { command, proven, judged, tier: highestTier([tier, known?.leastTier ?? tier]) };
}

/** For the classifier: what is a host of ours when a command names it. */
function knownHosts(inventory: Inventory): GuardFacts["hosts"] {
  return Object.entries(inventory.hosts).map(([name, { address, tier }]) => ({
    name,
    tier,
    ...(address === undefined ? {} : { address }),
  }));
}

function provenEffect(command: CommandFence, compiled: CompiledAction): Effect | null {
  const fence = compiled[command.kind];
  if (fence === undefined || !sameCommand(command, fence)) return null;
  return compiled.effect[command.kind];
}

/** Whether a fence says in every respect what the action compiles to. */
export function sameCommand(command: CommandFence, fence: CompiledFence): boolean {
  return (
    command.hosts.join() === fence.hosts.join() &&
    command.together === fence.together &&
    command.script === fence.script &&
    command.timeoutMs === fence.timeoutMs &&
    command.expect === fence.expect &&
    command.attempts === fence.attempts &&
    command.intervalMs === fence.intervalMs &&
    command.capture === undefined
  );
}
