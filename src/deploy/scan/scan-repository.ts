import { realpathSync } from "node:fs";
import { posix } from "node:path";
import { Exit, isSystemError, VibeopsError } from "../../errors.ts";
import type { Context } from "../../platform/context.ts";
import { findGit } from "../../platform/git.ts";
import { at, scalarOf } from "../located/located.ts";
import { readYamlDocuments } from "../located/read-yaml.ts";
import { assembleBlock } from "./assemble-block.ts";
import { chooseUnit, findCandidates, mayBeMeant } from "./choose-unit.ts";
import { type ComposeScan, scanComposeFiles } from "./compose/find-compose.ts";
import { type Fact, fact } from "./fact.ts";
import { type Facts, type FoundVariable, joinFacts, type Unit } from "./facts.ts";
import { findDockerfile } from "./find-dockerfile.ts";
import { Findings } from "./findings.ts";
import { listFiles } from "./list-files.ts";
import { listChanged, readHistory, tellUncommitted } from "./read-history.ts";
import { RepositoryFiles } from "./repository-files.ts";
import type { Scan } from "./scan.ts";
import { scanCluster } from "./scan-cluster.ts";
import { scanCode } from "./scan-code.ts";
import { scanEnvExample, scanEnvNames } from "./scan-env-example.ts";
import { findServiceFolder, scanManifests, scanMembers } from "./scan-manifests.ts";
import { scanMigrationPaths, scanStaticSite } from "./scan-paths.ts";
import { scanRouteFiles } from "./scan-route-files.ts";
import { type CodeLine, lineReader, searchCode } from "./search-code.ts";
import { scanSpring } from "./stack/scan-spring.ts";

const DOCKERFILES = ["Dockerfile", "Containerfile"];

export interface ScanOptions {
  /** The Compose service or Kubernetes workload that is meant, where there are several. */
  readonly service?: string | undefined;
  /** Compose files in the order of `docker compose -f`, below the folder. */
  readonly compose?: readonly string[] | undefined;
}

/**
 * The deployment block that a folder's own files support, with the place of each fact. What they do not say is left
 * out, and what they say differently is told and left open. Reads nothing outside of the folder, writes nothing.
 *
 * @throws VibeopsError `scan.folder`, `scan.service` where there is no such service
 */
export async function scanRepository(
  directory: string,
  options: ScanOptions,
  context: Pick<Context, "env">,
): Promise<Scan> {
  const root = findFolder(directory);
  const findings = new Findings();
  const { files, lines, history, changed } = await gather(root, findings, context);
  tellRepositories(files, findings);
  const compose = scanComposeFiles(files, options.compose ?? [], findings);
  const cluster = scanCluster(files, lines, findings);
  const top = scanManifests(files, findServiceFolder(files, undefined) ?? ".", findings);
  const names = namesOf(top, compose.name);
  const hasCode = findServiceFolder(files, undefined) !== null || files.named(...DOCKERFILES).length > 0;
  const meant = options.service === undefined ? mayBeMeant(compose.units, hasCode) : compose.units;
  const unit = chooseUnit(meant, options.service, names);
  const workload = chooseUnit(cluster.units, options.service, withName(names, unit));
  const units = [...compose.units, ...cluster.units];
  if (options.service !== undefined && unit === null && workload === null) {
    throw noService(options.service, units);
  }
  const isOpen = unit === null && workload === null && meant.length + cluster.units.length > 0;
  const docker = findDockerfile(files, { unit, isOpen }, findings);
  const base = findServiceFolder(files, unit?.build) ?? ".";
  const isMeant = folderTest(base, unit, compose.units);
  const manifests = scanPackages(files, base, isMeant, findings);
  const own = lines.filter(({ file }) => isWithin(posix.dirname(file), base));
  const scan = assembleBlock(
    {
      names: listNames(manifests, compose, unit ?? workload, options, readProjectName(files, findings)),
      // Whose they would be, nobody knows.
      manifests: isOpen
        ? { ...manifests, dependency: [], migration: [], healthPath: [], healthPort: [] }
        : manifests,
      unit,
      workload,
      units,
      docker: docker.facts,
      cluster: cluster.facts,
      code: isOpen
        ? {}
        : joinFacts(scanCode(own, lineReader(root)), { healthPath: scanRouteFiles(files, base) }),
      examples: isOpen
        ? []
        : scanExamples(files, base).filter(({ value }) => !onlyForCompose(value.name, compose, unit)),
      migrations: isOpen
        ? []
        : scanMigrationPaths(files.paths.filter((path) => isMeant(posix.dirname(path)))),
      site: scanStaticSite(files),
      version: [...manifests.version, ...history.version, ...cluster.facts.version],
      commit: history.commit,
      remarks: [...docker.others, ...compose.others],
      undecided: isOpen ? uniqueNames([...findCandidates(meant), ...findCandidates(cluster.units)]) : [],
    },
    findings,
    files.secrets,
  );
  tellUncommitted(scan, changed, findings);
  return scan;
}

/** Repositories inside of this one: git lists what is in them there alone. */
function tellRepositories(files: RepositoryFiles, findings: Findings): void {
  const message = "another repository lies here; it was not read";
  const fix = "scan that folder by itself";
  for (const path of files.paths.filter((one) => one.endsWith("/"))) {
    findings.add("scan.repository", "warning", message, { file: path.slice(0, -1), line: 1 }, fix);
  }
  const modules = files.has(".gitmodules") ? (files.read(".gitmodules") ?? "") : "";
  for (const [i, line] of modules.split("\n").entries()) {
    const folder = /^\s*path\s*=\s*(\S+)\s*$/.exec(line)?.[1];
    if (folder === undefined || !files.has(folder)) continue;
    findings.add("scan.repository", "warning", message, { file: ".gitmodules", line: i + 1 }, fix);
  }
}

