import type { Answer } from "../guard/verdict.ts";
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
 * The tier of one command. `effect` is what a registered action vouches for, and null for a raw command, whose text is
 * not what an action compiles to. A raw command is judged by its syntax tree: one that is proven to stay within its
 * machine counts one step above its host, everything else as live. That a check only reads is believed of actions; a
 * raw check that is not proven to stay local counts like a run. A command of an action that the project defines is
 * judged too, and is live where it is known to reach another machine.
 */
export function commandTier(
  kind: CommandKind,
  effect: Effect | null,
  answer: Answer | null,
  host: InventoryHost | undefined,
): Tier {
  if (effect === "read" || effect === "destructive") return effect;
  const tier = hostTier(host);
  const staysLocal = answer === "local";
  if (effect === "host") return answer === "live" || answer === "exfil" ? highestTier([tier, "live"]) : tier;
  if (kind === "check" && staysLocal) return tier;
  return staysLocal && tier === "local" ? "staging" : highestTier([tier, "live"]);
}
