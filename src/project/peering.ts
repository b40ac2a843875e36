import { realpathSync } from "node:fs";
import { join, relative, resolve, sep } from "node:path";
import { Exit, isSystemError, VibeopsError } from "../errors.ts";
import { quoteAlways } from "../platform/quote.ts";
import { replaceFile } from "../platform/replace.ts";
import { unifiedDiff } from "../text/diff.ts";
import { addToConfig, type ConfigAddition } from "./config-edit.ts";
import { PROJECT_FILE } from "./discovery.ts";
import { hasExpired } from "./grants.ts";
import type { MemoType } from "./memo-types.ts";
import { type Grant, loadProject, type Project } from "./project.ts";

/** One project's vibeops.yaml before and after; `diff` is empty where nothing is to be added. */
export interface PeeringEnd {
  name: string;
  /** Absolute path of vibeops.yaml. */
  file: string;
  before: string;
  after: string;
  diff: string;
}

export interface PeeringPlan {
  ours: PeeringEnd;
  theirs: PeeringEnd;
}

export interface PeeringOptions {
  /** The day from which the grants run. */
  today: Date;
  /** Memo types that each side takes in from the other; by role unless told. */
  types?: readonly string[];
  /** The last day of the grants, `YYYY-MM-DD`; a year from today unless told. */
  until?: string;
}

/** What of a project peering needs; `configText` may not be on disk yet, when `init` is about to write it. */
export type PeeringSide = Pick<Project, "root" | "name" | "config" | "configText">;

/**
 * The lines for both ends: each lists the other as a peer and accepts memos from it. What is there already is
 * left as it is. Writes nothing.
 *
 * @throws VibeopsError `peering.no-project`, `peering.self`, `peering.name`
 */
export function planPeering(ours: PeeringSide, directory: string, options: PeeringOptions): PeeringPlan {
  const theirs = loadNeighbour(ours, directory);
  return { ours: planEnd(ours, theirs, options), theirs: planEnd(theirs, ours, options) };
}

/** Whether there is anything to ask a person about. */
export function hasPeeringChanges(plan: PeeringPlan): boolean {
  return plan.ours.diff !== "" || plan.theirs.diff !== "";
}

/**
 * Writes both ends, theirs first: a sandbox that forbids writing outside our project then leaves both as they were.
 *
 * @throws VibeopsError `file.changed`; `peering.half` where one end was written and the other was not
 */
export async function applyPeering(plan: PeeringPlan): Promise<void> {
  await writeEnd(plan.theirs);
  try {
    await writeEnd(plan.ours);
  } catch (cause) {
    if (plan.theirs.diff === "") throw cause;
    throw new VibeopsError({
      code: "peering.half",
      exit: Exit.conflict,
      message: `${plan.theirs.file} was written, this file was not: ${cause instanceof Error ? cause.message : String(cause)}`,
      file: plan.ours.file,
      fix: "run the command again: it adds only what is missing",
      cause,
    });
  }
}

async function writeEnd(end: PeeringEnd): Promise<void> {
  if (end.diff === "") return;
  await replaceFile(end.file, Buffer.from(end.before), Buffer.from(end.after));
}

/** The project in another folder, fit to be a peer. @throws VibeopsError as {@link planPeering} */
export function loadNeighbour(ours: PeeringSide, directory: string): Project {
  const root = realPathOrNull(resolve(ours.root, directory));
  if (root === ours.root) {
    throw peeringError(
      "peering.self",
      directory,
      "a project cannot be its own peer",
      "name another project's folder",
    );
  }
  const theirs = root === null ? null : loadIfProject(root);
  if (theirs === null) {
    throw new VibeopsError({
      code: "peering.no-project",
      exit: Exit.notFound,
      message: root === null ? "there is no such folder" : "there is no vibeops project in this folder",
      file: directory,
      fix:
        root === null
          ? "name the folder of a project on this machine; one on another machine is a git peer: docs/mesh.md"
          : `make it one first, with the role that it has: (cd ${quoteAlways(directory)} && vibeops init --role sysadmin)`,
    });
  }
  if (theirs.name !== ours.name) return theirs;
  const fix = "give one of them another name: `project:` in vibeops.yaml";
  throw peeringError("peering.name", directory, `both projects are called '${ours.name}'`, fix);
}

function loadIfProject(root: string): Project | null {
  try {
    return loadProject(root);
  } catch (error) {
    if (error instanceof VibeopsError && error.code === "file.missing") return null;
    throw error;
  }
}

