import type { InventoryHost } from "../project/inventory.ts";
import type { Effect } from "./actions/action.ts";
import type { CommandKind } from "./runbook.ts";

/** How much a command can break, least first. */
export const TIERS = ["read", "local", "staging", "live", "destructive"] as const;
export type Tier = (typeof TIERS)[number];

export function highestTier(tiers: readonly Tier[]): Tier {
  return TIERS[Math.max(0, ...tiers.map((tier) => TIERS.indexOf(tier)))] ?? "read";
}

/** A host that the inventory does not know counts as live; so does `tier: local` on another machine, as staging. */
export function hostTier(host: InventoryHost | undefined): Tier {
  if (host === undefined) return "live";
  return host.tier === "local" && host.transport !== "local" ? "staging" : host.tier;
}

/**
 * The tier of one command. `proven` is the effect that a registered action vouches for, and null where the text
 * is not what an action compiles to: such a command counts as its host does, and a run or rollback one step
 * higher, up to live. That a check only reads is believed of actions only.
 */
export function commandTier(kind: CommandKind, proven: Effect | null, host: InventoryHost | undefined): Tier {
  if (proven === "read") return "read";
  if (proven === "destructive") return "destructive";
  const tier = hostTier(host);
  if (proven === "host" || kind === "check") return tier;
  return tier === "local" ? "staging" : highestTier([tier, "live"]);
}
