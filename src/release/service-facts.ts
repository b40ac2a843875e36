import { readdirSync } from "node:fs";
import { readStacks } from "../deploy/capacity/read-stacks.ts";
import type { Stack } from "../deploy/capacity/stack.ts";
import { formatPort } from "../deploy/compose-file/ports.ts";
import { loadManifest } from "../deploy/gather.ts";
import { type Manifest, manifestPath } from "../deploy/manifest.ts";
import { hostOfCaddyProject } from "../deploy/sites/caddy-project.ts";
import { VibeopsError } from "../errors.ts";
import { findDirectory } from "../platform/folders.ts";
import { INVENTORY_FILE, type InventoryService, type LoadedInventory } from "../project/inventory.ts";
import type { Project } from "../project/project.ts";
import { findBlock, type LocatedBlock, type PendingBlocks } from "./blocks.ts";

/** Something that is known, and where it stands: `inventory.yaml:12`. */
export interface Sourced {
  readonly value: string;
  readonly from: string;
}

/** What a project's files say of one service. A list that is null is not known; an empty one is known to be empty. */
export interface ServiceFacts {
  readonly service: string;
  readonly version: Sourced | null;
  readonly host: Sourced | null;
  readonly hostTier: string | null;
  readonly owner: Sourced | null;
  /** The folder of its source, as it is written. */
  readonly source: Sourced | null;
  readonly domains: readonly Sourced[] | null;
  readonly ports: readonly Sourced[] | null;
  readonly volumes: readonly Sourced[] | null;
  readonly data: readonly Sourced[] | null;
  readonly dependsOn: readonly Sourced[] | null;
  /** The memo and the runbook of its last preparation. */
  readonly memo?: string;
  readonly runbook?: string;
  /** What of it cannot be read, and why. */
  readonly problems: readonly string[];
}

/** Every service that the inventory, `deploy/` or a pending deployment memo names, by name. @throws as readStacks */
export function readServiceFacts(
  project: Project,
  loaded: LoadedInventory,
  pending: PendingBlocks,
  now: Date,
): Map<string, ServiceFacts> {
  const stacks = new Map(readStacks(project, loaded).map((stack) => [stack.service, stack]));
  const prepared = listPrepared(project);
  const names = [...new Set([...Object.keys(loaded.inventory.services), ...prepared, ...pending.keys()])];
  return new Map(
    names.toSorted().map((service) => {
      const manifest = loadManifest(project, service);
      const { deployment, problems } = readBlock(project, service, manifest, pending, now);
      const sources = { service, loaded, manifest, deployment, stack: stacks.get(service), prepared };
      return [service, { ...gather(sources), problems }];
    }),
  );
}

function listPrepared(project: Project): string[] {
  const folder = findDirectory(project.root, "deploy");
  if (folder === null) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name);
}

function readBlock(
  project: Project,
  service: string,
  manifest: Manifest | null,
  pending: PendingBlocks,
  now: Date,
): { deployment: LocatedBlock | null; problems: string[] } {
  if (manifest === null) return { deployment: pending.get(service) ?? null, problems: [] };
  try {
    const deployment = findBlock(project.root, manifest.memo, now);
    const gone = `its deployment memo ${manifest.memo} is not here`;
    return { deployment, problems: deployment === null ? [gone] : [] };
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    return { deployment: null, problems: [`its deployment memo ${manifest.memo}: ${error.message}`] };
  }
}

interface Sources {
  readonly service: string;
  readonly loaded: LoadedInventory;
  readonly manifest: Manifest | null;
  readonly deployment: LocatedBlock | null;
  readonly stack: Stack | undefined;
  /** Every folder below deploy/. */
  readonly prepared: readonly string[];
}

function gather(sources: Sources): Omit<ServiceFacts, "problems"> {
  const { service, loaded, manifest, deployment } = sources;
  const entry = entryOf(loaded, service);
  const block = deployment?.block;
  const inInventory = (value: string | undefined, ...key: string[]) =>
    value === undefined ? null : { value, from: inventoryPlace(loaded, service, ...key) };
  const inBlock = (value: string | undefined, ...key: string[]) =>
    value === undefined || deployment === null ? null : { value, from: blockPlace(deployment, key) };
  const prepared = (value: string | undefined) =>
    value === undefined ? null : { value, from: manifestPath(service) };
  const inFrontOf = hostOfCaddyProject(loaded.inventory, service);
  const host =
    prepared(manifest?.host) ??
    inInventory(entry?.host, "host") ??
    (inFrontOf === undefined ? null : { value: inFrontOf, from: proxyPlace(loaded, inFrontOf) });
  const tier = host === null ? undefined : loaded.inventory.hosts[host.value]?.tier;
  return {
    service,
    version: prepared(manifest?.version) ?? inBlock(block?.version, "version"),
    host,
    hostTier: tier ?? null,
    owner: inInventory(entry?.owner, "owner") ?? inBlock(block?.owner, "owner"),
    source: inInventory(entry?.path, "path"),
    domains: fromBlock(deployment, "domains", block?.domains),
    ports: listPorts(sources, entry?.ports !== undefined),
    volumes: listVolumes(sources, entry?.volumes !== undefined),
    data: listData(sources),
    dependsOn: listDependencies(sources, host?.value),
    ...(manifest === null ? {} : { memo: manifest.memo }),
    ...(manifest?.runbook === undefined ? {} : { runbook: manifest.runbook }),
  };
}

