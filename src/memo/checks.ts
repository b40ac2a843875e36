import { join } from "node:path";
import { VibeopsError } from "../errors.ts";
import { type Check, ok } from "../platform/check.ts";
import type { Context } from "../platform/context.ts";
import { findDirectory } from "../platform/folders.ts";
import { quoteAlways } from "../platform/quote.ts";
import { isWritable } from "../platform/writable.ts";
import { checkFolders, checkOf } from "../project/checks.ts";
import type { Project } from "../project/project.ts";
import { counted } from "../text/counted.ts";
import { lintMemo } from "./lint.ts";
import {
  ARCHIVED,
  INCOMING,
  OUTGOING,
  QUARANTINE,
  readInbox,
  readMemoFile,
  SENT,
  type StoredMemo,
} from "./mailbox.ts";
import { requireOwnFolders } from "./own-folders.ts";
import { listQuarantine } from "./quarantine.ts";
import { listQueue } from "./queue.ts";
import { isCarriedByGit, planRouteOf } from "./route.ts";

/** Of many of a kind, so many are named one by one. */
const MOST_NAMED = 5;

/** The mail: its folders, what lies in the inbox and is no memo or a flawed one, quarantine, and what waits to leave. */
export function checkMail(project: Project, context: Context): Check[] {
  const folders = checkFolders(project.root, [INCOMING, ARCHIVED, SENT, OUTGOING, QUARANTINE]);
  try {
    requireOwnFolders(project.root);
  } catch (error) {
    // Nothing in there can be judged.
    return [checkOf(error, join(project.root, "memos"))];
  }
  return [
    ...folders,
    ...checkInbox(project, context.now()),
    ...checkQuarantine(project),
    ...checkQueue(project, context.now()),
  ];
}

function checkInbox(project: Project, now: Date): Check[] {
  const { memos, notes, refused } = readInbox(project.root, now);
  const flawed = [
    ...few(notes, (name) => ({
      name: "memo.note",
      status: "warning",
      what: `${name} is a note that nobody adopted: nothing vouches for it, and no list of memos holds it`,
      file: join(project.root, INCOMING, name),
      fix: `vibeops memo adopt ${quoteAlways(`${INCOMING}/${name}`)}, or move it elsewhere`,
    })),
    ...few(refused, ({ path, error }) => {
      const check = checkOf(error, path);
      const what = error.code === "file.unreadable" ? check.what : `this is no memo: ${check.what}`;
      return { ...check, status: "warning", what };
    }),
    ...few(memos.flatMap(lint), (check) => check),
  ];
  return flawed.length > 0 ? flawed : [ok("memo.inbox", counted(memos.length, "pending memo"))];
}

function lint({ memo, path }: StoredMemo): Check[] {
  return lintMemo(memo, path, true).map(({ rule, level, message, line, fix }) => {
    return { name: rule, status: level, what: message, file: path, line, fix };
  });
}

function checkQuarantine(project: Project): Check[] {
  const names = listQuarantine(project);
  if (names.length === 0) return [ok("memo.quarantine", "an empty quarantine")];
  return few(names, (name) => ({
    name: "memo.quarantine",
    status: "warning",
    what: `${name} was set aside; why stands beside it`,
    file: join(project.root, QUARANTINE, `${name}.reason.md`),
    fix: `read the reason; then mv ${quoteAlways(`${QUARANTINE}/${name}`)} ${INCOMING}/, or delete both`,
  }));
}

function checkQueue(project: Project, now: Date): Check[] {
  const names = listQueue(project);
  if (names.length === 0) return [ok("memo.queue", "an empty queue")];
  return few(names, (name) => {
    const file = join(project.root, OUTGOING, name);
    return { name: "memo.queued", status: "warning", file, ...whyWaiting(project, file, name, now) };
  });
}

/** Asked in the same way as when it is sent. */
function whyWaiting(
  project: Project,
  file: string,
  name: string,
  now: Date,
): Pick<Check, "what" | "fix" | "line"> {
  try {
    const { memo } = readMemoFile(file, name, now);
    const { peer, receiver } = planRouteOf(project, memo, now);
    if (receiver !== null) return whyNotDelivered(receiver);
    if (isCarriedByGit(project, peer)) {
      const what = `it waits: ${peer} is on another machine, and has not said yet that it came`;
      return { what, fix: "vibeops sync" };
    }
    const what = `it waits: the folder of ${peer} is not there now`;
    return { what, fix: "vibeops session start, once it can be reached" };
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    return {
      what: `it waits: ${error.message}`,
      fix: error.fix,
      line: error.file === file ? error.line : undefined,
    };
  }
}

/** @throws VibeopsError `file.symlink` where its inbox is no folder */
function whyNotDelivered({ name, root }: Project): Pick<Check, "what" | "fix"> {
  const inbox = findDirectory(root, INCOMING) ?? root;
  if (!isWritable(inbox))
    return {
      what: `it waits: ${inbox} cannot be written from here`,
      fix: `see: ls -ld ${quoteAlways(inbox)}`,
    };
  return { what: `nothing keeps it from ${name} any more`, fix: "vibeops session start" };
}

/** The first few one by one, the others in a line. */
function few<T>(items: readonly T[], describe: (item: T) => Check): Check[] {
  const checks = items.slice(0, MOST_NAMED).map(describe);
  const [first] = checks;
  const rest = items.length - checks.length;
  if (first === undefined || rest === 0) return checks;
  return [...checks, { name: first.name, status: first.status, what: `and ${rest} more of the kind` }];
}
