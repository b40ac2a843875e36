import type { Project } from "../../project/project.ts";
import { listRunbookIds } from "../../runbook/runbook-folder.ts";
import { findUnique } from "../../text/find-unique.ts";

/** A runbook's id by any unique part of it. @throws VibeopsError `runbook.missing`, `runbook.ambiguous` */
export function findRunbookId(project: Project, part: string): string {
  return findUnique(listRunbookIds(project), part, {
    keys: (id) => [id],
    noun: "runbook",
    code: "runbook",
    fix: "see them with: vibeops runbook list",
  });
}
