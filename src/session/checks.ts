import { basename, join } from "node:path";
import { idOfFileName } from "../memo/file-name.ts";
import { isHousekeeping } from "../memo/mailbox.ts";
import { type Check, ok } from "../platform/check.ts";
import type { Context } from "../platform/context.ts";
import { findGit, type Git } from "../platform/git.ts";
import { listSome } from "../platform/repository-checks.ts";
import { DAY_MS } from "../platform/units-of-time.ts";
import type { Project } from "../project/project.ts";
import { readLastSession, readRunningSession } from "./session-file.ts";
import { findSwept, sweepFolders } from "./sweep.ts";
import { listUncommitted } from "./uncommitted.ts";

/** What sessions leave: one that nobody ended, what could not be committed, and what a kill left lying about. */
export async function checkSessions(project: Project, context: Context): Promise<Check[]> {
  const target = findGit(project.root, context.env);
  return [
    ...checkOpen(project.root, context.now()),
    ...checkPending(project.root),
    ...(target === null ? [] : await checkUncommitted(target, project.root)),
    ...checkLeftOvers(project.root, context.now()),
  ];
}

function checkOpen(root: string, now: Date): Check[] {
  const running = readRunningSession(root);
  if (running === null || now.getTime() - Date.parse(running.started) < DAY_MS)
    return [ok("session", "no session left open")];
  const what = `the session that began at ${running.started} was never ended: its hand-over is missing`;
  const fix = 'vibeops session end --note "…", or --no-note';
  return [{ name: "session.open", status: "warning", what, file: join(root, ".vibeops"), fix }];
}

function checkPending(root: string): Check[] {
  const pending = readLastSession(root)?.pending;
  if (pending === undefined) return [];
  const what = `the last session could not commit ${listSome(Object.keys(pending.files))}`;
  return [
    {
      name: "session.uncommitted",
      status: "warning",
      what,
      file: root,
      fix: "outside the sandbox: vibeops session start",
    },
  ];
}

/** Mail is on record once it is committed: before that it is gone with the folder. */
async function checkUncommitted(target: Git, root: string): Promise<Check[]> {
  const paths = (await listUncommitted(target, root))
    .map(({ path }) => path)
    .filter((path) => path.startsWith("memos/") && !isHousekeeping(basename(path)));
  // What has arrived is committed by the next intake.
  const ours = paths.filter((path) => !path.startsWith("memos/incoming/"));
  const arrived = paths.filter(
    (path) => !ours.includes(path) && idOfFileName(basename(path)) !== null,
  ).length;
  const checks: Check[] = [];
  if (ours.length > 0) {
    const what = `not committed: ${listSome(ours)}`;
    const fix = "look at it, then: git add memos && git commit -m 'Mail'";
    checks.push({ name: "memo.uncommitted", status: "warning", what, file: join(root, ours[0] ?? ""), fix });
  }
  if (arrived > 0) {
    const what = `${arrived} in memos/incoming not committed: arrived and not checked yet, or ticked since`;
    checks.push({
      name: "memo.arrived",
      status: "warning",
      what,
      file: join(root, "memos/incoming"),
      fix: "vibeops session start",
    });
  }
  return checks.length > 0 ? checks : [ok("memo.committed", "all mail is committed")];
}

function checkLeftOvers(root: string, now: Date): Check[] {
  const left = findSwept(root, now);
  if (left.length === 0) return [ok("left-over", "nothing left by a kill")];
  const what = `a vibeops that was killed left: ${listSome(left.map((path) => path.slice(root.length + 1)))}`;
  const mend = {
    does: `remove what a killed vibeops left: ${listSome(left.map((path) => path.slice(root.length + 1)))}`,
    apply: () => sweepFolders(root, now),
  };
  return [{ name: "left-over", status: "warning", what, file: left[0], fix: "vibeops doctor --fix", mend }];
}
