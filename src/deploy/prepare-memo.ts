import { VibeopsError } from "../errors.ts";
import { formatAddress } from "../memo/address.ts";
import { tickItem } from "../memo/checklist.ts";
import { withMailTurn } from "../memo/mail-turn.ts";
import type { StoredMemo } from "../memo/mailbox.ts";
import { parseMemo } from "../memo/memo.ts";
import { planReply, replyLetter } from "../memo/reply.ts";
import { deliverOne, enqueueMemos, type PlannedMemo, replanMemo, type SentMemo } from "../memo/send.ts";
import { findReplyFor } from "../memo/sent-receipt.ts";
import type { Context } from "../platform/context.ts";
import { requireGit } from "../platform/git.ts";
import { commitChanges, type FileChange, put, requireIdentity } from "../platform/git-commit.ts";
import { replaceFile } from "../platform/replace.ts";
import { allOrNothing, type Undo } from "../platform/undo.ts";
import type { Project } from "../project/project.ts";
import { applyStateEdit } from "../state/state.ts";
import { applyPreparation, findCutOff } from "./apply.ts";
import type { PlannedFile } from "./file-plan.ts";
import { gatherPreparation, type PreparationOptions } from "./gather.ts";
import { type PreparationPlan, planPreparation } from "./prepare.ts";
import type { Question } from "./questions.ts";

export interface PrepareMemoOptions extends PreparationOptions {
  /**
   * Asked before files of an earlier preparation are replaced; false ends it with nothing written. Without it they
   * are replaced: nothing that a person edited ever is.
   */
  confirm?: ((plan: PreparationPlan) => Promise<boolean>) | undefined;
}

export interface PreparationReport {
  service: string;
  version: string;
  host: string;
  /** Null as long as a blocking question leaves no steps to write. */
  runbook: { id: string; path: string } | null;
  /** As in {@link PreparationPlan}. */
  replaced: string | null;
  /** Created and updated. */
  written: PlannedFile[];
  /** Edited by a person and left alone; the diff shows what this would have made of them. */
  kept: PlannedFile[];
  questions: readonly Question[];
  /** Texts of the boxes that were ticked. */
  ticked: string[];
  /** Null where nothing changed, or where the sender is no peer. */
  reply: { id: string; to: string; outcome: SentMemo["outcome"]; reason?: string | undefined } | null;
  /** Null where nothing was there to commit, and where `confirm` said no. */
  commit: string | null;
}

/** What `prepare` would do with a pending memo. Writes nothing. @throws VibeopsError as gatherPreparation */
export async function planMemoPreparation(
  project: Project,
  stored: StoredMemo,
  options: PreparationOptions,
  context: Context,
): Promise<PreparationPlan> {
  return planPreparation(await gatherPreparation(project, stored, options, context));
}

/**
 * Prepares a pending deployment memo in one go: files, ticks, a line in STATE.md, the reply with the questions, one
 * commit. Run again without a change it does nothing, but for what one that was cut off has left to do.
 *
 * @throws VibeopsError as gatherPreparation; `file.changed` where somebody wrote at the same time
 */
export async function prepareMemo(
  project: Project,
  stored: StoredMemo,
  options: PrepareMemoOptions,
  context: Context,
): Promise<PreparationReport> {
  const plan = await planMemoPreparation(project, stored, options, context);
  const quiet = describe(plan, null, null);
  const cutOff = await findCutOff(requireGit(project.root, context.env), project, plan);
  if (!plan.changed && cutOff.length === 0 && plan.ticks.length === 0) return quiet;
  const replaces = plan.files.some(
    (file) => file.action === "update" && !file.path.endsWith("/prepared.yaml"),
  );
  if (replaces && options.confirm !== undefined && !(await options.confirm(plan))) {
    return { ...quiet, written: [], ticked: [] };
  }
  return await apply(project, stored, { plan, cutOff }, options, context);
}

