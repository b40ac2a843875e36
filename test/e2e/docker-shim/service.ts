import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { ComposeError, notCarriedOut } from "./compose-error.ts";
import { parseEnvFile } from "./env-file.ts";
import { type Healthcheck, readHealthcheck } from "./healthcheck.ts";
import { planMounts } from "./mounts.ts";
import { planNetworks } from "./networks.ts";
import type { Project } from "./project.ts";
import { readLimits } from "./resources.ts";
import { NOT_CARRIED_OUT, PASSED_AS_THEY_ARE, TRANSLATED } from "./service-keys.ts";
import {
  checkKeys,
  type Mapping,
  readDuration,
  readList,
  readMapping,
  readPairs,
  readText,
  readTexts,
  readWords,
} from "./values.ts";

type Condition = "service_started" | "service_healthy" | "service_completed_successfully";

interface Dependency {
  service: string;
  condition: Condition;
  required: boolean;
}

/** One service, in the form in which podman-compose can start it. */
export interface Service {
  name: string;
  image: string;
  container: string;
  dependencies: Dependency[];
  healthcheck: Healthcheck;
  pullPolicy: string;
  /** A Compose document with nothing but this service, for podman-compose. */
  document: Mapping;
  /** What podman-compose has no words for: arguments of its `podman run`. */
  runArguments: string[];
  /** Changes when anything does that makes the real one recreate the container. */
  hash: string;
}

export function planServices(project: Project): Service[] {
  const services = Object.entries(project.services).map(([name, raw]) => planService(project, name, raw));
  return sortByDependency(services);
}

function planService(project: Project, name: string, raw: Mapping): Service {
  const place = `services.${name}`;
  checkKeys(raw, place, [...PASSED_AS_THEY_ARE, ...TRANSLATED], NOT_CARRIED_OUT, notCarriedOut);
  if (raw.image === undefined) {
    if (raw.build !== undefined) throw notCarriedOut(`${place}.build without an image`);
    throw new ComposeError(`service "${name}" has neither an image nor a build context specified`);
  }
  if (Number(raw.scale ?? 1) !== 1) throw notCarriedOut(`${place}.scale`);
  const image = readText(raw.image, `${place}.image`);
  const container = raw.container_name ?? `${project.name}-${name}-1`;
  const mounts = planMounts(project, name, raw);
  const networks = planNetworks(project, name, raw);
  const limits = readLimits(raw, place);
  const logging = readLogging(raw, place);
  const healthcheck = readHealthcheck(raw.healthcheck, `${place}.healthcheck`);
  const definition: Mapping = {
    ...Object.fromEntries(PASSED_AS_THEY_ARE.flatMap((key) => (key in raw ? [[key, raw[key]]] : []))),
    ...(typeof raw.user === "number" ? { user: String(raw.user) } : {}),
    ...limits.keys,
    image,
    container_name: readText(container, `${place}.container_name`),
    environment: readEnvironment(project, raw, place),
    labels: readPairs(raw.labels, `${place}.labels`),
    networks: Object.keys(networks.declared),
    ports: readPorts(raw, place),
    volumes: mounts.volumes,
    tmpfs: mounts.tmpfs,
    security_opt: readTexts(raw.security_opt, `${place}.security_opt`).map(translateSecurityOption),
    ...(logging ? { logging } : {}),
    ...readProcess(raw, place),
    ...readRestart(raw, place),
  };
  const runArguments = [
    ...(raw.read_only === true ? ["--read-only-tmpfs=false"] : []),
    ...readAnnotations(raw, place),
    ...limits.runArguments,
    ...networks.runArguments,
    ...readDns(raw, place),
    ...readStopTimeout(raw, place),
  ];
  const document = {
    services: { [name]: definition },
    networks: networks.declared,
    volumes: mounts.declared,
  };
  return {
    name,
    image,
    container: String(definition.container_name),
    dependencies: readDependencies(project, name, raw),
    healthcheck,
    pullPolicy: raw.pull_policy === undefined ? "missing" : readText(raw.pull_policy, place),
    document,
    runArguments,
    hash: createHash("sha256")
      .update(JSON.stringify([document, runArguments, healthcheck, mounts.contentHashes]))
      .digest("hex"),
  };
}

function readEnvironment(project: Project, raw: Mapping, place: string): Record<string, string> {
  const result: Record<string, string> = {};
  const entries = typeof raw.env_file === "string" ? [raw.env_file] : readList(raw.env_file, place);
  for (const [index, entry] of entries.entries()) {
    const at = `${place}.env_file.${index}`;
    const long = typeof entry === "string" ? { path: entry } : readMapping(entry, at);
    const path = resolve(project.directory, readText(long.path, `${at}.path`));
    if (existsSync(path)) {
      Object.assign(result, parseEnvFile(readFileSync(path, "utf8"), path, project.variables));
    } else if (long.required !== false) {
      throw new ComposeError(`env file ${path} not found: stat ${path}: no such file or directory`);
    }
  }
  for (const [key, value] of Object.entries(readPairs(raw.environment, `${place}.environment`))) {
    const known = value ?? project.variables[key];
    if (known !== undefined) result[key] = known;
  }
  return result;
}

