import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { formatAddress } from "../memo/address.ts";
import { type DeploymentBlock, readReceivedDeployment } from "../memo/deployment.ts";
import type { StoredMemo } from "../memo/mailbox.ts";
import type { Memo } from "../memo/memo.ts";
import type { Context } from "../platform/context.ts";
import { readIfExists } from "../platform/files.ts";
import { findDirectory } from "../platform/folders.ts";
import { findGit, tryGit } from "../platform/git.ts";
import { newId } from "../platform/ids.ts";
import { loadInventory } from "../project/inventory.ts";
import { firstRole, type Project } from "../project/project.ts";
import { templateText } from "../project/templates.ts";
import { isClosed, runbookFolder } from "../runbook/runbook-folder.ts";
import { runbookPath } from "../runbook/runbook-paths.ts";
import { decodeText } from "../text/decode.ts";
import { readStacks } from "./capacity/read-stacks.ts";
import type { Stack as HostStack } from "./capacity/stack.ts";
import { sumUp } from "./capacity/sum-up.ts";
import { isEverywhere, isLoopback, listPorts } from "./compose-file/ports.ts";
import { findCutOffRunbooks } from "./cut-off-runbooks.ts";
import { readStack } from "./dockerfile/read-stack.ts";
import type { Stack } from "./dockerfile/stack.ts";
import { type Manifest, manifestPath, readManifest } from "./manifest.ts";
import { choosePlace, type Place } from "./place.ts";
import type { PreparationInput } from "./prepare.ts";
import { caddyProjectFolder } from "./sites/caddy-project.ts";
import { readStaticFiles } from "./static-files.ts";
import { staticFolderOf, targetKindOf } from "./target-kind.ts";

export interface PreparationOptions {
  /** A host of the inventory, instead of the service's own. */
  host?: string | undefined;
  /** The preparing role; the one that the memo is addressed to unless told. */
  role?: string | undefined;
}

/**
 * Reads what a preparation needs: the memo's block, the inventory, what was prepared before, and, for a process, the
 * commit in the service's repository. Writes nothing.
 *
 * @throws VibeopsError as readReceivedDeployment, loadInventory and choosePlace
 */
export async function gatherPreparation(
  project: Project,
  { memo, path }: StoredMemo,
  options: PreparationOptions,
  context: Context,
): Promise<PreparationInput> {
  const { block } = readReceivedDeployment(memo, path);
  const loaded = loadInventory(project);
  const { inventory, file } = loaded;
  const place = choosePlace(inventory, file, block.service, options.host);
  const earlier = loadManifest(project, block.service);
  const repository = findRepository(project, memo, place);
  const kind = targetKindOf({ block, place });
  const named = kind === "compose" ? undefined : block.source?.commit;
  const commit = await findCommit(project, repository, named, context);
  const folder = kind === "static" ? staticFolderOf(block) : undefined;
  const manifests = loadOtherManifests(project, block.service);
  const cutOffRunbooks = await findCutOffRunbooks(findGit(project.root, context.env), project);
  const others = readStacks(project, loaded).filter((stack) => stack.service !== block.service);
  return {
    memo,
    block,
    place,
    author: formatAddress({
      role: options.role ?? memo.to.role ?? firstRole(project),
      project: project.name,
    }),
    repository,
    commit,
    earlier,
    earlierIsDecided: earlier?.runbook !== undefined && isDecided(project, earlier.runbook),
    earlierIsClosed: earlier?.runbook !== undefined && isClosed(runbookFolder(project, earlier.runbook)),
    newRunbook: newId(context),
    cutOffRunbooks,
    staticFiles:
      folder === undefined || repository === null
        ? null
        : await readStaticFiles(resolve(project.root, repository), commit, folder, context),
    stack: kind === "compose" ? findStack(project, block, repository) : null,
    taken: [...listGivenPorts(manifests, place.hostName), ...listPublishedPorts(others, place)],
    others: sumUp(place.hostName, place.host, others).memory,
    shared: listShared(manifests),
    files: readFiles(project, place, [
      ...(earlier?.runbook === undefined ? [] : [earlier.runbook]),
      ...cutOffRunbooks,
    ]),
    find: (name) => templateText(context, project, name),
  };
}

