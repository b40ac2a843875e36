import { join } from "node:path";
import { Exit, VibeopsError } from "../../errors.ts";
import { type Git, git, gitPath } from "../../platform/git.ts";
import { readObjects } from "../../platform/git-objects.ts";
import { sha256 } from "../../platform/hash.ts";
import type { Project } from "../../project/project.ts";
import { readApprovalFiles } from "../../runbook/approval-file.ts";
import { parseStatement } from "../../runbook/statement.ts";
import { type Manifest, manifestPath, readManifest } from "../manifest.ts";
import type { Deployment } from "./trail.ts";

/** The configuration of a deployment as git holds it. */
export interface RestoredFiles {
  readonly commit: string;
  readonly manifest: Manifest;
  /** Path below the project's root → bytes; without prepared.yaml. */
  readonly files: ReadonlyMap<string, Buffer>;
}

/**
 * Finds the commit that holds what a deployment installed: HEAD as it was when the walk began, else a commit of its
 * approval, its closing or its preparation, the first in which every installed file has the hash that was approved.
 *
 * @throws VibeopsError `rollback.bytes` where none has
 */
export async function findRestoredFiles(
  project: Project,
  target: Git,
  service: string,
  deployment: Deployment,
): Promise<RestoredFiles> {
  const { manifest, commits, run } = deployment;
  const approved = readApprovedHashes(run);
  const head = run.walk.state.start?.head;
  for (const commit of [...(head === undefined ? [] : [head]), ...commits]) {
    const found = await readFilesAt(project, target, commit, service);
    if (found === null || found.manifest.version !== manifest.version) continue;
    const isSame = [...approved].every(([path, hash]) => {
      const bytes = found.files.get(path);
      return bytes !== undefined && sha256(bytes) === hash;
    });
    if (isSame) return found;
  }
  throw new VibeopsError({
    code: "rollback.bytes",
    exit: Exit.notFound,
    message: `no commit holds the files of ${[...approved.keys()].join(", ")} as runbook ${manifest.runbook} installed them`,
    fix: "look for them in: git log --all -p deploy; or prepare that version anew from its memo",
  });
}

/** Of the files that the walk's approval covers. */
function readApprovedHashes({ loaded, walk }: Deployment["run"]): Map<string, string> {
  const nonce = walk.state.start?.approval;
  const file = readApprovalFiles(loaded.folder).find(({ name }) => name === nonce);
  const files = file === undefined ? [] : parseStatement(file.bytes, file.file).files;
  return new Map(files.map(({ path, sha256: hash }) => [path, hash]));
}

async function readFilesAt(
  project: Project,
  target: Git,
  commit: string,
  service: string,
): Promise<RestoredFiles | null> {
  if (!/^[0-9a-f]{40,64}$/.test(commit)) return null;
  const folder = gitPath(target, join(project.root, "deploy", service));
  const args = [
    "--literal-pathspecs",
    "ls-tree",
    "-r",
    "-z",
    "--name-only",
    "--full-tree",
    commit,
    "--",
    `${folder}/`,
  ];
  const listed = (await git(target, args, { allowFailure: true })).split("\0").filter((path) => path !== "");
  const names = listed.filter((path) => !path.includes("\n"));
  const objects = await readObjects(
    target,
    names.map((path) => `${commit}:${path}`),
  );
  const all = new Map(
    names.flatMap((path, i): [string, Buffer][] => {
      const bytes = objects[i]?.bytes;
      return bytes === undefined ? [] : [[`deploy/${service}${path.slice(folder.length)}`, bytes]];
    }),
  );
  const own = all.get(manifestPath(service));
  if (own === undefined) return null;
  all.delete(manifestPath(service));
  return { commit, manifest: readManifest(own.toString("utf8"), manifestPath(service)), files: all };
}
