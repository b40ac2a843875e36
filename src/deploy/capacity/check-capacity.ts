import type { LoadedInventory } from "../../project/inventory.ts";
import type { Finding } from "../../text/finding.ts";
import { formatBytes, readBytes } from "../compose-file/amounts.ts";
import { clash, formatRange } from "../compose-file/ports.ts";
import { checkEntries } from "./check-entries.ts";
import type { Stack } from "./stack.ts";
import { type HostUse, sumUp } from "./sum-up.ts";

/** The system, the engine and the page cache want some of it, too. */
const TIGHT = 0.9;

/** What does not fit, clashes, comes back by itself, is not backed up or costs too much. Pure. */
export function checkCapacity(loaded: LoadedInventory, stacks: readonly Stack[]): Finding[] {
  const unknown = stacks.filter(({ host }) => !Object.hasOwn(loaded.inventory.hosts, host));
  const hosts = Object.entries(loaded.inventory.hosts).flatMap(([name, host]) => {
    const use = sumUp(name, host, stacks);
    const at = (key?: string) => place(loaded, key === undefined ? ["hosts", name] : ["hosts", name, key]);
    return [...checkMemory(use, at), ...checkCpus(use, at), ...checkCost(use, at), ...checkPorts(use)];
  });
  const known = new Set([...Object.keys(loaded.inventory.services), ...stacks.map(({ service }) => service)]);
  return [
    ...checkEntries(loaded, known),
    ...unknown.map(
      ({ service, host }): Finding => ({
        rule: "capacity.unknown-host",
        level: "error",
        message: `'${service}' runs on '${host}', and there is no such host`,
        ...place(loaded, ["services", service, "host"]),
        fix: `add ${host} under hosts:, or correct the name`,
      }),
    ),
    ...hosts,
    ...stacks.flatMap((stack) => checkStack(stack, loaded)),
  ];
}

type At = (key?: string) => { file: string; line?: number };

function place({ file, lineOf }: LoadedInventory, path: readonly string[]): { file: string; line?: number } {
  const line = lineOf(path);
  return line === undefined ? { file } : { file, line };
}

function checkMemory({ name, host, stacks, memory, unlimited }: HostUse, at: At): Finding[] {
  if (stacks.length === 0) return [];
  const findings: Finding[] = [];
  const warn = (rule: string, level: Finding["level"], message: string, fix: string, key?: string) =>
    findings.push({ rule, level, message, ...at(key), fix });
  const has = host.memory === undefined ? null : readBytes(host.memory);
  if (host.memory === undefined)
    warn(
      "capacity.host-size",
      "warning",
      `nothing says how much memory ${name} has`,
      `add memory: 8g to ${name}, as free -h shows it`,
      "memory",
    );
  if (unlimited.length > 0)
    warn(
      "capacity.unlimited",
      "warning",
      `nothing limits the memory of ${list(unlimited)} on ${name}: the sum says less than they may take`,
      "add mem_limit: to their Compose files, or memory: to their entries here",
    );
  const shares = `${list(stacks.map(({ service, memory }) => `${service} ${formatBytes(memory)}`))}`;
  const sum =
    has === null
      ? ""
      : `the stacks on ${name} may take ${formatBytes(memory)} of memory, and it has ${formatBytes(has)}: ${shares}`;
  const fix = "lower limits, move a service to another host, or take a larger one";
  if (has !== null && memory > has) warn("capacity.memory", "error", sum, fix, "memory");
  else if (has !== null && memory > has * TIGHT)
    warn("capacity.memory-tight", "warning", sum, `${fix}; leave a tenth to the system`, "memory");
  return findings;
}

function checkCpus({ name, host, stacks, cpus }: HostUse, at: At): Finding[] {
  if (host.cpus === undefined || cpus <= host.cpus) return [];
  const shares = list(stacks.map((stack) => `${stack.service} ${round(stack.cpus)}`));
  return [
    {
      rule: "capacity.cpus",
      level: "warning",
      message: `the stacks on ${name} may take ${round(cpus)} CPUs, and it has ${host.cpus}: ${shares}`,
      ...at("cpus"),
      fix: "lower limits, or accept that they wait for each other under load",
    },
  ];
}

function checkCost({ name, host, stacks, cost, unpriced }: HostUse, at: At): Finding[] {
  if (host.monthly_limit === undefined) return [];
  const findings: Finding[] = [];
  if (cost > host.monthly_limit)
    findings.push({
      rule: "capacity.cost",
      level: "error",
      message: `${name} and what runs on it cost ${round(cost)} a month, and the limit is ${host.monthly_limit}`,
      ...at("monthly_limit"),
      fix: "raise the limit, or take something down",
    });
  if (host.monthly_cost === undefined && unpriced === stacks.length)
    findings.push({
      rule: "capacity.no-price",
      level: "warning",
      message: `${name} has a monthly limit, and nothing says what it costs`,
      ...at("monthly_limit"),
      fix: "add monthly_cost: to the host or to its services",
    });
  return findings;
}

/** Between stacks; within one, `lint` says so. */
function checkPorts({ name, stacks }: HostUse): Finding[] {
  const seen: { service: string; port: Stack["ports"][number] }[] = [];
  return stacks.flatMap(({ service, ports, from }) => {
    const found = ports.flatMap((port): Finding[] => {
      const other = seen.find((one) => clash(one.port, port));
      if (other === undefined || port.published === null) return [];
      return [
        {
          rule: "capacity.port-clash",
          level: "error",
          message: `${service} and ${other.service} both want port ${formatRange(port.published)} of ${name}`,
          ...(port.spot === undefined ? { file: from } : spotOf(port.spot)),
          fix: "give one of them another port",
        },
      ];
    });
    seen.push(...ports.map((port) => ({ service, port })));
    return found;
  });
}

function checkStack(stack: Stack, loaded: LoadedInventory): Finding[] {
  const { service, volumes } = stack;
  const always = stack.containers.filter(({ restart }) => restart === "always");
  const findings = always.map(
    ({ name, spot }): Finding => ({
      rule: "capacity.restart-always",
      level: "error",
      message: `${service === name ? name : `${name} of ${service}`} comes back after a reboot although a person stopped it`,
      ...(spot === undefined ? place(loaded, ["services", service, "restart"]) : spotOf(spot)),
      fix: "write restart: unless-stopped",
    }),
  );
  if (volumes.length > 0 && !stack.hasBackup)
    findings.push({
      rule: "capacity.no-backup",
      level: "warning",
      message: `nothing backs up ${list(volumes)} of ${service}`,
      ...place(loaded, ["services", service]),
      fix: `write a runbook with a backup step, or say what does: services: { ${service}: { backup: "…" } }`,
    });
  return findings;
}

function spotOf({ source, offset }: NonNullable<Stack["containers"][number]["spot"]>) {
  return { file: source.path, ...source.placeOf(offset) };
}

const SHOWN = 8;

function list(words: readonly string[]): string {
  const more = words.length - SHOWN;
  return words.slice(0, SHOWN).join(", ") + (more > 0 ? ` and ${more} more` : "");
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
