import { lstatSync, readFileSync, readlinkSync, realpathSync, type Stats, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { isTemporary } from "./paths.ts";
import { protectedNames, protectedReason, type Writer } from "./protected-paths.ts";

/** What a write may reach, as far as only the disk knows. */
export interface Reach {
  /** Absolute real path of the project. */
  root: string;
  /** Folders of the person's own, such as that of trust. */
  personal: readonly string[];
  writer: Writer;
}

const MOST_LINKS = 40;
const longestText = 4 * 1024 * 1024;
const outside = "it lies outside the project";

/**
 * Why the file that a path leads to must not be written, or null: through links and other spellings it may be another
 * one than its name says. Throws nothing for a path that is not there.
 */
export function refuseOnDisk(absolute: string, reach: Reach): string | null {
  const real = realPathOf(absolute);
  if (real === null) return "too many links lead there";
  const leadsOut = holds(reach.root, absolute) && !holds(reach.root, real);
  const reason = (leadsOut ? outside : refusePlace(real, reach)) ?? refuseAlias(real, reach);
  return reason === null || real === absolute ? reason : `it leads to ${real}, and ${reason}`;
}

function refusePlace(real: string, { root, personal, writer }: Reach): string | null {
  if (personal.some((folder) => holds(folder, real))) return "trust and keys lie there";
  if (real === root) return null;
  if (holds(root, real)) {
    const inner = dirname(real) === root ? null : projectAround(dirname(real), root);
    return inner === null ? protectedReason(relative(root, real), writer) : "it lies in another project";
  }
  if (writer === "editor" || !isTemporary(real)) return outside;
  return projectAround(real, "/") === null ? null : "it lies in another project";
}

/** A second name of a protected file: a link that somebody made, or a protected name that is itself a link. */
function refuseAlias(real: string, { root }: Reach): string | null {
  for (const name of protectedNames) {
    const path = join(root, name);
    if (!statOf(path)?.isSymbolicLink()) continue;
    const target = realPathOf(path);
    if (target !== null && holds(target, real)) return `it is where ${name} leads to`;
  }
  const stats = statOf(real);
  const isShared = stats?.isFile() === true && stats.nlink > 1 && !real.includes(`${sep}node_modules${sep}`);
  return isShared ? "the same file has another name too (a hard link)" : null;
}

/** What a regular file holds: undefined where there is none, null where it cannot be read or is too long. */
export function readText(path: string): string | null | undefined {
  try {
    const stats = statSync(path);
    return stats.isFile() && stats.size <= longestText ? readFileSync(path, "utf8") : null;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT" ? undefined : null;
  }
}

/** The nearest folder from a path up to, and without, `end` that is a project of its own. */
function projectAround(path: string, end: string): string | null {
  for (let at = path; at !== end && at !== dirname(at); at = dirname(at)) {
    if (statOf(join(at, "vibeops.yaml")) !== null) return at;
  }
  return null;
}

/** The real path of what is there, or would be there: links are followed also where nothing is behind them yet. */
export function realPathOf(path: string, links = 0): string | null {
  if (links > MOST_LINKS) return null;
  try {
    return realpathSync.native(path);
  } catch {
    if (path === dirname(path)) return path;
    const folder = realPathOf(dirname(path), links + 1);
    if (folder === null) return null;
    const here = join(folder, basename(path));
    if (!statOf(here)?.isSymbolicLink()) return here;
    const target = readlinkSync(here);
    return realPathOf(isAbsolute(target) ? target : resolve(folder, target), links + 1);
  }
}

function statOf(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch {
    return null;
  }
}

/** Whether `path` is the folder or lies in it. */
function holds(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}
