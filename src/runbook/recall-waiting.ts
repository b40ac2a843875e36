import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isSystemError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { type FactCache, type Stamp, stampOf } from "../platform/fact-cache.ts";
import { stateDirectory } from "../platform/person.ts";
import { isPendingKind, type PendingItem } from "../project/pending.ts";
import type { Project } from "../project/project.ts";
import { RULE_FILES } from "./rule-files.ts";
import { listRunbookIds, type RunbookFolder, runbookFolder } from "./runbook-paths.ts";
import type { Waiting } from "./waiting.ts";

/** What a runbook waits for, and until when that is so if nobody touches it: an approval runs out. */
interface WaitingFact {
  /** What else it depends on: files that a decision covers, below the project's root. */
  readonly covered: readonly string[];
  readonly items: readonly PendingItem[];
  /** ISO 8601; not before it was looked at, and before the approval runs out. */
  readonly from: string;
  readonly until: string | null;
}

/**
 * As `pendingRunbooks`, for whoever asks often: a runbook whose files are what the cache knows is not read, and where
 * all are, what reads them is not even loaded.
 */
export async function recallPendingRunbooks(
  project: Pick<Project, "root">,
  context: Context,
  cache: FactCache,
): Promise<PendingItem[]> {
  const now = context.now().toISOString();
  const items: PendingItem[] = [];
  for (const id of listRunbookIds(project)) {
    const folder = runbookFolder(project, id);
    const seal = stampOf(folder.seal, `${folder.seal}.sig`);
    if (cache.find(folder.seal, seal, isTrue) === true) continue;
    const rules = Object.values(RULE_FILES).map((name) => join(project.root, name));
    const stamp = stampOf(...filesOf(folder), ...rules, join(stateDirectory(context.env), "nonces"));
    const known = cache.find(folder.path, stamp, isWaitingFact);
    if (known !== undefined && isSame(project.root, cache, folder, known, now)) {
      items.push(...known.items);
      continue;
    }
    const { readWaiting } = await import("./waiting.ts");
    const waiting = await readWaiting(project, context, id);
    if (waiting === null) cache.keep(folder.seal, seal, true);
    else {
      if (waiting.isKeepable) keepWaiting(project.root, cache, folder, stamp, waiting, now);
      items.push(...waiting.items);
    }
  }
  return items;
}

function keepWaiting(
  root: string,
  cache: FactCache,
  folder: RunbookFolder,
  stamp: Stamp,
  { items, covered, expires }: Waiting,
  from: string,
): void {
  const fact: WaitingFact = { covered, items, from, until: expires ?? null };
  cache.keep(folder.path, stamp, fact);
  if (covered.length > 0) cache.keep(coveredKey(folder), stampOfCovered(root, covered), true);
}

function isSame(
  root: string,
  cache: FactCache,
  folder: RunbookFolder,
  { covered, from, until }: WaitingFact,
  now: string,
): boolean {
  if (now < from || (until !== null && now >= until)) return false;
  if (covered.length === 0) return true;
  return cache.find(coveredKey(folder), stampOfCovered(root, covered), isTrue) === true;
}

function coveredKey(folder: RunbookFolder): string {
  return `${folder.path}/covered`;
}

/** Of the files and of the folders on their way: a file that is reached through a link counts as none. */
function stampOfCovered(root: string, covered: readonly string[]) {
  const places = covered.flatMap((path) =>
    path.split("/").map((_, i, names) => names.slice(0, i + 1).join("/")),
  );
  return stampOf(...[...new Set(places)].map((path) => join(root, path)));
}

/** All that says where a runbook stands. The folders too: something else may take their place. */
function filesOf(folder: RunbookFolder): string[] {
  const within = [folder.approvals, folder.records].flatMap((directory) => [
    directory,
    ...namesIn(directory).map((name) => join(directory, name)),
  ]);
  return [folder.path, folder.document, folder.seal, `${folder.seal}.sig`, ...within];
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (isSystemError(error, "ENOENT", "ENOTDIR", "EACCES", "EPERM", "ELOOP", "EIO")) return [];
    throw error;
  }
}

function isTrue(value: unknown): value is true {
  return value === true;
}

function isWaitingFact(value: unknown): value is WaitingFact {
  if (typeof value !== "object" || value === null) return false;
  const { covered, items, from, until } = value as Partial<WaitingFact>;
  if (!Array.isArray(covered) || !covered.every((path) => typeof path === "string")) return false;
  const isTimed = typeof from === "string" && (until === null || typeof until === "string");
  return isTimed && Array.isArray(items) && items.every(isPendingItem);
}

function isPendingItem(value: unknown): value is PendingItem {
  if (typeof value !== "object" || value === null) return false;
  const { kind, words, id, title, command, since } = value as Partial<PendingItem>;
  const texts = [words, id, title, command, since ?? ""];
  return isPendingKind(kind) && texts.every((text) => typeof text === "string");
}
