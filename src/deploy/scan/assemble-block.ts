import { readBytes } from "../compose-file/amounts.ts";
import { Assembly } from "./assembly.ts";
import type { Fact } from "./fact.ts";
import {
  distinctFacts,
  type Facts,
  type FoundPort,
  type FoundVariable,
  type FoundVolume,
  type Unit,
} from "./facts.ts";
import type { Findings } from "./findings.ts";
import { putArtifacts } from "./put-artifacts.ts";
import { putDependencies } from "./put-dependencies.ts";
import type { Scan } from "./scan.ts";

/** All that was found, by where it stands. */
export interface Found {
  /** What names may be the service's: of the chosen manifests, of the Compose project, of the project itself. */
  readonly names: readonly (readonly Fact<string>[])[];
  readonly manifests: Facts;
  readonly unit: Unit | null;
  /** The same in the Kubernetes manifests. */
  readonly workload: Unit | null;
  readonly units: readonly Unit[];
  readonly docker: Partial<Facts>;
  readonly cluster: Facts;
  readonly code: Partial<Facts>;
  readonly examples: readonly Fact<FoundVariable>[];
  readonly migrations: readonly Fact<string>[];
  readonly site: readonly Fact<string>[];
  readonly version: readonly Fact<string>[];
  readonly commit: Fact<string> | null;
  readonly remarks: readonly Fact<string>[];
  /** Services among which nobody chose. */
  readonly undecided: readonly Unit[];
}

/** From facts to the block: what is agreed goes in, what differs or is missing is told. */
export function assembleBlock(found: Found, findings: Findings, secrets: ReadonlySet<string>): Scan {
  const assembly = new Assembly(findings, secrets);
  const service = putIdentity(assembly, found);
  putArtifacts(assembly, found);
  putNetwork(assembly, found);
  putEnvironment(assembly, found);
  putDependencies(assembly, found);
  putData(assembly, found, service);
  putLimits(assembly, found);
  putHealth(assembly, found);
  const test = assembly.settle("tests", found.manifests.test);
  if (test !== null) assembly.put("tests", { command: test.value }, [test], "tests.command");
  if (found.commit !== null) {
    assembly.put("source", { commit: found.commit.value }, [found.commit], "source.commit");
  }
  remarkOthers(assembly, found);
  askRest(assembly);
  const { block, evidence, remarks, conflicts, unknown } = assembly;
  const services = found.undecided.map(({ name }) => name);
  return { block, evidence, remarks, conflicts, services, unknown, findings: findings.list };
}

function putIdentity(assembly: Assembly, found: Found): string | undefined {
  if (found.undecided.length > 0) {
    assembly.dispute(
      "service",
      found.undecided.map((unit) => unit.place),
    );
  } else {
    const stated = found.names.find((facts) => facts.length > 0) ?? [];
    const name = assembly.settle("service", stated);
    if (name !== null) assembly.put("service", name.value, [name]);
  }
  const version = assembly.settle("version", found.version, (text) => text.replace(/^v(?=\d)/, ""));
  if (version !== null) assembly.put("version", version.value, [version]);
  return assembly.block.service;
}

const portKey = ({ container, protocol }: FoundPort) => `${container}/${protocol ?? "tcp"}`;

function putNetwork(assembly: Assembly, found: Found): void {
  const sources = [found.docker.port, found.unit?.facts.port, found.workload?.facts.port].map(
    (list) => list ?? [],
  );
  const isAnything = sources.some((list) => list.length > 0);
  const charts = isAnything ? [] : [...found.manifests.port, ...found.cluster.port];
  const ports = assembly.fitting("ports", assembly.settleList("ports", [...sources, charts], portKey));
  assembly.put(
    "ports",
    ports.map(({ value }) => value),
    ports,
  );
  const hosts = [found.unit?.facts.domain ?? [], found.cluster.domain].map((list) =>
    list.filter(({ value }) => value.includes(".") && !/(?:^|\.)local(?:host)?$/.test(value)),
  );
  const domains = assembly.fitting("domains", assembly.settleList("domains", hosts, String));
  assembly.put(
    "domains",
    domains.map(({ value }) => value),
    domains,
  );
}

/** More variables than a block holds are code of many services: then only what a person listed goes in. */
const MAX_VARIABLES = 200;