function readPorts(raw: Mapping, place: string): string[] {
  return readList(raw.ports, `${place}.ports`).map((entry, index) => {
    const at = `${place}.ports.${index}`;
    if (typeof entry !== "object" || entry === null) return readText(entry, at);
    const port = readMapping(entry, at);
    const target = readText(port.target, `${at}.target`);
    const published = port.published === undefined ? "" : readText(port.published, at);
    const address = port.host_ip === undefined ? "" : `${readText(port.host_ip, at)}:`;
    const protocol = port.protocol === undefined ? "" : `/${readText(port.protocol, at)}`;
    return `${address}${published}${address || published ? ":" : ""}${target}${protocol}`;
  });
}

function readLogging(raw: Mapping, place: string): Mapping | undefined {
  if (raw.logging === undefined) return undefined;
  const logging = readMapping(raw.logging, `${place}.logging`);
  const driver = logging.driver === undefined ? "json-file" : readText(logging.driver, place);
  const options = readPairs(logging.options, `${place}.logging.options`);
  if (!["json-file", "local", "none"].includes(driver)) {
    throw notCarriedOut(`${place}.logging.driver ${driver}`);
  }
  // podman rotates to one file only and does not know how to compress it.
  const { "max-file": _files, compress: _compress, mode: _mode, ...kept } = options;
  return driver === "none" ? { driver } : { driver: "k8s-file", options: kept };
}

function translateSecurityOption(option: string): string {
  return option === "no-new-privileges:true" ? "no-new-privileges" : option.replace(/^(\w+):/, "$1=");
}

function readProcess(raw: Mapping, place: string): Mapping {
  const result: Mapping = {};
  for (const key of ["command", "entrypoint"]) {
    if (raw[key] !== undefined && raw[key] !== null) result[key] = readWords(raw[key], `${place}.${key}`);
  }
  return result;
}

function readRestart(raw: Mapping, place: string): Mapping {
  const policy = readMapping(readMapping(raw.deploy, place).restart_policy, place);
  if (raw.restart !== undefined) {
    const restart = raw.restart === false ? "no" : readText(raw.restart, `${place}.restart`);
    if (!/^(no|always|unless-stopped|on-failure(:\d+)?)$/.test(restart)) {
      throw new ComposeError(`${place}.restart: invalid restart policy: ${restart}`);
    }
    return { restart };
  }
  const condition = policy.condition ?? (Object.keys(policy).length > 0 ? "any" : "none");
  if (condition === "none") return {};
  const attempts = policy.max_attempts === undefined ? "" : `:${policy.max_attempts}`;
  return { restart: condition === "any" ? "always" : `on-failure${attempts}` };
}

function readAnnotations(raw: Mapping, place: string): string[] {
  const annotations = readPairs(raw.annotations, `${place}.annotations`);
  return Object.entries(annotations).flatMap(([key, value]) => ["--annotation", `${key}=${value ?? ""}`]);
}

function readDns(raw: Mapping, place: string): string[] {
  return [
    ...readTexts(raw.dns, `${place}.dns`).flatMap((server) => ["--dns", server]),
    ...readTexts(raw.dns_search, `${place}.dns_search`).flatMap((domain) => ["--dns-search", domain]),
  ];
}

function readStopTimeout(raw: Mapping, place: string): string[] {
  if (raw.stop_grace_period === undefined) return [];
  const milliseconds = readDuration(raw.stop_grace_period, `${place}.stop_grace_period`);
  return ["--stop-timeout", String(Math.ceil(milliseconds / 1000))];
}

function readDependencies(project: Project, name: string, raw: Mapping): Dependency[] {
  const place = `services.${name}.depends_on`;
  const value = raw.depends_on;
  const entries: [string, Mapping][] = Array.isArray(value)
    ? readTexts(value, place).map((service) => [service, {}])
    : Object.entries(readMapping(value, place)).map(([service, options]) => [
        service,
        readMapping(options, `${place}.${service}`),
      ]);
  return entries.flatMap(([service, options]) => {
    const required = options.required !== false;
    if (!(service in project.services)) {
      if (!required) return [];
      throw new ComposeError(
        `service "${name}" depends on undefined service "${service}": invalid compose project`,
      );
    }
    const condition = (options.condition ?? "service_started") as Condition;
    return [{ service, condition, required }];
  });
}

function sortByDependency(services: Service[]): Service[] {
  const sorted: Service[] = [];
  const visit = (service: Service, path: string[]): void => {
    if (path.includes(service.name)) {
      throw new ComposeError(`dependency cycle detected: ${[...path, service.name].join(" -> ")}`);
    }
    if (sorted.includes(service)) return;
    for (const dependency of service.dependencies) {
      const found = services.find((other) => other.name === dependency.service);
      if (found) visit(found, [...path, service.name]);
    }
    sorted.push(service);
  };
  for (const service of services) visit(service, []);
  return sorted;
}
