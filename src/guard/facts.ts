/** How much a host or context matters. Mirrors the inventory's tiers. */
type GuardTier = "local" | "staging" | "live";

/** What the project knows that decides what a command touches. */
export interface GuardFacts {
  hosts: readonly { name: string; address?: string; tier: GuardTier }[];
  kubeContexts?: Readonly<Record<string, GuardTier>>;
  dockerContexts?: Readonly<Record<string, GuardTier>>;
  /** Commands that a person allowed as they stand, such as `npm test`. */
  scripts?: readonly string[];
  /** Absolute path. Without it every absolute path but the temporary folders counts as outside. */
  projectRoot?: string;
}
