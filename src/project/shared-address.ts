import type { Inventory, InventoryHost } from "./inventory.ts";

/** Two names for one machine that count as different tiers: what is refused under one would run under the other. */
export interface SharedAddress {
  readonly address: string;
  readonly hosts: readonly string[];
  readonly tiers: readonly string[];
}

/**
 * Addresses that stand in the inventory under several tiers. Whose account it is does not matter, nor how the name is
 * written; that two names of the network lead to one machine is not known from the file.
 */
export function findSharedAddresses(inventory: Inventory): SharedAddress[] {
  const byAddress = new Map<string, string[]>();
  for (const [name, host] of Object.entries(inventory.hosts)) {
    if (host.transport === "local") continue;
    const address = machineOf(name, host);
    byAddress.set(address, [...(byAddress.get(address) ?? []), name]);
  }
  return [...byAddress].flatMap(([address, hosts]) => {
    const tiers = [...new Set(hosts.map((name) => inventory.hosts[name]?.tier ?? "live"))];
    return tiers.length === 1 ? [] : [{ address, hosts, tiers }];
  });
}

function machineOf(name: string, { address = name }: InventoryHost): string {
  return address
    .slice(address.lastIndexOf("@") + 1)
    .toLowerCase()
    .replace(/[.]$/, "");
}