function putEnvironment(assembly: Assembly, found: Found): void {
  if (found.undecided.length > 0) {
    assembly.ask("env", "each service has its own, and it is open which is meant");
    return;
  }
  const listed = [
    ...found.examples,
    ...(found.unit?.facts.variable ?? []),
    ...(found.workload?.facts.variable ?? []),
  ];
  const read = [...(found.code.variable ?? []), ...found.manifests.variable];
  const all = mergeVariables([...listed, ...read]);
  const chosen = all.length <= MAX_VARIABLES ? all : mergeVariables(listed);
  if (all.length > MAX_VARIABLES) {
    assembly.ask("env", `${all.length} variables are read in the code, more than a block holds`);
  }
  const described = chosen.map((one) =>
    isPlainDescription(assembly, one.value) ? one : withoutDescription(one),
  );
  const fitting = assembly.fitting("env", described);
  assembly.put(
    "env",
    fitting.map(({ value }) => value),
    fitting,
  );
}

/** One for each name: what one source says of it stands beside what another says. */
function mergeVariables(facts: readonly Fact<FoundVariable>[]): Fact<FoundVariable>[] {
  const byName = new Map<string, Fact<FoundVariable>>();
  for (const found of facts) {
    const known = byName.get(found.value.name);
    const value = known === undefined ? found.value : { ...found.value, ...known.value };
    byName.set(value.name, { ...(known ?? found), value });
  }
  return [...byName.values()];
}

/** A comment of many lines describes nothing in one, and one that shows a value is none to pass on. */
function isPlainDescription(assembly: Assembly, { description = "" }: FoundVariable): boolean {
  return description.length <= 300 && /^[^\p{C}]*$/u.test(description) && !assembly.holdsSecret(description);
}

function withoutDescription(found: Fact<FoundVariable>): Fact<FoundVariable> {
  const { description: _, ...value } = found.value;
  return { ...found, value };
}

function putData(assembly: Assembly, found: Found, service: string | undefined): void {
  const named = [...(found.unit?.facts.volume ?? []), ...(found.workload?.facts.volume ?? [])];
  const paths = new Set(named.map(({ value }) => value.path));
  const unnamed = (found.docker.volume ?? []).filter(({ value }) => !paths.has(value.path));
  const all = [...named, ...unnamed.map((one, i) => nameVolume(one, service, i))];
  const volumes = distinctFacts(all, ({ path }) => path);
  const fitting = assembly.fitting("volumes", volumes);
  assembly.put(
    "volumes",
    fitting.map(({ value }) => value),
    fitting,
  );
  const [first] = volumes;
  const migration = describeMigrations(found.migrations, found.manifests.migration);
  const data = {
    ...(first === undefined ? {} : { stateful: true }),
    ...(migration === null ? {} : { migrations: migration.value }),
  };
  if (first !== undefined)
    assembly.note("data.stateful", { ...first, value: `true, with data at ${first.value.path}` });
  if (migration !== null) assembly.note("data.migrations", migration);
  if (Object.keys(data).length > 0) assembly.block.data = data;
}

/** A Dockerfile knows where data lies and not what the volume is called; a name must be, so it gets the service's. */
function nameVolume(found: Fact<FoundVolume>, service: string | undefined, i: number): Fact<FoundVolume> {
  const name = `${service === undefined ? "" : `${service}-`}data${i === 0 ? "" : `-${i + 1}`}`;
  return { ...found, value: { ...found.value, name }, word: `${found.word} (the name is ours)` };
}

/**
 * That there are migrations is a fact where their files lie; a package that can migrate is only a tool. Whether this
 * version brings one, no file says.
 */
function describeMigrations(
  files: readonly Fact<string>[],
  packages: readonly Fact<string>[],
): Fact<string> | null {
  const facts = [...files, ...packages];
  const [first] = facts;
  if (first === undefined) return null;
  const tools = [...new Set(facts.map(({ value }) => value))].join(", ");
  const runs = files.length > 0 || packages.some(({ word }) => word === "release");
  const what = runs ? "has migrations" : "names a tool for migrations";
  return { ...first, value: `the repository ${what} (${tools}); whether this version brings one is open` };
}

