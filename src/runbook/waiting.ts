import { VibeopsError } from "../errors.ts";
import type { Context } from "../platform/context.ts";
import { isFolder } from "../platform/folders.ts";
import { idTime } from "../platform/ids.ts";
import type { PendingItem } from "../project/pending.ts";
import type { Project } from "../project/project.ts";
import { isClosed, loadRunbook, runbookFolder } from "./runbook-folder.ts";
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

/** A draft that `approve` would refuse at once waits for its author. */
const TO_MEND = {
  kind: "runbook.broken",
  words: "to be mended before it can be approved",
  verb: "lint",
} as const;

export interface Waiting {
  readonly items: PendingItem[];
  /** Which of the project's files its decisions, or what lint says of it, are held against. */
  readonly covered: readonly string[];
  /** When it ends by itself, because an approval runs out. */
  readonly expires?: string;
  /** False where it depends on more than those files: what a step on this machine calls may come and go. */
  readonly isKeepable: boolean;
}

/** What one runbook waits for; null where it is closed. */
export async function readWaiting(
  project: Pick<Project, "root">,
  context: Context,
  id: string,
): Promise<Waiting | null> {
  const folder = runbookFolder(project, id);
  if (isClosed(folder)) return null;
  const summary = await summarize(project, context, id);
  const { expires, files } = summary;
  const lint = summary.state === "draft" ? await lintDraft(project, id) : null;
  const covered = lint !== null || isFolder(folder.approvals) ? files : [];
  return {
    items: itemsOf(summary, lint?.isRefused === true ? TO_MEND : WAITS[summary.state]),
    covered,
    isKeepable: lint?.isLocal !== true,
    ...(expires === undefined ? {} : { expires }),
  };
}

/** What approves looks at first; null where that cannot be told, since the project itself cannot be read. */
async function lintDraft(
  project: Pick<Project, "root">,
  id: string,
): Promise<{ isRefused: boolean; isLocal: boolean } | null> {
  const [{ loadProject }, { loadInventory }, { lintRunbook }] = await Promise.all([
    import("../project/project.ts"),
    import("../project/inventory.ts"),
    import("./lint-runbook.ts"),
  ]);
  try {
    const whole = loadProject(project.root);
    const { runbook } = loadRunbook(project, id);
    const { hosts } = loadInventory(whole).inventory;
    return {
      isRefused: lintRunbook(whole, runbook).some(({ level }) => level === "error"),
      isLocal: runbook.hosts.some((name) => hosts[name]?.transport === "local"),
    };
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

/** Open questions come before the approval: it is for whoever knows the answers. */
function itemsOf(
  { id, state, title, questions, more }: RunbookSummary,
  waits: (typeof WAITS)[RunbookState],
): PendingItem[] {
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
