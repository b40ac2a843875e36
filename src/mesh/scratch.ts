import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../platform/context.ts";
import { lstatOrNull } from "../platform/files.ts";
import { type Git, git } from "../platform/git.ts";
import { safeEnvironment } from "../platform/git-settings.ts";
import { isLeft, newOwner, ownerName } from "../platform/lock-owner.ts";
import { cacheDirectory } from "../platform/person.ts";

/**
 * A bare repository of our own for one sync with one remote: nothing that a stranger sent comes near the project's
 * repository, and nothing is left that could grow, go stale or be poisoned.
 */
export interface Scratch {
  readonly git: Git;
  readonly directory: string;
}

const PREFIX = "sync-";

function scratchFolder(env: Context["env"]): string {
  return join(cacheDirectory(env), "mesh");
}

export async function openScratch(env: Context["env"], format: "sha1" | "sha256" = "sha1"): Promise<Scratch> {
  const parent = scratchFolder(env);
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  // Its name says whose it is: a file in it would be gone before all else is.
  const directory = join(parent, `${PREFIX}${ownerName(newOwner())}`);
  mkdirSync(directory, { mode: 0o700 });
  const top = join(directory, "mail.git");
  mkdirSync(top);
  // Named outright, so that no repository around it is looked for.
  const target: Git = { top, env: { ...safeEnvironment(env), GIT_DIR: top } };
  await git(target, ["init", "--bare", "--quiet", "--template=", `--object-format=${format}`, "."]);
  return { git: target, directory };
}

export function closeScratch(scratch: Scratch): void {
  rmSync(scratch.directory, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes what a sync that was killed left: of dead processes here, and of anybody after a day and a half. */
export function sweepScratch(env: Context["env"], now: Date): void {
  const parent = scratchFolder(env);
  if (lstatOrNull(parent) === null) return;
  for (const name of readdirSync(parent).filter((one) => one.startsWith(PREFIX))) {
    const directory = join(parent, name);
    if (isLeft(name.slice(PREFIX.length), lstatOrNull(directory)?.mtimeMs ?? now.getTime(), now))
      rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}