function putLimits(assembly: Assembly, found: Found): void {
  const facts = [found.unit?.facts, found.workload?.facts];
  const memory = assembly.settle(
    "resources.memory",
    facts.flatMap((one) => one?.memory ?? []),
    (text) => String(readBytes(text) ?? text),
  );
  const cpus = assembly.settle(
    "resources.cpus",
    facts.flatMap((one) => one?.cpus ?? []),
  );
  if (memory !== null) assembly.put("resources", { memory: memory.value }, [memory], "resources.memory");
  if (cpus !== null) {
    assembly.put("resources", { ...assembly.block.resources, cpus: cpus.value }, [cpus], "resources.cpus");
  }
}

/** A Compose health check stands instead of the image's; a route in the code counts where nothing asks for any. */
function putHealth(assembly: Assembly, found: Found): void {
  const own = found.unit?.facts;
  const isSaid = own !== undefined && own.healthPath.length + own.healthCommand.length > 0;
  const container = isSaid ? own : found.docker;
  const probes = found.workload?.facts.healthPath ?? found.cluster.healthPath;
  const stated = [...(container.healthPath ?? []), ...probes];
  // What the code says itself, and what a package of it answers by default.
  const [routes = [], ...less] = [stated, found.code.healthPath ?? [], found.manifests.healthPath].filter(
    (facts) => facts.length > 0,
  );
  assembly.remark(less.flat(), "health route");
  const path = assembly.settle("health.path", routes);
  const command = assembly.settle("health.command", container.healthCommand ?? [], (words) =>
    words.join("\0"),
  );
  if (path !== null) assembly.put("health", { path: path.value }, [path], "health.path");
  if (path !== null && stated.length > 0) {
    putHealthPort(assembly, [...(container.healthPort ?? []), ...(found.workload?.facts.healthPort ?? [])]);
  }
  if (routes === found.manifests.healthPath) putHealthPort(assembly, found.manifests.healthPort);
  if (command !== null) {
    assembly.put("health", { ...assembly.block.health, command: command.value }, [command], "health.command");
  }
}

/** Only where the path is asked on another port than the service's first. */
function putHealthPort(assembly: Assembly, facts: readonly Fact<number>[]): void {
  const port = assembly.settle("health.port", facts);
  const first = assembly.block.ports?.find(({ protocol }) => protocol !== "udp")?.container;
  if (port === null || port.value === first) return;
  assembly.put("health", { ...assembly.block.health, port: port.value }, [port], "health.port");
}

function remarkOthers(assembly: Assembly, found: Found): void {
  assembly.remark(found.remarks);
  const chosen = [found.unit, found.workload].filter((unit) => unit !== null);
  for (const unit of chosen) assembly.remark(unit.facts.remark);
  assembly.remark([...(found.docker.remark ?? []), ...found.manifests.remark, ...found.cluster.remark]);
  for (const unit of found.units.filter((one) => !chosen.includes(one))) {
    assembly.remark([unit.place], "service beside it");
    assembly.remark([...unit.facts.image, ...unit.facts.volume], `of ${unit.name}`);
  }
}

/** What the block lacks and a deployment needs; the questions of deploy/questions.yaml are about the same. */
const WANTED: readonly (readonly [string, string])[] = [
  ["service", "no file names it; `name` in a manifest would"],
  ["version", "no manifest has a version, and no tag of git is on this commit"],
  ["artifacts", "no file names an image, and what is built here has no name yet"],
  ["ports", "no EXPOSE, no ports"],
  ["domains", "DNS names stand in no file"],
  ["env", "no variable is read, set or listed"],
  ["data.stateful", "no volume; whether it keeps data elsewhere, no file says"],
  ["data.backup", "no file says how its data is backed up"],
  ["data.migrations", "no migration tool; whether anything migrates, no file says"],
  ["resources.memory", "no limit is set"],
  ["resources.cpus", "no limit is set"],
  ["health", "no HEALTHCHECK, no probe, no health route"],
  ["rollback.to", "files do not say which version is known to be good"],
  ["owner", "files do not say who answers at 2 AM"],
  ["source.author", "files do not say who wrote this change: ai, human or mixed"],
  ["tests", "no manifest has a test command"],
];

function askRest(assembly: Assembly): void {
  for (const [field, why] of WANTED) {
    const [key = "", part] = field.split(".");
    const value = assembly.block[key as keyof typeof assembly.block];
    const isThere =
      part === undefined ? value !== undefined : (value as Record<string, unknown>)?.[part] !== undefined;
    const isTold = assembly.unknown.some((one) => one.field === field || one.field.startsWith(`${field}.`));
    if (!isThere && !isTold) assembly.ask(field, why);
  }
}
