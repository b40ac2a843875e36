import { readStacks } from "../../deploy/capacity/read-stacks.ts";
import { type HostUse, sumUp } from "../../deploy/capacity/sum-up.ts";
import { formatBytes, readBytes } from "../../deploy/compose-file/amounts.ts";
import { formatRange } from "../../deploy/compose-file/ports.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadInventory } from "../../project/inventory.ts";
import { loadProject } from "../../project/project.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { styleFor } from "../style.ts";

export async function runInventoryShow(
  io: Io,
  _args: readonly string[],
  _options: Options,
): Promise<Outcome> {
  const project = loadProject(findProjectRoot(io.cwd));
  const loaded = loadInventory(project);
  const stacks = readStacks(project, loaded);
  const uses = Object.entries(loaded.inventory.hosts).map(([name, host]) => sumUp(name, host, stacks));
  const text =
    uses.length === 0
      ? "The inventory has no hosts. Write one under hosts in inventory.yaml, or begin with: vibeops inventory import FILE"
      : uses.map((use) => renderHost(io, use)).join("\n\n");
  return outcome({ hosts: uses.map(describe) }, text);
}

type StackUse = HostUse["stacks"][number];

function renderHost(io: Io, use: HostUse): string {
  const style = styleFor(io);
  const { name, host, memory, cpus, cost } = use;
  const has = readBytes(host.memory ?? "");
  const share = has === null ? "" : ` of ${formatBytes(has)} (${Math.round((memory / has) * 100)} %)`;
  const parts = [
    `memory ${formatBytes(memory)}${share}`,
    `CPUs ${number(cpus)}${host.cpus === undefined ? "" : ` of ${host.cpus}`}`,
    ...(cost > 0 || host.monthly_limit !== undefined
      ? [`a month ${number(cost)}${host.monthly_limit === undefined ? "" : ` of ${host.monthly_limit}`}`]
      : []),
  ];
  const head = `${style.bold(name)}  ${host.tier}, ${host.runtime}, ${host.address ?? host.transport}`;
  const width = Math.max(0, ...use.stacks.map(({ service }) => service.length));
  const rows = use.stacks.map((stack) => `  ${renderStack(stack, width)}`);
  return [head, `  ${parts.join("   ")}`, ...(rows.length === 0 ? ["  nothing runs here"] : rows)].join("\n");
}

function renderStack(stack: StackUse, width: number): string {
  const { service, memory, cpus, ports, volumes, containers, hasBackup } = stack;
  const isLimited = containers.every((container) => container.memory !== null);
  const isUnreadable = containers.some((container) => container.isUnreadable === true);
  const limit = isUnreadable ? "unreadable" : memory === 0 ? "no limit" : `${formatBytes(memory)} +`;
  const names = makeVisible(volumes.join(", "), { newlines: false });
  return [
    service.padEnd(width),
    (isLimited ? formatBytes(memory) : limit).padStart(10),
    `${number(cpus)} CPUs`.padStart(9),
    makeVisible(ports.map(portText).join(", "), { newlines: false }),
    volumes.length === 0 ? "" : `keeps ${names}${hasBackup ? "" : " (no backup)"}`,
  ]
    .filter((part) => part !== "")
    .join("  ");
}

function portText({ hostIp, published, target }: StackUse["ports"][number]): string {
  return `${hostIp === "" ? "*" : hostIp}:${published === null ? "?" : formatRange(published)}→${formatRange(target)}`;
}

function describe({ name, host, stacks, memory, cpus, cost, unlimited }: HostUse) {
  return {
    name,
    ...host,
    limits: { memory, cpus },
    cost,
    unlimited,
    services: stacks.map(({ service, from, memory, cpus, volumes, hasBackup, ports }) => ({
      service,
      from,
      memory,
      cpus,
      volumes,
      backup: hasBackup,
      ports: ports.map(({ hostIp, published, target, protocol }) => ({
        address: hostIp,
        published,
        target,
        protocol,
      })),
    })),
  };
}

function number(value: number): string {
  return String(Number(value.toFixed(2)));
}
