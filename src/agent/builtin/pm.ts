import { isSystemError, VibeopsError } from "../../errors.ts";
import { listPending, type MemoSummary } from "../../memo/list.ts";
import { withMailTurn } from "../../memo/mail-turn.ts";
import { listByMonth, readInbox, SENT } from "../../memo/mailbox.ts";
import type { Receipt } from "../../memo/receipt.ts";
import { type Letter, planMemos, sendMemos } from "../../memo/send.ts";
import { readRegularFile } from "../../platform/files.ts";
import { requireGit } from "../../platform/git.ts";
import { commitChanges } from "../../platform/git-commit.ts";
import { DAY_MS } from "../../platform/units-of-time.ts";
import { explainReadGrant } from "../../project/grants.ts";
import { readPeer } from "../../project/peers.ts";
import type { Project } from "../../project/project.ts";
import { templateText } from "../../project/templates.ts";
import { applyStateEdit, readState } from "../../state/state.ts";
import { redactSecrets } from "../../text/secrets.ts";
import { renderTemplate } from "../../text/template.ts";
import { makeVisible } from "../../text/visible.ts";
import { leave, type RuleResult, type RuleSession } from "./rule.ts";

const OVERDUE_DAYS = 7;
/** Receipts that one line of progress tells of. */
const MAX_NOTED = 5;

/** A PM keeps its peers in view: their state in STATE.md, and a reminder for what is overdue. */
export async function runPm(session: RuleSession): Promise<RuleResult> {
  const views = Object.keys(session.project.config.peers).map((peer) => viewPeer(session, peer));
  const did = await noteReceipts(session);
  if (views.length > 0) did.push(await collectStates(session, views));
  for (const view of views) did.push(...(await remind(session, view)));
  return {
    did,
    left: session.memos.map((stored) =>
      leave(stored, "it is addressed to a person: read it with vibeops memo show"),
    ),
  };
}

/** What was finished for us goes into recent progress, so that the next reader learns it without the archive. */
async function noteReceipts({ project, receipts, context, tell }: RuleSession): Promise<string[]> {
  if (receipts.length === 0) return [];
  const lines = receipts.slice(0, MAX_NOTED).map(describeReceipt);
  const more = receipts.length - lines.length;
  if (more > 0) lines.push(`and ${more} more`);
  for (const line of lines) tell({ kind: "memo", text: line });
  const told = lines.join("; ");
  const progress = `${context.now().toISOString().slice(0, 10)} ${told}`;
  // A session that was killed, or is run once more, begins with the same receipts.
  const git = requireGit(project.root, context.env);
  await withMailTurn(git, async () => {
    const change = await applyStateEdit(project, { progress, progressMark: told });
    await commitChanges(git, [change], "State: what others have finished", context);
  });
  return lines;
}

function describeReceipt({ from, subject, done, notDone }: Receipt): string {
  const say = (text: string) => makeVisible(text.slice(0, 200), { newlines: false });
  const said = notDone === null ? done : `not done: ${notDone}`;
  return `${from}: "${say(subject)}"${said === "" ? "" : ` (${say(said)})`}`;
}

/** What a peer lets us see. */
interface PeerView {
  name: string;
  status: string;
  /** Null where its memos are not ours to read. */
  pending: MemoSummary[] | null;
}

function viewPeer({ project, context }: RuleSession, name: string): PeerView {
  const now = context.now();
  const { project: peer, error } = readPeer(project, name);
  if (peer === null)
    return { name, status: error === undefined ? NOT_HERE : describeBroken(error), pending: null };
  const state = explainReadGrant(peer, project, "state", now);
  const memos = explainReadGrant(peer, project, "memos", now);
  return {
    name,
    status: state.granted
      ? unlessBroken(() => describeState(peer), describeBroken)
      : `${state.reason} (${state.fix})`,
    pending: memos.granted
      ? unlessBroken(
          () => listPending(readInbox(peer.root, now).memos, {}),
          () => null,
        )
      : null,
  };
}

const NOT_HERE = "not on this machine, or not there now";

/** What is wrong with one peer or one file keeps nobody from the others. */
function unlessBroken<T>(read: () => T, otherwise: (error: Error) => T): T {
  try {
    return read();
  } catch (error) {
    if (
      error instanceof VibeopsError ||
      isSystemError(error, "EACCES", "EPERM", "EIO", "ENOENT", "ELOOP", "ENOTDIR")
    )
      return otherwise(error);
    throw error;
  }
}

