import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { withMailTurn } from "../../memo/mail-turn.ts";
import type { Context } from "../../platform/context.ts";
import { syncDirectory, writeFileDurably } from "../../platform/files.ts";
import { requireGit } from "../../platform/git.ts";
import { commitChanges, type FileChange, remove, requireIdentity } from "../../platform/git-commit.ts";
import { allOrNothing, type Undo } from "../../platform/undo.ts";
import type { Project } from "../../project/project.ts";
import { applyStateEdit } from "../../state/state.ts";
import { applyPreparation } from "../apply.ts";
import { gatherRollback, type RollbackOptions } from "./gather-rollback.ts";
import { planRollback } from "./plan-rollback.ts";
import type { RollbackPlan } from "./rollback.ts";

export interface RollBackOptions extends RollbackOptions {
  /** Asked before files of the later version are replaced; false ends it with nothing written. */
  confirm?: ((plan: RollbackPlan) => Promise<boolean>) | undefined;
}

/** What `prepare --rollback` would do. Writes nothing. @throws VibeopsError as gatherRollback */
export async function planServiceRollback(
  project: Project,
  service: string,
  options: RollbackOptions,
  context: Context,
): Promise<RollbackPlan> {
  return planRollback(await gatherRollback(project, service, options, context));
}

/**
 * Writes the runbook that redeploys a version from the trail, its configuration in the service's folder, and a line in
 * STATE.md, in one commit. Nothing reaches a host: a person approves the runbook and carries it out like any other.
 *
 * @returns the plan, and the commit; null where nothing changed or `confirm` said no
 * @throws VibeopsError as gatherRollback; `file.changed` where somebody wrote at the same time
 */
export async function rollBackService(
  project: Project,
  service: string,
  options: RollBackOptions,
  context: Context,
): Promise<{ plan: RollbackPlan; commit: string | null }> {
  const plan = await planServiceRollback(project, service, options, context);
  if (!plan.changed) return { plan, commit: null };
  const replaces = plan.removed.length > 0 || plan.files.some(isReplaced);
  if (replaces && options.confirm !== undefined && !(await options.confirm(plan)))
    return { plan, commit: null };
  const git = requireGit(project.root, context.env);
  await requireIdentity(git, context);
  const commit = await withMailTurn(git, () =>
    allOrNothing(async (undo) => {
      const changes = await applyPreparation(project, plan, undo);
      const removed = plan.removed.map((file) => removeFile(project, file, undo));
      const state = await applyStateEdit(project, { progress: progressLine(plan, context) }, undo);
      return await commitChanges(git, [...changes, ...removed, state], commitMessage(plan), context);
    }),
  );
  return { plan, commit };
}

function isReplaced({ action, path }: RollbackPlan["files"][number]): boolean {
  return action === "update" && !path.endsWith("/prepared.yaml");
}

function removeFile(
  project: Project,
  { path, before }: RollbackPlan["removed"][number],
  undo: Undo,
): FileChange {
  const absolute = join(project.root, path);
  rmSync(absolute);
  syncDirectory(dirname(absolute));
  undo(() => writeFileDurably(absolute, before));
  return remove(absolute);
}

function progressLine(plan: RollbackPlan, context: Pick<Context, "now">): string {
  const day = context.now().toISOString().slice(0, 10);
  return `${day} Prepared the way back of ${plan.service} from ${plan.from} to ${plan.version} on ${plan.host}: runbook ${plan.runbook.id}`;
}

function commitMessage(plan: RollbackPlan): string {
  return `Prepare the way back of ${plan.service} to ${plan.version} on ${plan.host}\n\nConfiguration of commit ${plan.commit}`;
}
