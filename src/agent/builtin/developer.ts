import type { Evidence } from "../../deploy/scan/scan-repository.ts";
import { scanRepository } from "../../deploy/scan/scan-repository.ts";
import { VibeopsError } from "../../errors.ts";
import { formatAddress } from "../../memo/address.ts";
import { scanChecklist, tickItem } from "../../memo/checklist.ts";
import { formatDeployment } from "../../memo/deployment.ts";
import { finishMemo } from "../../memo/done.ts";
import type { StoredMemo } from "../../memo/mailbox.ts";
import { type Letter, planMemos, sendMemos } from "../../memo/send.ts";
import { replaceFile } from "../../platform/replace.ts";
import { explainMailGrant } from "../../project/grants.ts";
import { loadPeer } from "../../project/peers.ts";
import type { Project } from "../../project/project.ts";
import { templateText } from "../../project/templates.ts";
import { renderTemplate } from "../../text/template.ts";
import { leave, type RuleResult, type RuleSession } from "./rule.ts";

/** A developer answers the request to deploy with a deployment memo that the repository's own files support. */
export async function runDeveloper(session: RuleSession): Promise<RuleResult> {
  const result: RuleResult = { did: [], left: [] };
  for (const stored of session.memos) {
    if (!asksForDeployment(stored)) {
      result.left.push(leave(stored, "no rule covers it: it needs a person or a model"));
      continue;
    }
    try {
      result.did.push(await requestDeployment(session, stored));
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

async function requestDeployment(session: RuleSession, stored: StoredMemo): Promise<string> {
  const { project, context, tell } = session;
  const peer = findOperator(project, context.now());
  const { block, evidence } = await scanRepository(project.root, project.name, context);
  tell({ kind: "files", text: `read ${evidence.length} facts from the repository` });
  const subject = `Deploy ${block.service} ${block.version}`;
  const { text, file } = templateText(context, project, "memo/deployment-from-repository.md");
  const body = renderTemplate(
    text,
    {
      context: `${formatAddress(stored.memo.from)} asked for this: ${stored.memo.subject} (memo ${stored.memo.id}).`,
      block: formatDeployment(block).trimEnd(),
      evidence: evidence.map((item) => ({ line: evidenceLine(item) })),
    },
    file,
  );
  const letter: Letter = {
    subject,
    body,
    type: "deployment",
    priority: stored.memo.priority,
    role: session.role,
    thread: stored.memo.thread ?? stored.memo.id,
    tool: "vibeops builtin",
  };
  const planned = planMemos(project, [{ project: peer }], letter, context);
  const [sent] = await sendMemos(project, planned, letter, context);
  tell({
    kind: "memo",
    text: `${sent?.outcome ?? "queued"}: "${subject}" to ${sent?.to ?? peer} (${sent?.id ?? ""})`,
  });
  await finishRequest(session, stored, `Deployment memo ${sent?.id ?? ""} sent to ${sent?.to ?? peer}.`);
  return `asked ${peer} to deploy ${block.service} ${block.version} (memo ${sent?.id ?? ""})`;
}

function evidenceLine({ field, value, source }: Evidence): string {
  return `${field}: ${value} (${source})`;
}

/** The first peer that accepts deployments from here. */
function findOperator(project: Project, now: Date): string {
  const reasons: string[] = [];
  for (const name of Object.keys(project.config.peers)) {
    const peer = loadPeer(project, name);
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

/** Ticks what the deployment memo fulfils; a memo that wanted more stays pending. */
async function finishRequest(session: RuleSession, stored: StoredMemo, note: string): Promise<void> {
  const { project, context, tell } = session;
  let text = stored.memo.text;
  for (const item of scanChecklist(text))
    if (/\bmemo\b|\bdeploy|\bask\b/i.test(item.text)) text = tickItem(text, item);
  await replaceFile(stored.path, Buffer.from(stored.memo.text), Buffer.from(text));
  if (scanChecklist(text).some((item) => !item.checked)) return;
  await finishMemo(project, stored.memo.id, { note, role: session.role }, context);
  tell({ kind: "memo", text: `done: "${stored.memo.subject}"` });
}