/** What may name the service, the surest first. One that somebody chose among several is called as there. */
function listNames(
  manifests: Facts,
  compose: ComposeScan,
  chosen: Unit | null,
  { service }: ScanOptions,
  project: readonly Fact<string>[],
): (readonly Fact<string>[])[] {
  const isOneOfSeveral = service !== undefined && findCandidates(compose.units).length > 1;
  const rest = [manifests.name, compose.name, placesOf(chosen), project];
  return isOneOfSeveral ? [placesOf(chosen), ...rest] : rest;
}

/** Whether a folder may be the service's: it lies in none that another service is built in. */
function folderTest(base: string, unit: Unit | null, units: readonly Unit[]): (folder: string) => boolean {
  const others = units
    .filter((one) => one !== unit)
    .flatMap(({ build }) => (build === undefined ? [] : [build.context]))
    .filter((folder) => folder !== "." && !isWithin(base, folder));
  return (folder) => !others.some((other) => isWithin(folder, other));
}

function isWithin(folder: string, top: string): boolean {
  return top === "." || folder === top || folder.startsWith(`${top}/`);
}

/** The service's own manifests; where they are the repository's, those of its workspace too. */
function scanPackages(
  files: RepositoryFiles,
  base: string,
  isMeant: (folder: string) => boolean,
  findings: Findings,
): Facts {
  const { healthPath, ...packages } = scanManifests(files, base, findings);
  const own = joinFacts(packages, scanSpring(files, base, healthPath, findings));
  return base === "." ? joinFacts(own, scanMembers(files, isMeant, findings)) : own;
}

function findFolder(directory: string): string {
  try {
    return realpathSync(directory);
  } catch (error) {
    if (!isSystemError(error, "ENOENT", "ENOTDIR", "EACCES", "ELOOP")) throw error;
    throw new VibeopsError({
      code: "scan.folder",
      exit: Exit.notFound,
      message: "there is no such folder",
      file: directory,
      fix: "name a folder: vibeops scan DIR",
    });
  }
}

/** One list of files, one search over the code, one look at the commit and what differs from it: side by side, since each waits for git. */
async function gather(root: string, findings: Findings, context: Pick<Context, "env">) {
  const git = findGit(root, context.env);
  const searched = git === null ? Promise.resolve<CodeLine[]>([]) : searchCode(root, git, [], findings);
  const [listed, found, history, changed] = await Promise.all([
    listFiles(root, git, findings),
    searched,
    readHistory(git),
    listChanged(git, root),
  ]);
  const files = new RepositoryFiles(root, listed.paths, findings);
  // A folder that git ignores is no part of its commit.
  if (!listed.isFromGit) {
    const lines = await searchCode(root, null, listed.paths, findings);
    return { files, lines, history: { commit: null, version: [] }, changed };
  }
  return { files, lines: found, history, changed };
}

function uniqueNames(units: readonly Unit[]): Unit[] {
  return units.filter((unit, i) => units.findIndex(({ name }) => name === unit.name) === i);
}

function placesOf(unit: Unit | null): Fact<string>[] {
  return unit === null ? [] : [unit.place];
}

function namesOf(manifests: Facts, project: readonly Fact<string>[]): Set<string> {
  return new Set([...manifests.name, ...project].map(({ value }) => value));
}

function withName(names: ReadonlySet<string>, unit: Unit | null): Set<string> {
  return unit === null ? new Set(names) : new Set([...names, unit.name]);
}

/** Example files beside the manifests and at the top; what is called `.env` itself is read for its names alone. */
function scanExamples(files: RepositoryFiles, folder: string): Fact<FoundVariable>[] {
  const pattern =
    /^(?:\.?env[\w.-]*\.(?:example|sample|template|dist|tpl)|(?:example|sample)\.env|\.?env\.(?:example|sample|template|dist|tpl)|\.env)$/;
  const paths = files.paths.filter((path) => {
    const where = posix.dirname(path);
    return (where === folder || where === ".") && pattern.test(posix.basename(path));
  });
  return paths.slice(0, 20).flatMap((path) => {
    const text = files.read(path);
    if (text === null) return [];
    return posix.basename(path) === ".env" ? scanEnvNames(text, path) : scanEnvExample(text, path);
  });
}

/** Whether Compose takes a variable into its files, and the service does not get it as its own. */
function onlyForCompose(name: string, { variables }: ComposeScan, unit: Unit | null): boolean {
  const isSet = unit?.facts.variable.some(({ value }) => value.name === name) === true;
  return unit !== null && variables.has(name) && !isSet;
}

/** Our own configuration names the project, where no manifest names the service. */
function readProjectName(files: RepositoryFiles, findings: Findings): Fact<string>[] {
  const path = "vibeops.yaml";
  const text = files.has(path) ? files.read(path) : null;
  const [tree] = text === null ? [] : (findings.attempt(path, () => readYamlDocuments(text, path)) ?? []);
  const name = scalarOf(at(tree, "project"));
  return name === undefined ? [] : [fact(name.text, name.place, "project")];
}

function noService(wanted: string, units: readonly Unit[]): VibeopsError {
  const names = [...new Set(units.map(({ name }) => name))];
  return new VibeopsError({
    code: "scan.service",
    exit: Exit.notFound,
    message: `no file has a service '${wanted.slice(0, 100)}'`,
    fix: names.length === 0 ? "leave --service out" : `one of: ${names.slice(0, 30).join(", ")}`,
  });
}