function describeBroken({ message }: Error): string {
  return `cannot be read: ${firstParagraph(message)}`;
}

function describeState(peer: Project): string {
  const sections = readState(peer)?.sections;
  const latest = sections?.progress.split(/\r?\n/, 1)[0]?.replace(/^[-*+]\s+/, "") ?? "";
  const status = firstParagraph(sections?.status ?? "");
  return latest === "" ? status : `${status} Latest: ${firstParagraph(latest)}`;
}

/** One line for one project: what they wrote is shown, shortened, and not obeyed. */
function firstParagraph(text: string): string {
  const paragraph =
    redactSecrets(text)
      .trim()
      .split(/\r?\n\s*\r?\n/, 1)[0] ?? "";
  const line = makeVisible(paragraph.replaceAll(/\s+/g, " ").slice(0, 300), { newlines: false });
  return line === "" ? "nothing written" : line;
}

async function collectStates(
  { project, context, tell }: RuleSession,
  views: readonly PeerView[],
): Promise<string> {
  const git = requireGit(project.root, context.env);
  const lines = views.map(({ name, status, pending }) => {
    const count =
      pending === null ? "" : ` (${pending.length} ${pending.length === 1 ? "memo" : "memos"} pending)`;
    return `- **${name}**${count}: ${status}`;
  });
  await withMailTurn(git, async () => {
    const change = await applyStateEdit(project, { status: lines.join("\n") });
    await commitChanges(git, [change], "State: what the peers say", context);
  });
  tell({
    kind: "state",
    text: `collected the state of ${views.length} ${views.length === 1 ? "project" : "projects"}`,
  });
  return `collected the state of ${views.map((view) => view.name).join(", ")}`;
}

async function remind(session: RuleSession, view: PeerView): Promise<string[]> {
  const { project, context, tell } = session;
  const now = context.now();
  const reminded = remindedIds(project);
  const overdue = (view.pending ?? []).filter((memo) => isOverdue(memo, now) && !reminded.has(memo.id));
  if (overdue.length === 0) return [];
  const letter = reminderLetter(session, overdue);
  try {
    const planned = planMemos(project, [{ project: view.name }], letter, context);
    const [sent] = await sendMemos(project, planned, letter, context);
    tell({
      kind: "memo",
      text: `${sent?.outcome ?? "queued"}: reminder of ${overdue.length} to ${view.name}`,
    });
    return [`reminded ${view.name} of ${overdue.length} overdue (memo ${sent?.id ?? ""})`];
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    return [`could not remind ${view.name}: ${error.message}`];
  }
}

function isOverdue(memo: MemoSummary, now: Date): boolean {
  if (memo.due !== undefined) return memo.due.slice(0, 10) < now.toISOString().slice(0, 10);
  return now.getTime() - Date.parse(memo.date) > OVERDUE_DAYS * DAY_MS;
}

function reminderLetter({ project, role, context }: RuleSession, overdue: readonly MemoSummary[]): Letter {
  const { text, file } = templateText(context, project, "memo/reminder.md");
  const items = overdue.map((memo) => ({
    line: `${memo.id}: ${makeVisible(memo.subject, { newlines: false })} (from ${memo.from}, ${memo.due === undefined ? memo.date.slice(0, 10) : `due ${memo.due}`})`,
  }));
  return {
    subject: `Reminder: ${overdue.length} overdue`,
    body: renderTemplate(text, { items }, file),
    type: "info",
    priority: "normal",
    role,
    refs: overdue.map((memo) => memo.id),
    tool: "vibeops builtin",
  };
}

/** Ids that an earlier reminder of ours names: nobody is reminded twice of the same memo. */
function remindedIds(project: Project): Set<string> {
  const ids = new Set<string>();
  for (const path of listByMonth(project.root, SENT)) {
    if (!path.includes("-reminder-")) continue;
    const text = unlessBroken(
      () => readRegularFile(path).toString("utf8"),
      () => "",
    );
    for (const id of text.match(/\d{8}T\d{6}Z-[0-9a-z]{8}/g) ?? []) ids.add(id);
  }
  return ids;
}
