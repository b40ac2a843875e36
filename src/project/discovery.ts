import { realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { lstatOrNull } from "../platform/files.ts";

export const PROJECT_FILE = "vibeops.yaml";

/** The folder of the project around `cwd`: the nearest one upward that holds a vibeops.yaml. @throws `project.missing` */
export function findProjectRoot(cwd: string): string {
  const root = findProjectAround(cwd);
  if (root !== null) return root;
  throw new VibeopsError({
    code: "project.missing",
    exit: Exit.notFound,
    message: `this folder is in no vibeops project: there is no ${PROJECT_FILE} here or above`,
    file: cwd,
    fix: "run: vibeops init --role developer",
  });
}

/** As {@link findProjectRoot}, and null outside of every project. A link that leads nowhere is a broken project, not none. */
export function findProjectAround(cwd: string): string | null {
  let current = realpathSync(cwd);
  for (;;) {
    if (lstatOrNull(join(current, PROJECT_FILE)) !== null) return current;
    const parent = dirname(current);
    if (parent === current) return null;
    current = parent;
  }
}
