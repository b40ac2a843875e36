import { join, resolve } from "node:path";
import { Exit, VibeopsError } from "../../errors.ts";
import { formatAddress } from "../../memo/address.ts";
import { readDeployment } from "../../memo/deployment.ts";
import { type Memo, parseMemo } from "../../memo/memo.ts";
import type { Context } from "../../platform/context.ts";
import { readIfExists } from "../../platform/files.ts";
import { type Git, git, gitPath, headCommit, requireGit } from "../../platform/git.ts";
import { readObjects } from "../../platform/git-objects.ts";
import { newId } from "../../platform/ids.ts";
import { loadInventory } from "../../project/inventory.ts";
import { firstRole, type Project } from "../../project/project.ts";
import { templateText } from "../../project/templates.ts";
import { findCommit, findRepository, isDecided, loadManifest } from "../gather.ts";
import { type Manifest, manifestPath } from "../manifest.ts";
import { choosePlace } from "../place.ts";
import { blockHash } from "../prepare.ts";
import { findStaticSource } from "../static-files.ts";
import { staticFolderOf, targetKindOf } from "../target-kind.ts";
import { chooseWay } from "./choose-version.ts";
import { findRestoredFiles } from "./restored-files.ts";
import type { RollbackInput } from "./rollback.ts";
import { type Deployment, readServiceTrail } from "./trail.ts";

export interface RollbackOptions {
  /** The version that is gone back to; the one before the one that runs unless told. */
  to?: string | undefined;
  /** The preparing role; the project's first unless told. */
  role?: string | undefined;
  /** Leave the data as it is, also where a record names a backup of it. */
  keepData?: boolean | undefined;
}

/**
 * Reads what going back needs: the trail in git, the records, the configuration and the memo of that version. Writes nothing.
 *
 * @throws VibeopsError as readServiceTrail, chooseWay, findRestoredFiles and choosePlace; `rollback.memo`,
 *   `rollback.uncommitted`
 */
export async function gatherRollback(
  project: Project,
  service: string,
  options: RollbackOptions,
  context: Context,
): Promise<RollbackInput> {
  const target = requireGit(project.root, context.env);
  const trail = await readServiceTrail(project, target, service);
  const way = chooseWay(trail, options.to);
  const restored = await findRestoredFiles(project, target, service, way.to);
  const { manifest } = restored;
  const memo = await readMemoAt(project, target, restored.commit, manifest, context);
  const { block } = readDeployment(memo);
  if (blockHash(block) !== manifest.block) throw memoChanged(manifest);
  const { inventory, file } = loadInventory(project);
  const place = choosePlace(inventory, file, service, manifest.host);
  const repository = findRepository(project, memo, place);
  const named = targetKindOf({ block, place }) === "compose" ? undefined : block.source?.commit;
  const commit = await findCommit(project, repository, named, context);
  const folder = targetKindOf({ block, place }) === "static" ? staticFolderOf(block) : undefined;
  const absolute = repository === null ? null : resolve(project.root, repository);
  const current = loadManifest(project, service);
  const before = await readCommitted(project, target, service, [
    ...restored.files.keys(),
    ...Object.keys(current?.files ?? {}).filter((path) => path.startsWith(`deploy/${service}/`)),
  ]);
  return {
    trail,
    way,
    restored,
    memo,
    block,
    place,
    author: formatAddress({ role: options.role ?? firstRole(project), project: project.name }),
    repository,
    commit,
    source: folder === undefined ? null : await findStaticSource(absolute, commit, folder, context),
    blocks: await readBlocks(project, target, way.since, context),
    keepData: options.keepData === true,
    current,
    currentIsDecided: current?.runbook !== undefined && isDecided(project, current.runbook),
    before,
    currentRunbook: current?.runbook === undefined ? null : readRunbook(project, current.runbook),
    newRunbook: newId(context),
    find: (name) => templateText(context, project, name),
  };
}

function readRunbook(project: Project, id: string): Buffer | null {
  return readIfExists(join(project.root, `runbooks/${id}/runbook.md`));
}

/** The memo as it stood in that commit, wherever it lay then. @throws VibeopsError `rollback.memo` */
async function readMemoAt(
  project: Project,
  target: Git,
  commit: string,
  { memo: id, version }: Pick<Manifest, "memo" | "version">,
  context: Pick<Context, "now">,
): Promise<Memo> {
  const folder = gitPath(target, join(project.root, "memos"));
  const args = ["--literal-pathspecs", "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit, "--"];
  const listed = (await git(target, [...args, `${folder}/`])).split("\0");
  const path = listed.find((one) => one.includes(`/${id}`) && !one.includes("\n") && one.endsWith(".md"));
  const [object] = path === undefined ? [] : await readObjects(target, [`${commit}:${path}`]);
  if (object) return parseMemo(object.bytes, { file: path, now: context.now() });
  throw new VibeopsError({
    code: "rollback.memo",
    exit: Exit.notFound,
    message: `commit ${commit.slice(0, 12)} does not hold memo ${id}, from which ${version} was prepared`,
    fix: "look for it with: vibeops memo search, and prepare that version anew",
  });
}

function memoChanged({ memo, version }: Manifest): VibeopsError {
  return new VibeopsError({
    code: "rollback.memo",
    exit: Exit.conflict,
    message: `memo ${memo} is not the one any more from which ${version} was prepared`,
    fix: `see what changed: git log -p -- '*${memo}*'`,
  });
}

/** The blocks of what was deployed since, by runbook; null where the memo cannot be read any more. */
async function readBlocks(
  project: Project,
  target: Git,
  since: readonly Deployment[],
  context: Pick<Context, "now">,
): Promise<RollbackInput["blocks"]> {
  const blocks = new Map<string, RollbackInput["block"] | null>();
  for (const { manifest, commits } of since) {
    try {
      const memo = await readMemoAt(project, target, commits.at(-1) ?? "", manifest, context);
      blocks.set(manifest.runbook, readDeployment(memo).block);
    } catch (error) {
      if (!(error instanceof VibeopsError)) throw error;
      blocks.set(manifest.runbook, null);
    }
  }
  return blocks;
}

/**
 * What lies in the service's folder now, where git has it too: nothing is replaced that could not be found again.
 *
 * @throws VibeopsError `rollback.uncommitted` (exit 7)
 */
async function readCommitted(
  project: Project,
  target: Git,
  service: string,
  paths: readonly string[],
): Promise<Map<string, Buffer>> {
  const all = [...new Set([...paths, manifestPath(service)])];
  const head = (await headCommit(target)) ?? "";
  const names = all.map((path) => `${head}:${gitPath(target, join(project.root, path))}`);
  const objects = await readObjects(target, names);
  const files = new Map<string, Buffer>();
  all.forEach((path, i) => {
    const bytes = readIfExists(join(project.root, path));
    if (bytes === null) return;
    const isCommitted = objects[i]?.bytes.equals(bytes) === true;
    if (!isCommitted) throw uncommitted(path);
    files.set(path, bytes);
  });
  return files;
}

function uncommitted(path: string): VibeopsError {
  return new VibeopsError({
    code: "rollback.uncommitted",
    exit: Exit.conflict,
    message: `${path} has changes that are in no commit, and going back would replace them`,
    file: path,
    fix: `commit them, or undo them: git diff ${path}`,
  });
}
