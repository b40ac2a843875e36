import { relative, resolve, sep } from "node:path";
import { VibeopsError } from "../errors.ts";
import { INVENTORY_FILE, type Inventory, inventorySchema } from "../project/inventory.ts";
import { readYaml } from "../text/yaml-own.ts";
import type { Change } from "./change.ts";
import type { ServiceFacts } from "./service-facts.ts";

/** What a change touches. */
export interface Touched {
  /** By service: what of it changed, in words that begin with the file. */
  readonly services: ReadonlyMap<string, readonly string[]>;
  /** Files that belong to no service that is known here. */
  readonly untraced: readonly string[];
  readonly unknown: readonly string[];
}

/** Mail, runbooks and what sessions keep: they speak of services and change none. */
const papers =
  /^(memos|runbooks|templates|\.vibeops)\/|^(STATE|AGENTS|CLAUDE|GEMINI)\.md$|^(policy|policy-tests|inventory|vibeops)\.yaml$|^\.git(ignore|attributes)$/;

export async function findTouched(
  root: string,
  change: Change,
  facts: ReadonlyMap<string, ServiceFacts>,
  inventory: Inventory,
): Promise<Touched> {
  const sources = listSources(root, facts);
  const traced = change.files.map((file) => ({ file, owners: ownersOf(file, sources) }));
  const untraced = traced.filter(({ file, owners }) => owners.length === 0 && !papers.test(file));
  const byFile = traced.flatMap(({ file, owners }) => owners.map((service) => [service, file] as const));
  const changesInventory = change.files.includes(INVENTORY_FILE);
  const before = changesInventory ? await readInventoryBefore(change) : inventory;
  const byEntry = before === null ? [] : [...compareInventories(before, inventory, facts)];
  const services = new Map<string, string[]>();
  for (const [service, why] of [...byFile, ...byEntry])
    services.set(service, [...(services.get(service) ?? []), why]);
  return {
    services,
    untraced: untraced.map(({ file }) => file),
    unknown:
      before === null ? [`${INVENTORY_FILE} as it was cannot be read: any service may be touched`] : [],
  };
}

interface Source {
  readonly service: string;
  /** Below the project, with a stroke at its end; empty for the project itself. */
  readonly folder: string;
}

function listSources(root: string, facts: ReadonlyMap<string, ServiceFacts>): Source[] {
  return [...facts.values()].flatMap(({ service, source }) => {
    if (source === null) return [];
    const folder = relative(root, resolve(root, source.value)).split(sep).join("/");
    if (folder.startsWith("..") || folder.startsWith("/")) return [];
    return [{ service, folder: folder === "" ? "" : `${folder}/` }];
  });
}

/** A service whose source is the whole project has neither its mail nor what was prepared for others. */
function ownersOf(file: string, sources: readonly Source[]): string[] {
  const [, prepared] = /^deploy\/([^/]+)\//.exec(file) ?? [];
  if (prepared !== undefined) return [prepared];
  if (papers.test(file)) return [];
  return sources.filter(({ folder }) => file.startsWith(folder)).map(({ service }) => service);
}

async function readInventoryBefore(change: Change): Promise<Inventory | null> {
  const text = await change.readBefore(INVENTORY_FILE);
  if (text === null) return { hosts: {}, services: {} };
  try {
    return readYaml(text, inventorySchema, INVENTORY_FILE).value;
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

/** Services whose entry is another one, or whose host's is; also those without one, whose host other files name. */
function* compareInventories(
  before: Inventory,
  after: Inventory,
  facts: ReadonlyMap<string, ServiceFacts>,
): Generator<[string, string]> {
  for (const { service, host } of facts.values()) {
    const hasEntry = [before, after].some(({ services }) => Object.hasOwn(services, service));
    if (hasEntry || host === null) continue;
    if (!isSame(own(before.hosts, host.value), own(after.hosts, host.value)))
      yield [service, `${INVENTORY_FILE}: the entry of its host ${host.value} changed`];
  }
  for (const service of new Set([...Object.keys(before.services), ...Object.keys(after.services)])) {
    const [old, now] = [own(before.services, service), own(after.services, service)];
    if (old === undefined) yield [service, `${INVENTORY_FILE}: it is new there`];
    else if (now === undefined) yield [service, `${INVENTORY_FILE}: it was taken out`];
    else if (!isSame(old, now)) yield [service, `${INVENTORY_FILE}: its entry changed`];
    else if (!isSame(own(before.hosts, now.host), own(after.hosts, now.host)))
      yield [service, `${INVENTORY_FILE}: the entry of its host ${now.host} changed`];
  }
}

/** A service may be called `constructor`. */
function own<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
