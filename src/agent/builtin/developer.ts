import { drawScannedMemo } from "../../deploy/scan/draw-memo.ts";
import type { Scan } from "../../deploy/scan/scan.ts";
import { scanRepository } from "../../deploy/scan/scan-repository.ts";
import { Exit, VibeopsError } from "../../errors.ts";
import { formatAddress } from "../../memo/address.ts";
import { scanChecklist, tickItem } from "../../memo/checklist.ts";
import { finishMemo } from "../../memo/done.ts";
import { withMailTurn } from "../../memo/mail-turn.ts";
import type { StoredMemo } from "../../memo/mailbox.ts";
import type { Receipt } from "../../memo/receipt.ts";
import { type Letter, planMemos, sendMemos } from "../../memo/send.ts";
import { requireGit } from "../../platform/git.ts";
import { commitChanges } from "../../platform/git-commit.ts";
import { replaceFile } from "../../platform/replace.ts";
import { explainMailGrant } from "../../project/grants.ts";
import { readPeer } from "../../project/peers.ts";
import type { Project } from "../../project/project.ts";
import { templateText } from "../../project/templates.ts";
import { applyStateEdit } from "../../state/state.ts";
import { renderTemplate } from "../../text/template.ts";
import { makeVisible, quoteUntrusted } from "../../text/visible.ts";
import { findPassedOn, findReceipt } from "./passed-on.ts";
import { leave, type RuleResult, type RuleSession } from "./rule.ts";

/**
 * A developer answers the request to deploy with a deployment memo that the repository's own files support. The
 * request stays pending until the operator's receipt comes: only then is it done, and only then is its sender told.
 */
export async function runDeveloper(session: RuleSession): Promise<RuleResult> {
  const result: RuleResult = { did: [], left: [] };
  for (const stored of session.memos) {
    if (!asksForDeployment(stored)) {
      result.left.push(leave(stored, "no rule covers it: it needs a person or a model"));
      continue;
    }
    try {
      await followRequest(session, stored, result);
    } catch (error) {
      if (!(error instanceof VibeopsError)) throw error;
      result.left.push(
        leave(stored, error.fix === undefined ? error.message : `${error.message} (${error.fix})`),
      );
    }
  }
  return result;
}

/** An answer in a thread speaks of a deployment too; only a request starts one. */
function asksForDeployment({ memo }: StoredMemo): boolean {
  if (memo.replyTo !== undefined) return false;
  return (
    memo.type === "deployment" ||
    (memo.type === "request" && /\b(deploy|release|ship|live)\b/i.test(memo.subject))
  );
}

async function followRequest(session: RuleSession, stored: StoredMemo, result: RuleResult): Promise<void> {
  const now = session.context.now();
  const sent = findPassedOn(session.project, stored.memo, now);
  if (sent === null) {
    const passedOn = await passOn(session, stored);
    result.did.push(passedOn.did);
    result.left.push(leave(stored, passedOn.why));
    return;
  }
  const receipt = findReceipt(session.project, sent, now);
  if (receipt === null) {
    result.left.push(leave(stored, `${sent.to.project} has not finished memo ${sent.id} yet`));
  } else if (receipt.notDone !== null) {
    const said = makeVisible(receipt.notDone, { newlines: false });
    result.left.push(leave(stored, `${receipt.from} ended memo ${sent.id} unfinished: "${said}"`));
  } else await finishRequest(session, stored, receipt, result);
}

