import * as z from "zod/mini";
import { composeBody } from "../../memo/compose-body.ts";
import { findAnywhere } from "../../memo/mailbox.ts";
import { planReply, replyLetter } from "../../memo/reply.ts";
import { sendMemos } from "../../memo/send.ts";
import { letterText, reportSent, written } from "./memo-new.ts";
import { memoId } from "./memo-show.ts";
import { defineTool } from "./tool.ts";

export const memoReply = defineTool({
  name: "memo_reply",
  description: "Answers a memo, on its thread. The memo stays pending until memo_done.",
  input: z.strictObject({ id: memoId, ...letterText }),
  readOnly: false,
  async run({ id, text, items }, caller) {
    const { project, role, context } = caller;
    const { memo } = findAnywhere(project.root, id, context.now());
    const letter = replyLetter(memo, { body: composeBody(text, items), role, ...written(caller) });
    return reportSent(await sendMemos(project, planReply(project, memo, letter, context), letter, context));
  },
});