function entryOf({ inventory }: LoadedInventory, service: string): InventoryService | undefined {
  return Object.hasOwn(inventory.services, service) ? inventory.services[service] : undefined;
}

function inventoryPlace(loaded: LoadedInventory, service: string, ...key: (string | number)[]): string {
  const line = loaded.lineOf(["services", service, ...key]);
  return line === undefined ? INVENTORY_FILE : `${INVENTORY_FILE}:${line}`;
}

function blockPlace({ file, line, lineOf }: LocatedBlock, key: readonly (string | number)[]): string {
  return `${file}:${lineOf(key) ?? line}`;
}

function fromBlock(
  deployment: LocatedBlock | null,
  key: string,
  values: readonly string[] | undefined,
): Sourced[] | null {
  if (deployment === null || values === undefined) return null;
  return values.map((value, index) => ({ value, from: blockPlace(deployment, [key, index]) }));
}

/** What runs says more than what was asked for; the inventory counts where it says anything. */
function fromStack(
  { stack, loaded, service }: Sources,
  isInInventory: boolean,
  key: string,
  values: readonly string[],
): Sourced[] | null {
  if (stack === undefined || (stack.from.startsWith(INVENTORY_FILE) && !isInInventory)) return null;
  const from = stack.from.startsWith(INVENTORY_FILE) ? inventoryPlace(loaded, service, key) : stack.from;
  return values.map((value) => ({ value, from }));
}

function listPorts(sources: Sources, isInInventory: boolean): Sourced[] | null {
  const ports = (sources.stack?.ports ?? []).map(formatPort);
  const asked = sources.deployment?.block.ports?.map(({ container, host }) =>
    host === undefined ? `${container}` : `${host}:${container}`,
  );
  return fromStack(sources, isInInventory, "ports", ports) ?? fromBlock(sources.deployment, "ports", asked);
}

function listVolumes(sources: Sources, isInInventory: boolean): Sourced[] | null {
  const asked = sources.deployment?.block.volumes?.map(({ name, path }) => `${name} at ${path}`);
  return (
    fromStack(sources, isInInventory, "volumes", sources.stack?.volumes ?? []) ??
    fromBlock(sources.deployment, "volumes", asked)
  );
}

function listData({ deployment, loaded, service }: Sources): Sourced[] | null {
  const { stateful, migrations, backup } = deployment?.block.data ?? {};
  const kept = entryOf(loaded, service)?.backup;
  const said: Sourced[] = [];
  const add = (value: string | undefined, key: string) => {
    if (value !== undefined && deployment !== null)
      said.push({ value, from: blockPlace(deployment, ["data", key]) });
  };
  add(stateful === undefined ? undefined : stateful ? "keeps data" : "keeps none", "stateful");
  add(migrations === undefined ? undefined : `migrations: ${migrations}`, "migrations");
  add(backup === undefined ? undefined : `backup: ${backup}`, "backup");
  if (kept !== undefined)
    said.push({ value: `backup: ${kept}`, from: inventoryPlace(loaded, service, "backup") });
  return said.length === 0 ? null : said;
}

function proxyPlace(loaded: LoadedInventory, host: string): string {
  const line = loaded.lineOf(["hosts", host, "proxy"]);
  return line === undefined ? INVENTORY_FILE : `${INVENTORY_FILE}:${line}`;
}

/** A host's Caddy in a project of our own, where a name leads through it to this service. */
function listProxy(
  { service, loaded, manifest, deployment, prepared }: Sources,
  host: string | undefined,
): Sourced[] {
  const proxy = prepared.find(
    (name) => host !== undefined && hostOfCaddyProject(loaded.inventory, name) === host,
  );
  const hasSite = manifest?.files[`deploy/${service}/${service}.caddy`] !== undefined;
  const isLedTo = hasSite || (deployment?.block.domains ?? []).length > 0;
  if (host === undefined || proxy === undefined || proxy === service || !isLedTo) return [];
  return [{ value: proxy, from: proxyPlace(loaded, host) }];
}

function listDependencies(sources: Sources, host: string | undefined): Sourced[] | null {
  const { deployment, loaded, service } = sources;
  const named = entryOf(loaded, service)?.depends_on?.map((value, index) => ({
    value,
    from: inventoryPlace(loaded, service, "depends_on", index),
  }));
  const asked = fromBlock(
    deployment,
    "depends_on",
    deployment?.block.depends_on?.map(({ name }) => name),
  );
  const proxy = listProxy(sources, host);
  if (named === undefined && asked === null && proxy.length === 0) return null;
  return [...(named ?? []), ...(asked ?? []), ...proxy];
}
