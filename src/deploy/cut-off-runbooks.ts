import { join } from "node:path";
import { findDirectory } from "../platform/folders.ts";
import { type Git, gitPath, tryGit } from "../platform/git.ts";
import type { Project } from "../project/project.ts";
import { RUNBOOKS_FOLDER, runbookPath } from "../runbook/runbook-paths.ts";

/**
 * Runbooks that no commit holds, as a preparation leaves one that is killed before its manifest names it: ids, the
 * newest first. Whether one of them is what would be written again, the plan says.
 */
export async function findCutOffRunbooks(target: Git | null, project: Project): Promise<string[]> {
  if (target === null || findDirectory(project.root, RUNBOOKS_FOLDER) === null) return [];
  const folder = join(project.root, RUNBOOKS_FOLDER);
  const listing = ["ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", folder];
  const { stdout } = await tryGit(target, ["--literal-pathspecs", ...listing]);
  const paths = new Set(stdout.split("\0"));
  const ids = [...paths].flatMap((path) => path.split("/").at(-2) ?? []);
  return ids
    .filter((id) => paths.has(gitPath(target, join(project.root, runbookPath(id)))))
    .sort()
    .reverse();
}
