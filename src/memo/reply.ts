import type { Context } from "../platform/context.ts";
import type { Project } from "../project/project.ts";
import type { Memo } from "./memo.ts";
import { addressHere } from "./route.ts";
import { type Letter, type PlannedMemo, planMemos } from "./send.ts";

/** The letter that answers a memo: same thread, its subject unless told, addressed to its sender. */
export function replyLetter(memo: Memo, text: Partial<Letter> & Pick<Letter, "body">): Letter {
  const subject = /^re:/i.test(memo.subject) ? memo.subject : `Re: ${memo.subject}`;
  return {
    subject,
    type: "info",
    priority: memo.priority,
    ...text,
    replyTo: memo.id,
    thread: memo.thread ?? memo.id,
  };
}

/** Plans the reply without writing anything. @throws VibeopsError as planMemos */
export function planReply(
  project: Project,
  memo: Memo,
  letter: Letter,
  context: Pick<Context, "now" | "randomBytes">,
): PlannedMemo[] {
  return planMemos(project, [addressHere(project, memo.from)], letter, context);
}
