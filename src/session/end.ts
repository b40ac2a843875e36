import { join } from "node:path";
import { Exit, VibeopsError } from "../errors.ts";
import { listPending, type MemoSummary } from "../memo/list.ts";
import { withTurnIfWritable } from "../memo/mail-turn.ts";
import { readInbox } from "../memo/mailbox.ts";
import { tryCommit } from "../memo/send.ts";
import type { Context } from "../platform/context.ts";
import { readIfExists } from "../platform/files.ts";
import { type Git, headCommit, requireGit } from "../platform/git.ts";
import { commitChanges, type FileChange, put } from "../platform/git-commit.ts";
import { asCheckedIn } from "../platform/git-line-ends.ts";
import { packLoose, wasPackingToday } from "../platform/git-pack.ts";
import { allOrNothing, type Undo } from "../platform/undo.ts";
import type { Project } from "../project/project.ts";
import { applyStateEdit, parseState, readState, STATE_FILE } from "../state/state.ts";
import { makeVisible } from "../text/visible.ts";
import { readAtHead } from "./at-head.ts";
import { sessionTrailer } from "./handed-over.ts";
import { describeLeftOver } from "./left-over.ts";
import { clearQuestions, listQuestions, withQuestions } from "./questions.ts";
import {
  type RunningSession,
  readRunningSession,
  removeRunningSession,
  writeLastSession,
  writeRunningSession,
} from "./session-file.ts";
import { findTickedMemos } from "./ticked.ts";
import { listUncommitted, type Uncommitted } from "./uncommitted.ts";
import { requireOurError } from "./warnings.ts";

export interface EndOptions {
  /** The hand-over note, Markdown. */
  note?: string | undefined;
  /** End without a note: nothing to hand over. */
  withoutNote?: boolean | undefined;
}

export interface EndReport {
  /** Null where no session was running; ending is right all the same. */
  session: string | null;
  /** The commit that holds the hand-over; null where nothing had to be committed or could be. */
  commit: string | null;
  /** Why nothing could be committed from here; the next session that can will do it. */
  notCommitted: string | null;
  /** What was committed, relative to the project. */
  committed: readonly string[];
  /** Memos that are still pending. */
  unfinished: readonly MemoSummary[];
  /** What differs from HEAD and is left for its owner to commit. */
  uncommitted: readonly Uncommitted[];
}

/**
 * Ends a session: writes the hand-over note into STATE.md, commits that and the boxes that were ticked, and names
 * what is not finished and not committed. Other files are not ours to commit.
 *
 * STATE.md is committed as it stands if it was clean when the session began; otherwise the note goes into HEAD's
 * version alone, and what a person had not finished stays theirs.
 *
 * @throws VibeopsError `session.note` (exit 2) where there is no note, and what git throws
 */
export async function endSession(
  project: Project,
  options: EndOptions,
  context: Context,
): Promise<EndReport> {
  const target = requireGit(project.root, context.env);
  const running = readRunningSession(project.root);
  const written = await writtenNote(project, target, running);
  const given = options.note?.trim().replaceAll("\r\n", "\n") ?? "";
  const note = withQuestions(given, listQuestions(project.root));
  if (note === "" && written === "" && options.withoutNote !== true) throw noteMissing(project);
  const ticked = await findTickedMemos(target, project.root);
  const message = commitMessage(note === "" ? written : note, running);
  if (running !== null) writeRunningSession(project.root, { ...running, ending: true });
  const { changes, commit } = await withTurnIfWritable(target, () =>
    allOrNothing(async (undo) => {
      const stateChange = await changeState({ project, target }, { note, written, running }, undo);
      const all = [...(stateChange === null ? [] : [stateChange]), ...ticked];
      return { changes: all, commit: await commitSession(target, all, message, context) };
    }),
  );
  await recordEnd(project, target, context, { running, message, changes, failed: commit.failed !== null });
  await tidyRepository(target, context);
  return {
    session: running?.id ?? null,
    commit: commit.id,
    notCommitted: commit.failed,
    committed: commit.id === null ? [] : changes.map(({ path }) => path.slice(project.root.length + 1)),
    unfinished: listPending(readInbox(project.root, context.now()).memos, {}),
    uncommitted: await listUncommitted(target, project.root),
  };
}

/** The note that somebody wrote into STATE.md by hand during the session; empty where it is the old one. */
async function writtenNote(project: Project, target: Git, running: RunningSession | null): Promise<string> {
  const now = readState(project)?.sections.handover ?? "";
  const before = await readAtHead(target, join(project.root, STATE_FILE), running?.head ?? "HEAD");
  const old = before === null ? "" : parseState(before.toString("utf8"), STATE_FILE).sections.handover;
  return now === old ? "" : now.replaceAll("\r\n", "\n");
}

/** A new note goes before one that was written by hand and is in no commit yet: neither is lost. */
async function changeState(
  { project, target }: { project: Project; target: Git },
  { note, written, running }: { note: string; written: string; running: RunningSession | null },
  undo: Undo,
): Promise<FileChange | null> {
  const isThere = `\n${written}\n`.includes(`\n${note}\n`);
  const handover = isThere ? written : [note, written].filter((part) => part !== "").join("\n\n");
  const edited = handover === "" ? null : await applyStateEdit(project, { handover }, undo);
  const path = join(project.root, STATE_FILE);
  const bytes = readIfExists(path);
  if (bytes === null || running?.clean_state !== true) return edited;
  return put(path, await asCheckedIn(target, path, bytes));
}

async function commitSession(
  target: Git,
  changes: readonly FileChange[],
  message: string,
  context: Context,
): Promise<{ id: string | null; failed: string | null }> {
  if (changes.length === 0) return { id: null, failed: null };
  const before = await headCommit(target);
  let id: string | null = null;
  const failed = await tryCommit(async () => {
    id = await commitChanges(target, changes, message, context);
  });
  return { id: id === before ? null : id, failed };
}

/** What keeps git from it, doctor says. */
async function tidyRepository(target: Git, context: Context): Promise<void> {
  if (wasPackingToday(target, context.now())) return;
  await packLoose(target).catch(requireOurError);
}

async function recordEnd(
  project: Project,
  target: Git,
  context: Context,
  about: { running: RunningSession | null; message: string; changes: readonly FileChange[]; failed: boolean },
): Promise<void> {
  // They stand in the note now: a kill from here on leaves none for the next one to ask again.
  clearQuestions(project.root);
  const paths = about.changes.map(({ path }) => path.slice(project.root.length + 1));
  writeLastSession(project.root, {
    id: about.running?.id ?? null,
    ended: context.now().toISOString(),
    head: await headCommit(target),
    ...(about.failed ? { pending: describeLeftOver(project.root, paths, about.message) } : {}),
  });
  removeRunningSession(project.root);
}

function commitMessage(note: string, running: RunningSession | null): string {
  const first = note.split(/\r\n|\r|\n/, 1)[0]?.replace(/^[#>*\-\s]+/, "") ?? "";
  const subject = makeVisible(first.slice(0, 60), { newlines: false }).trim();
  const trailer = running === null ? "" : `\n\n${sessionTrailer(running.id)}`;
  return `Session: ${subject === "" ? "nothing to hand over" : subject}${trailer}`;
}

function noteMissing(project: Project): VibeopsError {
  return new VibeopsError({
    code: "session.note",
    exit: Exit.usage,
    message: "a session ends with a note for whoever comes next, and there is none",
    file: join(project.root, STATE_FILE),
    fix: 'vibeops session end --note "what is done, what is not, what comes first", or --no-note',
  });
}
