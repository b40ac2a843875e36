import { posix } from "node:path";
import { type Facts, joinFacts } from "./facts.ts";
import type { Findings } from "./findings.ts";
import type { RepositoryFiles } from "./repository-files.ts";
import { scanComposer } from "./stack/scan-composer.ts";
import {
  scanGemfile,
  scanGoMod,
  scanGradle,
  scanGradleSettings,
  scanProcfile,
  scanRequirements,
} from "./stack/scan-line-manifest.ts";
import { scanMaven } from "./stack/scan-maven.ts";
import { scanNpm } from "./stack/scan-npm.ts";
import { scanCargo, scanPipfile, scanPyproject } from "./stack/scan-toml-manifest.ts";
import { findMembers } from "./workspace-members.ts";

type ScanManifest = (text: string, file: string, runner: string) => Partial<Facts>;

/** Manifests by their names, in the order in which their facts are told. */
const SCANNERS: ReadonlyMap<string, ScanManifest> = new Map<string, ScanManifest>([
  ["package.json", scanNpm],
  ["pyproject.toml", scanPyproject],
  ["Pipfile", scanPipfile],
  ["requirements.txt", scanRequirements],
  ["go.mod", scanGoMod],
  ["Cargo.toml", scanCargo],
  ["Gemfile", scanGemfile],
  ["composer.json", scanComposer],
  ["pom.xml", scanMaven],
  ["settings.gradle", scanGradleSettings],
  ["settings.gradle.kts", scanGradleSettings],
  ["build.gradle", scanGradle],
  ["build.gradle.kts", scanGradle],
  ["Procfile", scanProcfile],
]);

/** Where a service's own manifest may lie, when the top of the repository has none. */
const MAX_DEPTH = 2;

/** What the package manifests of one folder say. */
export function scanManifests(files: RepositoryFiles, folder: string, findings: Findings): Facts {
  const runner = findRunner(files, folder);
  const parts = [...SCANNERS].map(([name, scan]) => {
    const path = posix.join(folder, name);
    const text = files.has(path) ? files.read(path) : null;
    return text === null ? {} : (findings.attempt(path, () => scan(text, path, runner)) ?? {});
  });
  return joinFacts(...parts);
}

/** What the packages of a workspace need when they run; which of them is deployed, their manifests do not say. */
export function scanMembers(
  files: RepositoryFiles,
  findings: Findings,
): Pick<Facts, "dependency" | "migration"> {
  const facts = findMembers(files, findings).map((folder) => scanManifests(files, folder, findings));
  const { dependency, migration } = joinFacts(...facts);
  return { dependency, migration };
}

/**
 * The folder whose manifests are the service's: that of its Dockerfile, else the top, else the only one below it that
 * has any. Null where several have.
 */
export function findManifestFolder(files: RepositoryFiles, buildFolder: string | undefined): string | null {
  const folders = new Set<string>();
  for (const path of files.paths) {
    const cut = path.lastIndexOf("/");
    if (!SCANNERS.has(path.slice(cut + 1)) || path.split("/").length > MAX_DEPTH + 1) continue;
    folders.add(cut === -1 ? "." : path.slice(0, cut));
  }
  if (buildFolder !== undefined && folders.has(buildFolder)) return buildFolder;
  if (folders.has(".")) return ".";
  const [only, second] = folders;
  return second === undefined ? (only ?? null) : null;
}

/** The package manager whose lock file lies there. */
function findRunner(files: RepositoryFiles, folder: string): string {
  const has = (name: string) => files.has(posix.join(folder, name));
  if (has("pnpm-lock.yaml")) return "pnpm";
  if (has("yarn.lock")) return "yarn";
  return has("bun.lock") || has("bun.lockb") ? "bun run" : "npm";
}
