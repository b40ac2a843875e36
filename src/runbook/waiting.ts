import type { Context } from "../platform/context.ts";
import { isFolder } from "../platform/folders.ts";
import { idTime } from "../platform/ids.ts";
import type { PendingItem } from "../project/pending.ts";
import type { Project } from "../project/project.ts";
import { isClosed, runbookFolder } from "./runbook-folder.ts";
import { type RunbookState, type RunbookSummary, summarize } from "./store.ts";

/** What each state waits for: the kind of item, the same in words, and what a person types. */
const WAITS: Readonly<Partial<Record<RunbookState, Pick<PendingItem, "kind" | "words"> & { verb: string }>>> =
  {
    draft: { kind: "runbook.approval", words: "to be approved", verb: "approve" },
    rejected: { kind: "runbook.rejected", words: "rejected", verb: "show" },
    "part-approved": { kind: "runbook.approval", words: "to be approved", verb: "approve" },
    approved: { kind: "runbook.run", words: "approved, to be carried out", verb: "run" },
    running: { kind: "walk.interrupted", words: "begun and not finished", verb: "run" },
    walked: { kind: "runbook.verification", words: "carried out, to be verified", verb: "verify" },
    verified: { kind: "runbook.close", words: "verified, to be closed", verb: "close" },
    broken: { kind: "runbook.broken", words: "broken, to be mended", verb: "lint" },
  };

/**
 * What one runbook waits for, which of the project's files its decisions are held against, and when that ends by itself
 * because an approval runs out; null where it is closed.
 */
export async function readWaiting(
  project: Pick<Project, "root">,
  context: Context,
  id: string,
): Promise<{ items: PendingItem[]; covered: readonly string[]; expires?: string } | null> {
  const folder = runbookFolder(project, id);
  if (isClosed(folder)) return null;
  const summary = await summarize(project, context, id);
  const { expires, files } = summary;
  const covered = isFolder(folder.approvals) ? files : [];
  return { items: itemsOf(summary), covered, ...(expires === undefined ? {} : { expires }) };
}

/** Open questions come before the approval: it is for whoever knows the answers. */
function itemsOf({ id, state, title, questions, more }: RunbookSummary): PendingItem[] {
  const waits = WAITS[state];
  if (waits === undefined) return [];
  const { kind, verb } = waits;
  const words = more === undefined ? waits.words : `${waits.words} by ${more} more`;
  const time = idTime(id)?.toISOString();
  const since = time === undefined ? {} : { since: time };
  const item = { kind, words, id, title, command: `vibeops runbook ${verb} ${id}`, ...since };
  const [first, ...others] = state === "draft" ? questions : [];
  if (first === undefined) return [item];
  const open = others.length === 0 ? "an open question" : `${others.length + 1} open questions`;
  const asked = { words: open, id, title: first, command: `vibeops runbook show ${id}`, ...since };
  return [{ kind: "runbook.questions", ...asked }, item];
}
