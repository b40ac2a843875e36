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
import { readHistory } from "./read-history.ts";
import { RepositoryFiles } from "./repository-files.ts";
import type { Scan } from "./scan.ts";
import { scanCluster } from "./scan-cluster.ts";
import { scanCode } from "./scan-code.ts";
import { scanEnvExample } from "./scan-env-example.ts";
import { findManifestFolder, scanManifests, scanMembers } from "./scan-manifests.ts";
import { scanMigrationPaths, scanStaticSite } from "./scan-paths.ts";
import { type CodeLine, searchCode } from "./search-code.ts";
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
  const { files, lines, history } = await gather(root, findings, context);
  const compose = scanComposeFiles(files, options.compose ?? [], findings);
  const cluster = scanCluster(files, lines, findings);
  const top = scanManifests(files, findManifestFolder(files, undefined) ?? ".", findings);
  const names = namesOf(top, compose.name);
  const hasCode = findManifestFolder(files, undefined) !== null || files.named(...DOCKERFILES).length > 0;
  const meant = options.service === undefined ? mayBeMeant(compose.units, hasCode) : compose.units;
  const unit = chooseUnit(meant, options.service, names);
  const workload = chooseUnit(cluster.units, options.service, withName(names, unit));
  const units = [...compose.units, ...cluster.units];
  if (options.service !== undefined && unit === null && workload === null) {
    throw noService(options.service, units);
  }
  const docker = findDockerfile(files, unit, findings);
  const folder = unit?.build === undefined ? undefined : posix.dirname(unit.build.dockerfile);
  const base = findManifestFolder(files, folder) ?? ".";
  const manifests = scanPackages(files, base, findings);
  const own = lines.filter(({ file }) => base === "." || file.startsWith(`${base}/`));
  const isOpen = unit === null && workload === null && meant.length + cluster.units.length > 0;
  return assembleBlock(
    {
      names: [manifests.name, compose.name, placesOf(unit ?? workload), readProjectName(files, findings)],
      manifests,
      unit,
      workload,
      units,
      docker: docker.facts,
      cluster: cluster.facts,
      // Whose they would be, nobody knows.
      code: isOpen ? {} : scanCode(own),
      examples: isOpen
        ? []
        : scanExamples(files, base).filter(({ value }) => !onlyForCompose(value.name, compose, unit)),
      migrations: scanMigrationPaths(files.paths),
      site: scanStaticSite(files),
      version: [...manifests.version, ...history.version, ...cluster.facts.version],
      commit: history.commit,
      remarks: [...docker.others, ...compose.others],
      undecided: isOpen ? uniqueNames([...findCandidates(meant), ...findCandidates(cluster.units)]) : [],
    },
    findings,
    files.secrets,
  );
}

/** The service's own manifests; where they are the repository's, those of its workspace too. */
function scanPackages(files: RepositoryFiles, base: string, findings: Findings): Facts {
  const own = joinFacts(scanManifests(files, base, findings), scanSpring(files, base, findings));
  return base === "." ? joinFacts(own, scanMembers(files, findings)) : own;
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

/** One list of files, one search over the code, one look at the commit: side by side, since each waits for git. */
async function gather(root: string, findings: Findings, context: Pick<Context, "env">) {
  const git = findGit(root, context.env);
  const searched = git === null ? Promise.resolve<CodeLine[]>([]) : searchCode(root, git, [], findings);
  const [listed, found, history] = await Promise.all([
    listFiles(root, git, findings),
    searched,
    readHistory(git),
  ]);
  const files = new RepositoryFiles(root, listed.paths, findings);
  // A folder that git ignores is no part of its commit.
  if (!listed.isFromGit) {
    const lines = await searchCode(root, null, listed.paths, findings);
    return { files, lines, history: { commit: null, version: [] } };
  }
  return { files, lines: found, history };
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
    return text === null ? [] : scanEnvExample(text, path);
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
