import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../errors.ts";
import { type Git, git, tryGit } from "./git.ts";
import { DAY_MS } from "./units-of-time.ts";
import { commonDirectory } from "./work-trees.ts";

/* git packs what lies loose after a `git commit`. Our commits are made from parts, as scripts make them, so a project to
   which nobody else commits would grow without end: each memo writes its folder's list of names again. */

/** More than this is worth asking git how many it allows. */
const FEW = 512;
/** What git allows where `gc.auto` does not say. */
const ALLOWED = 6_700;

/** About how many objects lie loose, where that is more than git allows itself; null where it is not. */
export async function looseTooMany(target: Git): Promise<number | null> {
  const count = countLoose(target);
  if (count <= FEW) return null;
  const { exitCode, stdout } = await tryGit(target, ["config", "--type=int", "--get", "gc.auto"]);
  const allowed = exitCode === 0 ? Number(stdout) : ALLOWED;
  // Whoever sets it to nothing packs in another way, or not at all.
  return allowed > 0 && count > allowed ? count : null;
}

/** As git estimates it: names spread objects evenly over 256 folders. */
function countLoose(target: Git): number {
  return 256 * looseIn(target, "17").length;
}

/** The objects of one of the 256 folders. */
function looseIn(target: Git, folder: string): string[] {
  const names = namesOf(target, folder).filter((name) => /^[0-9a-f]{38,62}$/.test(name));
  return names.map((name) => `${folder}${name}`);
}

/**
 * Packs what lies loose, where it is more than git allows itself: a second's work for thousands, however long the history
 * is. Nothing is thrown away, and nothing is started that the repository names, as `git gc` would; no lock is held, so
 * that it may be killed at any point.
 *
 * @throws VibeopsError `git.failed`, `git.damaged`, `git.hung`
 */
export async function packLoose(target: Git): Promise<void> {
  if ((await looseTooMany(target)) === null) return;
  const folders = namesOf(target, "").filter((name) => /^[0-9a-f]{2}$/.test(name));
  const loose = folders.flatMap((folder) => looseIn(target, folder));
  const pack = join(objectsOf(target), "pack/pack");
  await git(target, ["pack-objects", "-q", pack], { input: loose.map((id) => `${id}\n`).join("") });
  await git(target, ["prune-packed", "-q"]);
}

/** Whether somebody packs right now, or tried today and could not: what that left takes room each time. */
export function wasPackingToday(target: Git, now: Date): boolean {
  const unfinished = namesOf(target, "pack").filter((name) => name.startsWith("tmp_pack_"));
  return unfinished.some((name) => {
    const stats = lstatSync(join(objectsOf(target), "pack", name), { throwIfNoEntry: false });
    return stats !== undefined && stats.mtimeMs > now.getTime() - DAY_MS;
  });
}

function namesOf(target: Git, folder: string): string[] {
  try {
    return readdirSync(join(objectsOf(target), folder));
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EACCES")) return [];
    throw error;
  }
}

function objectsOf(target: Git): string {
  return join(commonDirectory(target.top), "objects");
}
