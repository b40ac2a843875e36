import { join } from "node:path";
import { VibeopsError } from "../../errors.ts";
import type { DeploymentBlock } from "../../memo/deployment.ts";
import type { Context } from "../../platform/context.ts";
import { readIfExists } from "../../platform/files.ts";
import { findGit, headCommit } from "../../platform/git.ts";
import type { Fact } from "./fact.ts";
import { type ComposeFacts, scanCompose } from "./scan-compose.ts";
import { type DockerfileFacts, scanDockerfile } from "./scan-dockerfile.ts";
import { scanEnvExample, type VariableFact } from "./scan-env-example.ts";
import { type PackageFacts, scanPackage } from "./scan-package.ts";

/** One fact of the block and where it was found. */
export interface Evidence {
  field: string;
  value: string;
  source: string;
}

export interface Scan {
  block: DeploymentBlock;
  evidence: Evidence[];
}

const MAX_BYTES = 1024 * 1024;

/**
 * The deployment block that a repository's own files support: Dockerfile, Compose file, npm manifest,
 * `.env.example`, git. What they do not say is left out, and becomes an open question later.
 *
 * @param service used where no manifest names the service
 */
export async function scanRepository(
  directory: string,
  service: string,
  context: Pick<Context, "env">,
): Promise<Scan> {
  const read = <T>(names: readonly string[], scan: (text: string, file: string) => T): T | null => {
    for (const name of names) {
      const text = readText(join(directory, name));
      if (text !== null) return scan(text, name);
    }
    return null;
  };
  const manifest = read(["package.json"], scanPackage) ?? {};
  const name = manifest.name?.value.replace(/^@[^/]+\//, "") ?? service;
  const docker = read(["Dockerfile", "Containerfile"], scanDockerfile);
  const composeNames = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
  const compose = read(composeNames, (text, file) => scanCompose(text, file, name));
  const variables = read([".env.example", ".env.sample", "env.example"], scanEnvExample) ?? [];
  const git = findGit(directory, context.env);
  const commit = git === null ? null : await headCommit(git);
  return assemble(name, { manifest, docker, compose, variables, commit });
}

function readText(file: string): string | null {
  try {
    return readIfExists(file, { maxBytes: MAX_BYTES })?.toString("utf8") ?? null;
  } catch (error) {
    // A link or a huge file in somebody's repository is no fact.
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

interface Sources {
  manifest: PackageFacts;
  docker: DockerfileFacts | null;
  compose: ComposeFacts | null;
  variables: Fact<VariableFact>[];
  commit: string | null;
}

function assemble(service: string, sources: Sources): Scan {
  const { manifest, docker, compose, variables, commit } = sources;
  const evidence: Evidence[] = [];
  const note = <T>(field: string, found: Fact<T>): T => {
    evidence.push({ field, value: describeValue(found.value), source: found.source });
    return found.value;
  };
  const block: DeploymentBlock = {
    service,
    version: manifest.version === undefined ? "0.0.0" : note("version", manifest.version),
  };
  if (compose?.image !== undefined) {
    const command = docker?.command;
    block.artifacts = [
      {
        image: note("artifacts", compose.image),
        ...(command === undefined ? {} : { command: note("artifacts.command", command) }),
      },
    ];
  }
  const ports = firstOf(docker?.ports, compose?.ports);
  if (ports.length > 0) block.ports = ports.map((port) => ({ container: note("ports", port) }));
  if (variables.length > 0) block.env = variables.map((variable) => note("env", variable));
  const volumes = findVolumes(service, docker, compose);
  if (volumes.length > 0) {
    block.volumes = volumes.map((volume) => note("volumes", volume));
    block.data = { stateful: true };
  }
  if (compose !== null && compose.dependencies.length > 0) {
    block.depends_on = compose.dependencies.map((dependency) => note("depends_on", dependency));
  }
  const health = findHealth(docker, note);
  if (health !== null) block.health = health;
  if (commit !== null)
    block.source = { commit: note("source.commit", { value: commit, source: "git HEAD" }) };
  if (manifest.test !== undefined) block.tests = { command: note("tests.command", manifest.test) };
  return { block, evidence };
}

function describeValue(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && "name" in value) return String(value.name);
  return JSON.stringify(value);
}

function firstOf<T>(...lists: (Fact<T>[] | undefined)[]): Fact<T>[] {
  return lists.find((list) => list !== undefined && list.length > 0) ?? [];
}

/** Compose knows a volume's name; a Dockerfile only where it is mounted. */
function findVolumes(
  service: string,
  docker: DockerfileFacts | null,
  compose: ComposeFacts | null,
): Fact<{ name: string; path: string }>[] {
  const named = compose?.volumes ?? [];
  const paths = new Set(named.map((volume) => volume.value.path));
  const unnamed = (docker?.volumes ?? []).filter((volume) => !paths.has(volume.value));
  const suffix = (i: number) => (i === 0 ? "data" : `data-${i + 1}`);
  return [
    ...named,
    ...unnamed.map((volume, i) => ({
      value: { name: `${service}-${suffix(i)}`, path: volume.value },
      source: volume.source,
    })),
  ];
}

function findHealth(
  docker: DockerfileFacts | null,
  note: <T>(field: string, found: Fact<T>) => T,
): NonNullable<DeploymentBlock["health"]> | null {
  if (docker?.healthPath === undefined && docker?.healthCommand === undefined) return null;
  return {
    ...(docker.healthPath === undefined ? {} : { path: note("health.path", docker.healthPath) }),
    ...(docker.healthCommand === undefined ? {} : { command: note("health.command", docker.healthCommand) }),
  };
}
