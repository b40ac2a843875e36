import { Exit, VibeopsError } from "../errors.ts";
import type { Inventory, InventoryHost, InventoryService } from "../project/inventory.ts";
import { nearest } from "../text/similar.ts";

/** Where a service runs: one host of the inventory, and the service's folder on it. */
export interface Place {
  service: string;
  hostName: string;
  host: InventoryHost;
  /** The service's own folder on the host: `/srv/shop`. */
  directory: string;
  /** What the inventory says of the service itself, when it has it. */
  entry?: InventoryService;
}

/**
 * The host named on the command line, else the service's own, else the only one there is. Never a guess between
 * several: a runbook for the wrong host is worse than none.
 *
 * @throws VibeopsError `deploy.no-host` (exit 6: only a person knows), `deploy.unknown-host`
 */
export function choosePlace(
  inventory: Inventory,
  inventoryFile: string,
  service: string,
  wanted: string | undefined,
): Place {
  const entry = Object.hasOwn(inventory.services, service) ? inventory.services[service] : undefined;
  const hostName = wanted ?? entry?.host ?? onlyHost(inventory) ?? "";
  if (hostName === "") throw noHost(inventory, inventoryFile, service);
  const host = Object.hasOwn(inventory.hosts, hostName) ? inventory.hosts[hostName] : undefined;
  if (host === undefined) throw unknownHost(inventory, inventoryFile, hostName);
  const directory = `${host.directory.replace(/\/+$/, "")}/${service}`;
  return { service, hostName, host, directory, ...(entry && { entry }) };
}

function onlyHost(inventory: Inventory): string | undefined {
  const names = Object.keys(inventory.hosts);
  return names.length === 1 ? names[0] : undefined;
}

function noHost(inventory: Inventory, file: string, service: string): VibeopsError {
  const names = Object.keys(inventory.hosts);
  const lines =
    names.length === 0
      ? `hosts:\n  NAME: { transport: ssh, tier: live, runtime: compose }\nservices:\n  ${service}: { host: NAME }`
      : `services:\n  ${service}: { host: ${names.join(" | ")} }`;
  return new VibeopsError({
    code: "deploy.no-host",
    exit: Exit.humanNeeded,
    message: `nothing says on which host '${service}' is to run`,
    file,
    fix: `add to ${file}:\n${lines}\nor name it: --host NAME`,
    facts: { hosts: names },
  });
}

function unknownHost(inventory: Inventory, file: string, hostName: string): VibeopsError {
  const names = Object.keys(inventory.hosts);
  const close = nearest(hostName, names);
  return new VibeopsError({
    code: "deploy.unknown-host",
    exit: Exit.notFound,
    message: `the inventory has no host '${hostName}'${close === undefined ? "" : `; did you mean '${close}'?`}`,
    file,
    fix: `its hosts are: ${names.join(", ") || "none"}`,
  });
}
