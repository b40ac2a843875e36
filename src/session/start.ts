import { join } from "node:path";
import { intakeMail, intakeQuestion } from "../memo/intake.ts";
import type { IntakeReport } from "../memo/intake-report.ts";
import { deliverQueued, type QueueReport } from "../memo/queue.ts";
import type { Context } from "../platform/context.ts";
import { lstatOrNull } from "../platform/files.ts";
import { type Git, headCommit, requireGit } from "../platform/git.ts";
import { askAhead } from "../platform/git-ahead.ts";
import { refreshRacyIndex } from "../platform/git-racy.ts";
import { newId } from "../platform/ids.ts";
import { DAY_MS } from "../platform/units-of-time.ts";
import { PROJECT_FILE } from "../project/discovery.ts";
import type { PendingItem } from "../project/pending.ts";
import type { Project } from "../project/project.ts";
import { STATE_FILE } from "../state/state.ts";
import { readAtHead } from "./at-head.ts";
import { composeBrief, DEFAULT_BUDGET } from "./brief.ts";
import type { BriefFacts } from "./facts.ts";
import { gatherFacts } from "./gather.ts";
import { findHandOver } from "./handed-over.ts";
import { commitLeftOver } from "./left-over.ts";
import {
  type LastSession,
  type RunningSession,
  readLastSession,
  readRunningSession,
  writeRunningSession,
} from "./session-file.ts";
import { sweepLeftOvers } from "./sweep.ts";
import { readTrail, trailQuestions } from "./trail.ts";
import { isUntouched, type Uncommitted } from "./uncommitted.ts";
import { nameOf, requireOurError, type Warning, warningFromError } from "./warnings.ts";

export interface StartOptions {
  /** Tokens for the brief. */
  budget?: number | undefined;
  /** How vibeops is called where the brief is read: `npx vibeops`; the plain name unless told. */
  program?: string | undefined;
  /** Runbooks that wait for somebody. */
  pendingRunbooks: (
    project: Project,
    context: Context,
  ) => readonly PendingItem[] | Promise<readonly PendingItem[]>;
}

export interface StartReport {
  /** The id of the running session. */
  session: string;
  brief: string;
  facts: BriefFacts;
  /** Null where mail could not be taken in; the brief says why. */
  intake: IntakeReport | null;
  sent: readonly QueueReport[];
}

/**
 * Begins a session, or shows the brief of the running one again: takes in mail, sends what waits, gathers what an
 * agent needs to know. What goes wrong on the way becomes a warning in the brief, since an agent that is told
 * works better than one that is not. Repeating it changes nothing more.
 */
export async function startSession(
  project: Project,
  context: Context,
  options: StartOptions,
): Promise<StartReport> {
  const target = requireGit(project.root, context.env);
  const problems: Warning[] = [];
  const attempt = async <T>(act: () => T | Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      problems.push(warningFromError(requireOurError(error)));
      return otherwise;
    }
  };
  await attempt(() => sweepLeftOvers(project.root, target, context.now()), undefined);
  await attempt(() => commitLeftOver(project.root, target, context), null);
  const plan = await planSession(project.root, target, context);
  const now = context.now();
  const ask = async (asked: Git) => await readTrail(asked, project.root, plan.since, now);
  // Git answers while the mail is read; where there is mail, it is asked again.
  const ahead = askAhead(target, [
    intakeQuestion(project.root, target),
    ...trailQuestions(target, project.root, plan.since, now),
  ]);
  const early = ask(ahead).catch(() => null);
  const intake = await attempt<IntakeReport | null>(
    () => intakeMail(project, context, { target: ahead }),
    null,
  );
  if (intake !== null) problems.push(...mailProblems(intake));
  const sent = await attempt<readonly QueueReport[]>(() => deliverQueued(project, context), []);
  const runbooks = await attempt(() => options.pendingRunbooks(project, context), []);
  const isQuiet = intake?.changed === false && sent.length === 0;
  const trail = isQuiet ? ((await early) ?? (await ask(target))) : await ask(target);
  await refreshRacyIndex(target, join(project.root, PROJECT_FILE));
  const session = plan.running ?? (await begin(project, target, context, plan, trail.uncommitted));
  // Mail to another role of this project may have come out of the queue since.
  const inbox = intake === null || sent.length > 0 ? undefined : inboxAfter(intake);
  const facts = await gatherFacts(project, context, {
    since: plan.since,
    openSince: session.unended,
    runbooks,
    inbox,
    trail,
    problems,
  });
  return {
    session: session.id,
    brief: composeBrief(facts, options.budget ?? DEFAULT_BUDGET, options.program),
    facts,
    intake,
    sent,
  };
}

function inboxAfter({ pending, notes }: IntakeReport) {
  return { memos: pending, notes };
}

/** What intake could not judge, and why: it stays in the inbox, and nobody else would say so. */
function mailProblems({ left, brokenPeers }: IntakeReport): Warning[] {
  return [
    ...left.map(({ name, error }) => {
      const warning = warningFromError(error);
      return { ...warning, text: `left in memos/incoming: ${nameOf(name)}: ${warning.text}` };
    }),
    ...brokenPeers.map(({ peer, error }) => {
      const warning = warningFromError(error);
      return { ...warning, text: `mail from ${peer} cannot be confirmed: ${warning.text}` };
    }),
  ];
}

/** The session to go on with, or what the next one counts from. */
interface SessionPlan {
  /** Null where a new one begins. */
  running: RunningSession | null;
  since: string | null;
  unended: string | null;
}

/** Agents fire their start hook again on resume, clear and compact; a session of yesterday is another one. */
async function planSession(root: string, target: Git, context: Context): Promise<SessionPlan> {
  const open = readRunningSession(root);
  const last = readLastSession(root);
  const handedOver = open === null ? null : await findHandOver(target, open, last);
  if (handedOver !== null) return { running: null, since: handedOver.head, unended: null };
  const isOurs = open !== null && context.now().getTime() - Date.parse(open.started) < DAY_MS;
  if (isOurs) return { running: open, since: open.since, unended: open.unended };
  return { running: null, since: baseOf(open, last), unended: open?.started ?? null };
}

async function begin(
  project: Project,
  target: Git,
  context: Context,
  { since, unended }: SessionPlan,
  uncommitted: readonly Uncommitted[],
): Promise<RunningSession> {
  const session: RunningSession = {
    id: newId(context),
    started: context.now().toISOString(),
    head: await headCommit(target),
    since,
    clean_state: isUntouched(uncommitted, STATE_FILE) && !(await isLeftOut(target, project.root)),
    unended,
  };
  writeRunningSession(project.root, session);
  return session;
}

/** A sparse checkout may leave STATE.md out, and git calls it untouched: what is written there then is not all of it. */
async function isLeftOut(target: Git, root: string): Promise<boolean> {
  const path = join(root, STATE_FILE);
  return lstatOrNull(path) === null && (await readAtHead(target, path)) !== null;
}

/** A session that nobody ended counts from where it began: nothing says what it saw. */
function baseOf(open: RunningSession | null, last: LastSession | null): string | null {
  return open === null ? (last?.head ?? null) : open.head;
}
