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
  /** Absolute path of the folder in which the command runs; the project's root unless told. */
  folder?: string;
  /** What only the disk knows of a file that would be written, such as a link that leads elsewhere: why not, or null. */
  refuseOnDisk?(absolute: string): string | null;
  /** What a file holds now: undefined where there is none, null where it cannot be read or is too long. */
  readText?(absolute: string): string | null | undefined;
}