async function apply(
  project: Project,
  stored: StoredMemo,
  { plan, cutOff }: { plan: PreparationPlan; cutOff: readonly FileChange[] },
  options: PrepareMemoOptions,
  context: Context,
): Promise<PreparationReport> {
  const git = requireGit(project.root, context.env);
  const isNews = plan.changed || cutOff.length > 0;
  const replies = isNews ? planAnswer(project, stored, plan, options, context) : [];
  const day = context.now().toISOString().slice(0, 10);
  await requireIdentity(git, context);
  const commit = await withMailTurn(git, () =>
    allOrNothing(async (undo) => {
      const changes = await applyPreparation(project, plan, undo);
      const ticked = await tickItems(stored, plan, undo);
      // One that was cut off may have written the line: after all files, so where none is left to write.
      const mark = plan.changed ? {} : { progressMark: plan.progress };
      const edit = { progress: `${day} ${plan.progress}`, ...mark };
      const state = isNews ? [await applyStateEdit(project, edit, undo)] : [];
      return await commitChanges(
        git,
        [...changes, ...cutOff, ...ticked, ...state, ...enqueueMemos(project, replies, undo)],
        `Prepare ${plan.service} ${plan.version} for ${plan.host}\n\nMemo ${plan.memo} from ${formatAddress(stored.memo.from)}`,
        context,
      );
    }),
  );
  const [reply] = replies;
  if (reply === undefined) return describe(plan, null, commit);
  const outcome = await deliverOne(project, reply.name, reply.bytes, reply.route, context);
  return describe(plan, { id: reply.id, to: formatAddress(reply.route.to), ...outcome }, commit);
}

/** Each tick changes one character, so the offsets of the others stay. */
async function tickItems(stored: StoredMemo, plan: PreparationPlan, undo: Undo): Promise<FileChange[]> {
  if (plan.ticks.length === 0) return [];
  const text = plan.ticks.reduce(tickItem, stored.memo.text);
  const bytes = Buffer.from(text);
  await replaceFile(stored.path, Buffer.from(stored.memo.text), bytes, undo);
  return [put(stored.path, bytes)];
}

/** One that was cut off may have queued the reply, and a session may have sent it since: its sender gets one. */
function planAnswer(
  project: Project,
  stored: StoredMemo,
  plan: PreparationPlan,
  options: PrepareMemoOptions,
  context: Context,
): PlannedMemo[] {
  const replies = planReplies(project, stored, plan, options, context);
  if (plan.changed) return replies;
  const now = context.now();
  return replies.map((reply) => {
    const { body } = parseMemo(reply.bytes, { file: reply.name, now });
    const before = findReplyFor(project, stored.memo, body, now);
    return before === null ? reply : replanMemo(project, before, context);
  });
}

/** A sender who is no peer of ours cannot be answered; what was prepared stands all the same. */
function planReplies(
  project: Project,
  stored: StoredMemo,
  plan: PreparationPlan,
  options: PrepareMemoOptions,
  context: Context,
): PlannedMemo[] {
  const open = plan.questions.filter((question) => question.to === "sender").length;
  const what = plan.runbook === null ? "Questions on" : "Prepared:";
  const letter = replyLetter(stored.memo, {
    subject: `${what} ${plan.service} ${plan.version}${open === 0 ? "" : ` (${open} open)`}`,
    body: plan.reply,
    role: options.role ?? stored.memo.to.role,
  });
  try {
    return planReply(project, stored.memo, letter, context);
  } catch (error) {
    if (error instanceof VibeopsError && error.code === "peer.unknown") return [];
    throw error;
  }
}

function describe(
  plan: PreparationPlan,
  reply: PreparationReport["reply"],
  commit: string | null,
): PreparationReport {
  return {
    service: plan.service,
    version: plan.version,
    host: plan.host,
    runbook: plan.runbook,
    replaced: plan.replaced,
    written: plan.files.filter((file) => file.action === "create" || file.action === "update"),
    kept: plan.files.filter((file) => file.action === "kept-edited"),
    questions: plan.questions,
    ticked: plan.ticks.map((item) => item.text),
    reply,
    commit,
  };
}
