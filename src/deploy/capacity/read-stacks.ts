import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readIfExists } from "../../platform/files.ts";
import { findDirectory } from "../../platform/folders.ts";
import type { InventoryService, LoadedInventory } from "../../project/inventory.ts";
import type { Project } from "../../project/project.ts";
import { decodeText } from "../../text/decode.ts";
import { readBytes, readCpus } from "../compose-file/amounts.ts";
import { readShortPort } from "../compose-file/ports.ts";
import { readMounts } from "../lint/compose/mounts.ts";
import { readPorts } from "../lint/compose/ports.ts";
import { readComposeProject } from "../lint/compose/project.ts";
import { readRestart, type Service } from "../lint/compose/service.ts";
import { Reader } from "../lint/reader.ts";
import { type Manifest, manifestPath, readManifest } from "../manifest.ts";
import { hostOfCaddyProject } from "../sites/caddy-project.ts";
import type { Container, Stack } from "./stack.ts";

/** What runs on each host: every service of the inventory, and whatever was prepared for one. @throws as readManifest */
export function readStacks(project: Project, { inventory }: LoadedInventory): Stack[] {
  const reader = new Reader();
  const names = new Set([...Object.keys(inventory.services), ...listPrepared(project)]);
  return [...names].toSorted().flatMap((service) => {
    const entry = Object.hasOwn(inventory.services, service) ? inventory.services[service] : undefined;
    const manifest = readManifestOf(project, service);
    const inFrontOf = hostOfCaddyProject(inventory, service);
    const host = manifest?.host ?? entry?.host ?? inFrontOf;
    if (host === undefined) return [];
    const common = {
      service,
      host,
      // What Caddy keeps it gets again.
      hasBackup: entry?.backup !== undefined || inFrontOf !== undefined || hasBackupStep(project, manifest),
      monthlyCost: entry?.monthly_cost,
    };
    // What runs as a plain process has no limits, whatever the Compose file for later says.
    const isProcess = inventory.hosts[host]?.runtime === "process" && inFrontOf === undefined;
    const prepared = isProcess ? null : readPrepared(project, service, reader);
    return [{ ...common, ...(prepared ?? fromEntry(service, entry, isProcess)) }];
  });
}

type Parts = Pick<Stack, "from" | "containers" | "ports" | "volumes">;

function listPrepared(project: Project): string[] {
  const folder = findDirectory(project.root, "deploy");
  if (folder === null) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function readManifestOf(project: Project, service: string): Manifest | null {
  if (findDirectory(project.root, `deploy/${service}`) === null) return null;
  const file = manifestPath(service);
  const bytes = readIfExists(join(project.root, file));
  return bytes === null ? null : readManifest(decodeText(bytes, file), file);
}

function hasBackupStep(project: Project, manifest: Manifest | null): boolean {
  if (manifest?.runbook === undefined) return false;
  if (findDirectory(project.root, `runbooks/${manifest.runbook}`) === null) return false;
  const bytes = readIfExists(join(project.root, "runbooks", manifest.runbook, "runbook.md"));
  return bytes !== null && /^use: backup\.create\b|^### (?:\d+\. )?Back up /m.test(bytes.toString("utf8"));
}

/** Null where nothing was prepared, or it cannot be read: `lint` says why. */
function readPrepared(project: Project, service: string, reader: Reader): Parts | null {
  const name = `deploy/${service}/compose.yaml`;
  const read = reader.read(join(project.root, name));
  if ("problem" in read) return null;
  const compose = readComposeProject(read.source, reader);
  if (compose.services.length === 0) return null;
  // What has a profile runs only when somebody asks for it.
  const services = compose.services.filter((one) => one.items("profiles").length === 0);
  const mounts = services.flatMap(readMounts).filter(({ kind, from }) => kind === "volume" && from);
  return {
    from: name,
    containers: services.map(readContainer),
    ports: services.flatMap(readPorts).map((port) => ({ ...port, spot: port })),
    volumes: [...new Set(mounts.map(({ from }) => from ?? ""))],
  };
}

/** What a Compose service may take. */
export function readContainer(service: Service): Container {
  const amount = (...keys: readonly (readonly string[])[]) => {
    const value = keys
      .map((path) => service.get(...path))
      .find((one) => one !== undefined && one.text !== "");
    return value?.filled ?? "";
  };
  const restart = readRestart(service);
  const replicas = Number(amount(["deploy", "replicas"], ["scale"]) || 1);
  return {
    name: service.name,
    memory: readBytes(amount(["mem_limit"], ["deploy", "resources", "limits", "memory"])) || null,
    cpus: readCpus(amount(["cpus"], ["deploy", "resources", "limits", "cpus"])) || null,
    replicas: Number.isInteger(replicas) && replicas >= 0 && replicas <= 10_000 ? replicas : 1,
    restart: restart?.policy ?? "",
    spot: restart?.value ?? service,
  };
}

function fromEntry(service: string, entry: InventoryService | undefined, isProcess: boolean): Parts {
  const memory = readBytes(entry?.memory ?? "");
  const container = {
    name: service,
    memory,
    isUnreadable: memory === null && entry?.memory !== undefined,
    cpus: entry?.cpus ?? null,
    replicas: 1,
    restart: entry?.restart ?? "",
  };
  return {
    from: isProcess ? "inventory.yaml, a process" : "inventory.yaml",
    containers: [container],
    ports: (entry?.ports ?? []).flatMap((text) => readShortPort(text) ?? []),
    volumes: entry?.volumes ?? [],
  };
}
