import { readdirSync } from "node:fs";
import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { publishNew, readRegularFile } from "../platform/files.ts";
import { ensureDirectory, findDirectory } from "../platform/folders.ts";
import { requireGit } from "../platform/git.ts";
import { commitChanges, put } from "../platform/git-commit.ts";
import { idMonth } from "../platform/ids.ts";
import type { Project } from "../project/project.ts";
import { idOfFileName } from "./file-name.ts";
import { OUTGOING, readMemoFile, SENT } from "./mailbox.ts";
import type { Memo } from "./memo.ts";
import { planRouteOf } from "./route.ts";
import { copyPath, type DeliveryReport, deliverOne, tryCommit } from "./send.ts";

/** One memo of the queue: sent now, or still waiting and why. */
export interface QueueReport extends DeliveryReport {
  name: string;
}

interface QueuedMemo {
  name: string;
  bytes: Buffer;
  memo: Memo;
}

/** Names of the memos that wait in the queue. */
export function listQueue(project: Project): string[] {
  const directory = findDirectory(project.root, OUTGOING);
  if (directory === null) return [];
  return readdirSync(directory)
    .filter((name) => idOfFileName(name) !== null)
    .sort();
}

/** Commits the copies of what waits in the queue and delivers what can be delivered now. */
export async function deliverQueued(project: Project, context: Context): Promise<QueueReport[]> {
  const reports: QueueReport[] = [];
  const queued: QueuedMemo[] = [];
  for (const name of listQueue(project)) readQueued(project, name, context.now(), queued, reports);
  if (queued.length === 0) return reports;
  const unwritable = await commitCopies(project, queued, context);
  for (const memo of queued) {
    const result =
      unwritable === null
        ? await deliverFromQueue(project, memo, context)
        : { outcome: "queued" as const, reason: unwritable };
    reports.push({ name: memo.name, ...result });
  }
  return reports;
}

/** One memo that cannot be read stays where it is and is named; it does not keep the others. */
function readQueued(
  project: Project,
  name: string,
  now: Date,
  queued: QueuedMemo[],
  reports: QueueReport[],
): void {
  const path = join(project.root, OUTGOING, name);
  try {
    queued.push({ name, bytes: readRegularFile(path), memo: readMemoFile(path, name, now).memo });
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    reports.push({ name, ...waits(error) });
  }
}

async function commitCopies(
  project: Project,
  queued: readonly QueuedMemo[],
  context: Context,
): Promise<string | null> {
  const git = requireGit(project.root, context.env);
  const changes = queued.map(({ name, bytes, memo }) => {
    publishNew(join(ensureDirectory(project.root, `${SENT}/${idMonth(memo.id)}`), name), bytes);
    return put(copyPath(project, { id: memo.id, name }), bytes);
  });
  return await tryCommit(() => commitChanges(git, changes, "Memos that waited in the queue", context));
}

async function deliverFromQueue(
  project: Project,
  { name, bytes, memo }: QueuedMemo,
  context: Context,
): Promise<DeliveryReport> {
  try {
    const route = planRouteOf(project, memo, context.now());
    return await deliverOne(project, name, bytes, route, context);
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    return waits(error);
  }
}

function waits({ message, fix }: VibeopsError): DeliveryReport {
  return { outcome: "queued", reason: message, ...(fix === undefined ? {} : { fix }) };
}