function planEnd(own: PeeringSide, other: PeeringSide, options: PeeringOptions): PeeringEnd {
  const { alias, additions } = planPeerEntry(own, other);
  if (!accepts(own, alias, options.today)) {
    const types = options.types ?? acceptedTypes(own);
    const until = options.until ?? aYearAfter(options.today);
    additions.push({ section: "accepts", value: { from: alias, types, until } });
  }
  return endOf(own, addToConfig(own.configText, additions));
}

/** One end with its new text. */
export function endOf(own: PeeringSide, after: string): PeeringEnd {
  const before = own.configText;
  const diff = after === before ? "" : unifiedDiff(before, after, PROJECT_FILE);
  return { name: own.name, file: join(own.root, PROJECT_FILE), before, after, diff };
}

/**
 * The name by which `own` lists the other project, and the entry where there is none yet.
 *
 * @throws VibeopsError `peering.name`
 */
export function planPeerEntry(
  own: PeeringSide,
  other: PeeringSide,
): { alias: string; additions: ConfigAddition[] } {
  const known = findPeer(own, other);
  if (known !== null) return { alias: known, additions: [] };
  refuseTakenName(own, other, join(own.root, PROJECT_FILE));
  const path = relativePath(own.root, other.root);
  return { alias: other.name, additions: [{ section: "peers", key: other.name, value: { path } }] };
}

/** The name under which `own` already lists the other's folder. */
function findPeer(own: PeeringSide, other: PeeringSide): string | null {
  for (const [alias, peer] of Object.entries(own.config.peers)) {
    if (peer.path !== undefined && realPathIfReached(resolve(own.root, peer.path)) === other.root)
      return alias;
  }
  return null;
}

function refuseTakenName(own: PeeringSide, other: PeeringSide, file: string): void {
  const taken = Object.hasOwn(own.config.peers, other.name) ? own.config.peers[other.name] : undefined;
  if (taken === undefined) return;
  const where = taken.path ?? taken.git ?? "another place";
  throw peeringError(
    "peering.name",
    file,
    `the name '${other.name}' already stands for ${where} under peers`,
    "rename or remove that entry first",
  );
}

/** An entry that takes no mail only lets the other read. One that has lapsed is history: a new one is added and the old one stays for the person to remove. */
function accepts(own: PeeringSide, alias: string, today: Date): boolean {
  const holds = (grant: Grant) => grant.types?.length !== 0 && !hasExpired(grant, today);
  return own.config.accepts.some((grant) => grant.from === alias && holds(grant));
}

/** Deployments are taken in where somebody prepares them. */
export function acceptedTypes(own: Pick<Project, "config">): readonly MemoType[] {
  const common: MemoType[] = ["request", "info"];
  return Object.hasOwn(own.config.agents, "sysadmin") ? ["deployment", ...common] : common;
}

/** The last day of a grant that nobody gave another one. */
export function aYearAfter(today: Date): string {
  const until = new Date(today);
  until.setUTCFullYear(until.getUTCFullYear() + 1);
  return until.toISOString().slice(0, 10);
}

/** Forward slashes, and `./` before a path that would otherwise look like a name. */
function relativePath(from: string, to: string): string {
  const path = relative(from, to).split(sep).join("/");
  return path.startsWith("..") ? path : `./${path}`;
}

function realPathOrNull(path: string): string | null {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR")) return null;
    if (isSystemError(error, "ENAMETOOLONG", "ELOOP", "EACCES")) throw noPath(path, error);
    throw error;
  }
}

/** Of an entry that is there already: what is wrong with it is no matter of whoever is added now. */
function realPathIfReached(path: string): string | null {
  try {
    return realPathOrNull(path);
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

function noPath(path: string, cause: NodeJS.ErrnoException): VibeopsError {
  const shown = path.length > 80 ? `${path.slice(0, 80)}…` : path;
  const why = {
    ENAMETOOLONG: `its ${path.length} characters are too many`,
    EACCES: "it cannot be reached from here",
  };
  return new VibeopsError({
    code: "peering.path",
    exit: Exit.usage,
    message: `this is no path to a project: ${why[cause.code as keyof typeof why] ?? cause.code}`,
    file: shown,
    fix: "give the other project's folder: vibeops init --peer ../other-project",
    cause,
  });
}

function peeringError(code: string, file: string, message: string, fix: string): VibeopsError {
  return new VibeopsError({ code, exit: Exit.invalid, message, file, fix });
}
