/** What rules know of a runbook: plain values, so that a rule can be tried without one. */
export interface RunbookFacts {
  /** Its id and title. */
  readonly id: string;
  readonly title: string;
  /** Who wrote it; empty where it does not say. */
  readonly author: string;
  /** The highest tier of its commands, and each that occurs. */
  readonly tier: string;
  readonly tiers: readonly string[];
  /** Names, and tiers by the inventory. */
  readonly hosts: readonly string[];
  readonly host_tiers: readonly string[];
  /** The actions in use. */
  readonly actions: readonly string[];
  /** Whether it holds a command that no action vouches for. */
  readonly raw: boolean;
}

/** A step that an agent would like to run by itself. */
export interface DelegationFacts {
  /** The step's action; undefined where it has none. */
  readonly action: string | undefined;
  /** The inventory's tier of each host that the step touches. */
  readonly hostTiers: readonly string[];
  /** The highest tier of its run and its checks. */
  readonly tier: string;
  /** Whether every run and check in it is exactly what the action compiles to. */
  readonly compiled: boolean;
}
