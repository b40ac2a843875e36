import { basename, dirname } from "node:path";
import { isSystemError, VibeopsError } from "../errors.ts";
import { type PendingCounts, readPendingMail } from "../memo/pending.ts";
import type { Context } from "../platform/context.ts";
import { type FactCache, stampOf } from "../platform/fact-cache.ts";
import { isGone } from "../project/known-projects.ts";
import { byUrgency, type PendingItem, type Urgency, urgencyOf } from "../project/pending.ts";
import { type ProjectFact, recallProject } from "../project/recall-project.ts";
import { recallPendingRunbooks } from "../runbook/recall-waiting.ts";
import { recallHeadline } from "../state/headline.ts";
import { STATE_FILE } from "../state/sections.ts";

/** A project in a line. */
export interface ProjectStatus {
  readonly root: string;
  /** Its folder's name where its vibeops.yaml cannot be read. */
  readonly name: string;
  readonly roles: readonly string[];
  /** Null where its mail cannot be read. */
  readonly pending: PendingCounts | null;
  /** How many runbooks wait for somebody. */
  readonly runbooks: number;
  /** The first line of its current status; untrusted. */
  readonly headline: string;
  /** When mail, STATE.md, runbooks or a session last changed something here, ISO 8601. */
  readonly active?: string;
}

/** Something that waits, and where. */
export interface Waiting extends PendingItem {
  readonly urgency: Urgency;
  readonly project: string;
  readonly root: string;
}

export interface Status {
  /** The most pressing first. */
  readonly waiting: readonly Waiting[];
  readonly projects: readonly ProjectStatus[];
}

/**
 * What waits for the person in these projects, and each project in a line. Reads files only: nothing is changed, taken
 * in or committed there, and no process is started. A project that cannot be read is an item of its own.
 */
export async function readStatus(
  roots: readonly string[],
  context: Context,
  cache: FactCache,
): Promise<Status> {
  const waiting: Waiting[] = [];
  const projects: ProjectStatus[] = [];
  for (const root of roots) {
    const { status, items } = await readProjectStatus(root, context, cache);
    projects.push(status);
    for (const item of items) {
      waiting.push({ ...item, urgency: urgencyOf(item.kind), project: status.name, root });
    }
  }
  return { waiting: waiting.sort(byUrgency), projects };
}

async function readProjectStatus(
  root: string,
  context: Context,
  cache: FactCache,
): Promise<{ status: ProjectStatus; items: PendingItem[] }> {
  const problems: PendingItem[] = [];
  const attempt = async <T>(read: () => T | Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await read();
    } catch (error) {
      problems.push(itemOfError(error, root));
      return otherwise;
    }
  };
  const fact = await attempt<ProjectFact | null>(() => recallProject(root, cache), null);
  if (fact === null && isGone(root)) {
    const status = { root, name: basename(root), roles: [], pending: null, runbooks: 0, headline: "" };
    return { status, items: [itemOfGone(root)] };
  }
  const mail = await attempt(() => readPendingMail(root, context.now(), cache), null);
  const runbooks = await attempt(() => recallPendingRunbooks({ root }, context, cache), []);
  const headline = await attempt(() => recallHeadline(root, cache), "");
  const active = await attempt(() => lastChange(root), null);
  const status = {
    root,
    name: fact?.name ?? basename(root),
    roles: fact?.roles ?? [],
    pending: mail?.counts ?? null,
    runbooks: new Set(runbooks.map(({ id }) => id)).size,
    headline,
    ...(active === null ? {} : { active }),
  };
  // A folder that may not be read says so wherever one looks.
  return { status, items: [...problems.slice(0, 1), ...(mail?.items ?? []), ...runbooks] };
}

/** Lines of the person's list that name no folder: nobody knows what waits in the project that was meant. */
export function waitingLines(wrong: readonly VibeopsError[]): Waiting[] {
  return wrong.map(({ message, file = "", line = 1, fix }) => ({
    kind: "projects.path",
    urgency: urgencyOf("projects.path"),
    project: "your list",
    root: dirname(file),
    words: `line ${line} names no project`,
    id: `${file}:${line}`,
    title: message,
    command: "vibeops projects list",
    ...(fix === undefined ? {} : { fix }),
  }));
}

function itemOfGone(root: string): PendingItem {
  return {
    kind: "project.gone",
    words: "no project any more",
    id: root,
    title: root,
    command: "vibeops projects remove --missing",
  };
}

/** @throws what is no fault of the project's files */
function itemOfError(error: unknown, root: string): PendingItem {
  const about = {
    kind: "project.broken",
    words: "cannot be read",
    id: root,
    command: "vibeops doctor",
  } as const;
  if (error instanceof VibeopsError) {
    const { message, file, line, fix } = error;
    const place = file === undefined ? "" : ` (${basename(file)}${line === undefined ? "" : `:${line}`})`;
    return { ...about, title: `${message}${place}`, ...(fix === undefined ? {} : { fix }) };
  }
  if (!isSystemError(error, ...UNREADABLE)) throw error;
  return { ...about, title: error.message, fix: "look who may read it: ls -ld ." };
}

const UNREADABLE = ["EACCES", "EPERM", "EIO", "ELOOP", "ENAMETOOLONG", "ENOTDIR", "ENOENT", "ESTALE"];

/** What a session, a delivery or a person at work changes. */
const ACTIVE = [STATE_FILE, "memos/incoming", ".vibeops"];

/** By the files themselves: git would be a process for each project. */
function lastChange(root: string): string | null {
  const newest = stampOf(...ACTIVE.map((path) => `${root}/${path}`)).newest;
  return newest === 0 ? null : new Date(newest).toISOString();
}
