import { basename, dirname, join } from "node:path";
import { ensureDirectory } from "../platform/folders.ts";
import { type Git, gitPath } from "../platform/git.ts";
import { type FileChange, put } from "../platform/git-commit.ts";
import { readObjects } from "../platform/git-objects.ts";
import { replaceFile } from "../platform/replace.ts";
import type { Undo } from "../platform/undo.ts";
import type { Project } from "../project/project.ts";
import { bytesOf } from "./file-plan.ts";
import type { PreparationPlan } from "./prepare.ts";

/**
 * Writes what the plan creates or updates, each file whole or not at all, the manifest last: a preparation that was
 * cut off is planned again from what is there. A file that changed since the plan is not touched.
 *
 * @returns the same changes for a commit
 * @throws VibeopsError `file.changed` (exit 7), `file.symlink`, `file.type`
 */
export async function applyPreparation(
  project: Pick<Project, "root">,
  plan: Pick<PreparationPlan, "files">,
  undo?: Undo,
): Promise<FileChange[]> {
  const changes: FileChange[] = [];
  for (const file of plan.files) {
    const { path, action, before } = file;
    if (action !== "create" && action !== "update") continue;
    const absolute = join(ensureDirectory(project.root, dirname(path)), basename(path));
    const bytes = bytesOf(file);
    await replaceFile(absolute, before, bytes, undo);
    changes.push(put(absolute, bytes));
  }
  return changes;
}

/** What lies on disk as planned and is in no commit: there, an earlier preparation was cut off. To be committed. */
export async function findCutOff(
  target: Git,
  project: Pick<Project, "root">,
  plan: PreparationPlan,
): Promise<FileChange[]> {
  const written = plan.files
    .filter(({ action }) => action === "unchanged")
    .map((file) => put(join(project.root, file.path), bytesOf(file)));
  const inHead = await readObjects(
    target,
    written.map(({ path }) => `HEAD:${gitPath(target, path)}`),
  );
  return written.filter((change, i) => {
    const bytes = inHead[i]?.bytes ?? null;
    return bytes === null || change.edit(bytes)?.equals(bytes) !== true;
  });
}