export function loadManifest(project: Project, service: string): Manifest | null {
  const file = manifestPath(service);
  if (findDirectory(project.root, `deploy/${service}`) === null) return null;
  const bytes = readIfExists(join(project.root, file));
  return bytes === null ? null : readManifest(decodeText(bytes, file), file);
}

/** What the preparations of other services left; one that cannot be read stops here. */
function loadOtherManifests(project: Project, service: string): Manifest[] {
  const folder = findDirectory(project.root, "deploy");
  if (folder === null) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== service)
    .flatMap((entry) => loadManifest(project, entry.name) ?? []);
}

/** Loopback ports that they were given on the same host. */
function listGivenPorts(manifests: readonly Manifest[], hostName: string): number[] {
  return manifests.flatMap(({ port, host }) => (port === undefined || host !== hostName ? [] : [port]));
}

/** By path, what they say that they wrote. */
function listShared(manifests: readonly Manifest[]): Map<string, string[]> {
  const hashes = new Map<string, string[]>();
  for (const { files } of manifests)
    for (const [path, hash] of Object.entries(files)) hashes.set(path, [...(hashes.get(path) ?? []), hash]);
  return hashes;
}

/** What other stacks of the host publish where the loopback address is, and what its proxy listens on. */
function listPublishedPorts(others: readonly HostStack[], { host, hostName }: Place): number[] {
  const published = others
    .filter((stack) => stack.host === hostName)
    .flatMap(({ ports }) => ports.filter((port) => isEverywhere(port) || isLoopback(port)))
    .flatMap((port) => (port.protocol === "tcp" ? listPorts(port.published) : []));
  return [...published, ...(host.proxy === undefined ? [] : [80, 443])];
}

export function isDecided(project: Project, runbook: string): boolean {
  const { approvals, records } = runbookFolder(project, runbook);
  return [approvals, records].some((folder) => hasEntries(project, folder));
}

function hasEntries(project: Project, folder: string): boolean {
  const path = findDirectory(project.root, folder.slice(project.root.length + 1));
  return path !== null && readdirSync(path).length > 0;
}

function readFiles(
  project: Project,
  { service, hostName }: Place,
  runbooks: readonly string[],
): Map<string, Buffer> {
  const paths = [`deploy/${service}`, caddyProjectFolder(hostName)].flatMap((folder) =>
    findDirectory(project.root, folder) === null
      ? []
      : listFileNames(join(project.root, folder)).map((name) => `${folder}/${name}`),
  );
  const there = runbooks.filter((id) => findDirectory(project.root, `runbooks/${id}`) !== null);
  paths.push(...there.map(runbookPath));
  const files = new Map<string, Buffer>();
  for (const path of paths) {
    const bytes = readIfExists(join(project.root, path));
    if (bytes !== null) files.set(path, bytes);
  }
  return files;
}

function listFileNames(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith("."))
    .map((entry) => entry.name);
}

/** As the inventory says, else the sender's folder; relative to the project, as release.place wants it. */
export function findRepository(project: Project, memo: Memo, place: Place): string | null {
  if (place.entry?.path !== undefined) return place.entry.path;
  if (memo.from.project === project.name) return ".";
  return project.config.peers[memo.from.project]?.path ?? null;
}

/** What the repository is, where the memo names no image: somebody has to make one first. */
function findStack(project: Project, block: DeploymentBlock, repository: string | null): Stack | null {
  const hasImage = (block.artifacts ?? []).some((artifact) => "image" in artifact);
  return hasImage || repository === null ? null : readStack(resolve(project.root, repository));
}

/** A tag or a short id is resolved here, once: what runs later is the commit that was found now. */
export async function findCommit(
  project: Project,
  repository: string | null,
  named: string | undefined,
  context: Pick<Context, "env">,
): Promise<string | null> {
  if (repository === null || named === undefined) return null;
  const folder = resolve(project.root, repository);
  const repo = existsSync(folder) ? findGit(folder, context.env) : null;
  if (repo === null) return null;
  const { exitCode, stdout } = await tryGit(repo, [
    "rev-parse",
    "--verify",
    "--quiet",
    "--end-of-options",
    `${named}^{commit}`,
  ]);
  return exitCode === 0 ? stdout.trim() : null;
}
