import { posix } from "node:path";
import { type Facts, joinFacts, type UnitBuild } from "./facts.ts";
import type { Findings } from "./findings.ts";
import type { RepositoryFiles } from "./repository-files.ts";
import { isOwnCode } from "./search-code.ts";
import { withoutAssetName } from "./stack/asset-package.ts";
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

const NPM = "package.json";

/** Manifests by their names, in the order in which their facts are told. */
const SCANNERS: ReadonlyMap<string, ScanManifest> = new Map<string, ScanManifest>([
  [NPM, scanNpm],
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
  const scanFile = (name: string, scan: ScanManifest): Partial<Facts> => {
    const path = posix.join(folder, name);
    const text = files.has(path) ? files.read(path) : null;
    return text === null ? {} : (findings.attempt(path, () => scan(text, path, runner)) ?? {});
  };
  const { [NPM]: npm, ...others } = Object.fromEntries(
    [...SCANNERS].map(([name, scan]) => [name, scanFile(name, scan)]),
  );
  const rest = joinFacts(...Object.values(others));
  return npm === undefined || Object.keys(npm).length === 0
    ? rest
    : joinFacts(withoutAssetName(npm, rest, files, folder), rest);
}

/**
 * What the packages of a workspace need when they run; which of them is deployed, their manifests do not say.
 *
 * @param isMeant whether a folder may be the service's
 */
export function scanMembers(
  files: RepositoryFiles,
  isMeant: (folder: string) => boolean,
  findings: Findings,
): Pick<Facts, "dependency" | "migration"> {
  const folders = findMembers(files, isManifest, findings).filter(isMeant);
  const facts = folders.map((folder) => scanManifests(files, folder, findings));
  const { dependency, migration } = joinFacts(...facts);
  return { dependency, migration };
}

/**
 * The folder that is the service's: that of its Dockerfile or the one that it is built in, where a manifest lies there;
 * else the top, else the only one below it that has any. Null where several have.
 */
export function findServiceFolder(files: RepositoryFiles, build: UnitBuild | undefined): string | null {
  const own = build === undefined ? [] : [posix.dirname(build.dockerfile), build.context];
  const stated = own.find((folder) => hasManifest(files, folder));
  if (stated !== undefined) return stated;
  const top = build?.context ?? ".";
  const [only, second] = listManifestFolders(files, top);
  if (only !== undefined && second === undefined) return only;
  // What is built elsewhere has nothing to do with the manifests of the rest.
  return top === "." ? null : top;
}

function hasManifest(files: RepositoryFiles, folder: string): boolean {
  return files.named(...[...SCANNERS.keys()].map((name) => posix.join(folder, name))).length > 0;
}

/** The folder itself, where it has manifests; else those below it that have, without documentation and examples. */
function listManifestFolders(files: RepositoryFiles, top: string): string[] {
  if (hasManifest(files, top)) return [top];
  const prefix = top === "." ? "" : `${top}/`;
  const paths = files.paths.filter((path) => path.startsWith(prefix) && isManifest(path) && isOwnCode(path));
  const depth = (path: string) => path.slice(prefix.length).split("/").length - 1;
  return [...new Set(paths.filter((path) => depth(path) <= MAX_DEPTH).map((path) => posix.dirname(path)))];
}

function isManifest(path: string): boolean {
  return SCANNERS.has(posix.basename(path));
}

/** The package manager whose lock file lies there, or above it as in a workspace. */
function findRunner(files: RepositoryFiles, folder: string): string {
  const has = (name: string) => files.has(posix.join(folder, name));
  if (has("pnpm-lock.yaml")) return "pnpm";
  if (has("yarn.lock")) return "yarn";
  if (has("bun.lock") || has("bun.lockb")) return "bun run";
  if (has("package-lock.json") || folder === ".") return "npm";
  return findRunner(files, posix.dirname(folder));
}
