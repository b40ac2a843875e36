import type { PlainPort } from "../compose-file/ports.ts";
import type { Spot } from "../lint/rule.ts";

/** One container, or several alike. */
export interface Container {
  readonly name: string;
  /** Bytes for one; null where nothing limits it, or a variable does. */
  readonly memory: number | null;
  /** Whether a limit is written that cannot be read, so that nobody knows it. */
  readonly isUnreadable?: boolean;
  readonly cpus: number | null;
  readonly replicas: number;
  readonly restart: string;
  /** Undefined where only the inventory knows it. */
  readonly spot?: Spot;
}

/** What runs of one service on one host. */
export interface Stack {
  readonly service: string;
  readonly host: string;
  /** Where this is known from, as a person would type it. */
  readonly from: string;
  readonly containers: readonly Container[];
  readonly ports: readonly (PlainPort & { readonly spot?: Spot })[];
  /** Named volumes. */
  readonly volumes: readonly string[];
  /** Whether the inventory or its runbook says how they are backed up. */
  readonly hasBackup: boolean;
  readonly monthlyCost: number | undefined;
}
