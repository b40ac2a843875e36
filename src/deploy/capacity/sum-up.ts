import type { InventoryHost } from "../../project/inventory.ts";
import type { Stack } from "./stack.ts";

interface StackUse extends Stack {
  /** Sums of the limits of its containers: bytes and CPUs. */
  readonly memory: number;
  readonly cpus: number;
}

/** What all stacks of a host may take together. */
export interface HostUse {
  readonly name: string;
  readonly host: InventoryHost;
  readonly stacks: readonly StackUse[];
  readonly memory: number;
  readonly cpus: number;
  /** Containers whose memory nothing limits, by name. */
  readonly unlimited: readonly string[];
  /** A month, as far as there are prices. */
  readonly cost: number;
  /** How many of its services have no price. */
  readonly unpriced: number;
}

export function sumUp(name: string, host: InventoryHost, all: readonly Stack[]): HostUse {
  const stacks = all
    .filter((stack) => stack.host === name)
    .map((stack) => ({
      ...stack,
      memory: sum(stack.containers.map(({ memory, replicas }) => (memory ?? 0) * replicas)),
      cpus: sum(stack.containers.map(({ cpus, replicas }) => (cpus ?? 0) * replicas)),
    }));
  return {
    name,
    host,
    stacks,
    memory: sum(stacks.map(({ memory }) => memory)),
    cpus: sum(stacks.map(({ cpus }) => cpus)),
    unlimited: stacks.flatMap(({ service, containers }) =>
      containers
        .filter(
          ({ memory, isUnreadable, replicas }) => memory === null && isUnreadable !== true && replicas > 0,
        )
        .map((container) => (container.name === service ? service : `${service}/${container.name}`)),
    ),
    cost: (host.monthly_cost ?? 0) + sum(stacks.map(({ monthlyCost }) => monthlyCost ?? 0)),
    unpriced: stacks.filter(({ monthlyCost }) => monthlyCost === undefined).length,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
