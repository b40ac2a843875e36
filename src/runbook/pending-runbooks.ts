import type { Context } from "../platform/context.ts";
import type { PendingItem } from "../project/pending.ts";
import type { Project } from "../project/project.ts";
import { listRunbookIds } from "./runbook-paths.ts";

/** Runbooks that wait for somebody, oldest first. Where there are no runbooks, what reads them is not even loaded. */
export async function pendingRunbooks(
  project: Pick<Project, "root">,
  context: Context,
): Promise<PendingItem[]> {
  const ids = listRunbookIds(project);
  if (ids.length === 0) return [];
  const { readWaiting } = await import("./waiting.ts");
  const waiting = await Promise.all(ids.map((id) => readWaiting(project, context, id)));
  return waiting.flatMap((one) => one?.items ?? []);
}
