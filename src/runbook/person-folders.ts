import { lstatSync, readlinkSync, type Stats } from "node:fs";
import { dirname, join } from "node:path";
import type { VibeopsError } from "../errors.ts";
import { lstatOrNull } from "../platform/files.ts";
import { isWithin } from "../platform/work-trees.ts";
import { trustRefusal } from "./trust-refusal.ts";

/** A folder of the person's own, outside every project, on which the gate builds. */
export interface PersonFolder {
  readonly path: string;
  /** `trust`, `state`: as a message names it. */
  readonly noun: string;
  /** The variable that leads there. */
  readonly variable: string;
}

const MAX_LINKS = 40;
const STICKY = 0o1000;

/**
 * Refuses a folder that an agent of this project, or another account, could replace. Every name on the way from the
 * root, through every link, is looked at: it must lie outside of these work trees and of any project, belong to this
 * account or to root, and be writable by nobody else (in a sticky folder others cannot replace it).
 *
 * @throws VibeopsError `trust.inside`, `trust.owner`, `trust.writable`, `trust.links`
 */
export function refuseReachableFolder(folder: PersonFolder, workTrees: readonly string[]): void {
  const visited = [...visitPath(folder.path)];
  for (const { path, stats } of visited) {
    if (isProjects(path, stats, workTrees)) throw inside(folder, path);
    refuseForeignOwner(path, stats);
    if (stats.isDirectory()) refuseWritable(path, stats, path === visited.at(-1)?.path);
  }
  if (visited.filter(({ stats }) => stats.isSymbolicLink()).length > MAX_LINKS) {
    throw trustRefusal("links", folder.path, "too many symbolic links lead there", "put a real folder there");
  }
}

interface Visited {
  /** Its folder is a real path; what it names may be a link. */
  readonly path: string;
  readonly stats: Stats;
}

/** Each name that the system meets on its way to a path, as far as there is something. */
function* visitPath(path: string): Generator<Visited> {
  const root = lstatSync("/");
  yield { path: "/", stats: root };
  const rest = path.split("/");
  let at = "/";
  for (let links = 0; rest.length > 0 && links <= MAX_LINKS; ) {
    const name = rest.shift() ?? "";
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at = dirname(at);
      continue;
    }
    const next = join(at, name);
    const stats = lstatOrNull(next);
    if (stats === null) return;
    yield { path: next, stats };
    if (!stats.isSymbolicLink()) {
      at = next;
      continue;
    }
    links += 1;
    const target = readlinkSync(next);
    if (target.startsWith("/")) at = "/";
    rest.unshift(...target.split("/"));
  }
}

function isProjects(path: string, stats: Stats, workTrees: readonly string[]): boolean {
  if (workTrees.some((tree) => isWithin(path, tree))) return true;
  return stats.isDirectory() && lstatOrNull(join(path, "vibeops.yaml")) !== null;
}

/** For a file in such a folder. @throws VibeopsError `trust.symlink`, `trust.owner`, `trust.writable` */
export function refuseReachableFile(path: string): void {
  const stats = lstatOrNull(path);
  if (stats === null) return;
  if (stats.isSymbolicLink()) {
    throw trustRefusal("symlink", path, "this is a symbolic link", "put the file itself there");
  }
  refuseForeignOwner(path, stats);
  refuseWritable(path, stats, true);
}

function refuseForeignOwner(path: string, stats: Stats): void {
  const me = process.getuid?.();
  if (me === undefined || stats.uid === me || stats.uid === 0) return;
  const message = `this belongs to another account (uid ${stats.uid}), which could replace what is in it`;
  throw trustRefusal("owner", path, message, "use folders that belong to you, all the way up");
}

function refuseWritable(path: string, stats: Stats, isLast: boolean): void {
  if ((stats.mode & 0o022) === 0) return;
  if (!isLast && (stats.mode & STICKY) !== 0) return;
  const what = stats.isDirectory() ? "folder, and so replace what is in it" : "file";
  throw trustRefusal("writable", path, `others may write this ${what}`, `run: chmod go-w ${path}`);
}

function inside(folder: PersonFolder, path: string): VibeopsError {
  const where = path === folder.path ? "" : ` (at ${path})`;
  const message = `the ${folder.noun} folder lies inside a project${where}, where agents write`;
  const fix = `unset ${folder.variable}, or point it to a folder outside of every project and repository`;
  return trustRefusal("inside", folder.path, message, fix);
}
