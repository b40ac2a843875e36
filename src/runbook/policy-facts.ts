import { type ApprovalNeeds, approvalNeeds } from "../policy/approval-needs.ts";
import type { DelegationFacts, RunbookFacts } from "../policy/facts.ts";
import { readPolicy } from "../policy/policy.ts";
import type { Inventory, InventoryHost } from "../project/inventory.ts";
import { type AssessedStep, type Assessment, assessedCommands } from "./assess-runbook.ts";
import { POLICY_FILE } from "./rule-files.ts";
import { fencesOf, type Runbook, type Step } from "./runbook.ts";
import type { Statement } from "./statement.ts";
import { highestTier, hostTier, type Tier } from "./tier.ts";

/**
 * What it takes to approve a runbook, by these bytes of policy.yaml; null where there is none. Whoever asks for an
 * approval passes the bytes whose hash the statement holds.
 *
 * @throws VibeopsError `policy.unreadable`, `policy.rule` (exit 5): nothing is approved then, and nothing runs
 */
export async function readApprovalNeeds(
  bytes: Uint8Array | null,
  runbook: Runbook,
  assessment: Assessment,
  inventory: Inventory,
): Promise<ApprovalNeeds> {
  return await approvalNeeds(readPolicy(bytes, POLICY_FILE), runbookFacts(runbook, assessment, inventory));
}

/** What a runbook says itself, whatever the inventory and the approval say of it. */
function ownFacts({ id, title, author = "", hosts }: Runbook, tiers: readonly Tier[]) {
  return { id, title, author, hosts, tiers, tier: highestTier(tiers) };
}

/** What the policy's rules may know of a runbook. */
export function runbookFacts(runbook: Runbook, assessment: Assessment, inventory: Inventory): RunbookFacts {
  const commands = assessedCommands(assessment);
  const tiers = [...new Set(commands.map(({ tier }) => tier))];
  const calls = [...runbook.steps, ...runbook.verification].flatMap(({ action }) => action?.use ?? []);
  return {
    ...ownFacts(runbook, tiers),
    host_tiers: [...new Set(runbook.hosts.map((name) => tierOf(name, inventory)))],
    actions: [...new Set(calls)],
    raw: commands.some(({ proven }) => proven === null),
  };
}

/** The same of a runbook as it was approved, from the signed statement: the inventory may be another one by now. */
export function approvedFacts(
  runbook: Runbook,
  { steps, verification, hosts, actions }: Statement,
): RunbookFacts {
  const tiers = [
    ...new Set([...steps.flatMap((step) => step.commands), ...verification].map(({ tier }) => tier)),
  ];
  const commands = [...runbook.steps.flatMap(fencesOf), ...runbook.verification];
  return {
    ...ownFacts(runbook, tiers),
    host_tiers: [...new Set(hosts.map(approvedTier))],
    actions: actions.map(({ name }) => name),
    raw: commands.some((command) => command.raw),
  };
}

/** As {@link delegationFacts}, of a step as it was approved. */
export function approvedDelegation(step: Step, { steps, hosts }: Statement): DelegationFacts {
  const approved = steps.find(({ number }) => number === step.number)?.commands ?? [];
  const forwards = approved.filter(({ kind }) => kind !== "rollback");
  const tierAt = (name: string) => {
    const host = hosts.find((one) => one.name === name);
    return host === undefined ? "live" : approvedTier(host);
  };
  return {
    action: step.action?.use,
    hostTiers: [...new Set(forwards.map(({ host }) => tierAt(host)))],
    tier: highestTier(forwards.map(({ tier }) => tier)),
    compiled: fencesOf(step).every(({ kind, raw }) => kind === "rollback" || !raw),
  };
}

function approvedTier({ entry }: Statement["hosts"][number]): Tier {
  return hostTier(entry === "absent" ? undefined : (JSON.parse(entry) as InventoryHost));
}

/** What decides whether an agent may run a step by itself; its way back is for a person and does not count. */
export function delegationFacts({ step, commands }: AssessedStep, inventory: Inventory): DelegationFacts {
  const forwards = commands.filter(({ command }) => command.kind !== "rollback");
  const hosts = new Set(forwards.map(({ command }) => tierOf(command.host, inventory)));
  return {
    action: step.action?.use,
    hostTiers: [...hosts],
    tier: highestTier(forwards.map(({ tier }) => tier)),
    compiled: forwards.every(({ proven }) => proven !== null),
  };
}

function tierOf(name: string, inventory: Inventory): string {
  return hostTier(Object.hasOwn(inventory.hosts, name) ? inventory.hosts[name] : undefined);
}