/** Sends the deployment memo. The request keeps the boxes open that only the deployment itself fulfils. */
async function passOn(session: RuleSession, stored: StoredMemo): Promise<{ did: string; why: string }> {
  const { project, context, tell } = session;
  const peer = findOperator(project, context.now());
  const scan = await scanRepository(project.root, {}, context);
  const { block, evidence } = scan;
  refuseWithout(scan, "service");
  refuseWithout(scan, "version");
  tell({ kind: "files", text: `read ${evidence.length} facts from the repository` });
  const subject = `Deploy ${block.service} ${block.version}`;
  const { text, file } = templateText(context, project, "memo/deployment-from-repository.md");
  const asked = `${formatAddress(stored.memo.from)} asked for this: ${stored.memo.subject} (memo ${stored.memo.id}).`;
  const body = renderTemplate(text, drawScannedMemo(scan, asked), file);
  const letter: Letter = {
    subject,
    body,
    type: "deployment",
    priority: stored.memo.priority,
    role: session.role,
    thread: stored.memo.thread ?? stored.memo.id,
    refs: [stored.memo.id],
    tool: "vibeops builtin",
  };
  const planned = planMemos(project, [{ project: peer }], letter, context);
  const [sent] = await sendMemos(project, planned, letter, context);
  const to = sent?.to ?? peer;
  tell({ kind: "memo", text: `${sent?.outcome ?? "queued"}: "${subject}" to ${to} (${sent?.id ?? ""})` });
  await tickItems(stored, /\bmemo\b|\bask\b/i);
  const did = `asked ${to} to deploy ${block.service} ${block.version} (memo ${sent?.id ?? ""})`;
  const progress = `${context.now().toISOString().slice(0, 10)} ${did}`;
  const git = requireGit(project.root, context.env);
  await withMailTurn(git, async () => {
    const state = await applyStateEdit(project, { progress });
    await commitChanges(git, [state], `State: asked ${to}`, context);
  });
  return { did, why: `it is done when ${to} has finished memo ${sent?.id ?? ""}` };
}

/** Without these there is no block that its receiver could read, and nobody makes one up. */
function refuseWithout({ block, unknown }: Scan, field: "service" | "version"): void {
  if (block[field] !== undefined) return;
  throw new VibeopsError({
    code: "deployment.unknown",
    exit: Exit.humanNeeded,
    message: `the ${field} is not known: ${unknown.find((one) => one.field === field)?.why ?? "no file names it"}`,
    fix: "see what the files say: vibeops scan",
  });
}

/** The first peer that accepts deployments from here. */
function findOperator(project: Project, now: Date): string {
  const reasons: string[] = [];
  for (const name of Object.keys(project.config.peers)) {
    const { project: peer, error } = readPeer(project, name);
    if (error !== undefined) reasons.push(`the peer ${name} cannot be read: ${error.message}`);
    if (peer === null) continue;
    const answer = explainMailGrant(peer, project, "deployment", now);
    if (answer.granted) return name;
    reasons.push(answer.reason);
  }
  throw new VibeopsError({
    code: "peer.none",
    exit: 5,
    message: reasons[0] ?? `${project.name} has no peer that could deploy`,
    fix: "vibeops init --peer <folder of the operator's project>",
  });
}

/** Ends the request with what the operator reported; one that wanted more stays pending. */
async function finishRequest(
  session: RuleSession,
  stored: StoredMemo,
  receipt: Receipt,
  result: RuleResult,
): Promise<void> {
  const { project, context, tell } = session;
  const text = await tickItems(stored, /\bmemo\b|\bask\b|\bdeploy|\brelease|\bship|\blive\b/i);
  const open = scanChecklist(text).filter((item) => !item.checked);
  if (open.length > 0) {
    const items = open.map((item) => quoteUntrusted(item.text, 300)).join(", ");
    result.left.push(leave(stored, `${receipt.from} has deployed it; still open: ${items}`));
    return;
  }
  const said = makeVisible(receipt.done, { newlines: false });
  const note = `${receipt.from} finished memo ${receipt.answers}: ${said}`;
  await finishMemo(project, stored.memo.id, { note, role: session.role }, context);
  tell({ kind: "memo", text: `done: ${quoteUntrusted(stored.memo.subject, 300)}` });
  result.did.push(`told ${formatAddress(stored.memo.from)} that it is done (memo ${stored.memo.id})`);
}

async function tickItems(stored: StoredMemo, fulfilled: RegExp): Promise<string> {
  const text = scanChecklist(stored.memo.text)
    .filter((item) => fulfilled.test(item.text))
    .reduce(tickItem, stored.memo.text);
  if (text !== stored.memo.text)
    await replaceFile(stored.path, Buffer.from(stored.memo.text), Buffer.from(text));
  return text;
}
