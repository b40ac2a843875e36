import * as z from "zod/mini";
import { composeBody } from "../../memo/compose-body.ts";
import { priorities } from "../../memo/priority.ts";
import { expandRecipients } from "../../memo/route.ts";
import { type Letter, planMemos, type SentMemo, sendMemos } from "../../memo/send.ts";
import { requireSendableBlocks } from "../../memo/sendable-block.ts";
import { memoTypes } from "../../project/memo-types.ts";
import { defineTool, type ToolContext } from "./tool.ts";

export const letterText = {
  text: z.string().check(z.minLength(1), z.maxLength(100_000), z.describe("Markdown")),
  items: z
    ._default(z.array(z.string().check(z.minLength(1), z.maxLength(500))).check(z.maxLength(50)), [])
    .check(z.describe("what the receiver ticks off")),
};

export const memoNew = defineTool({
  name: "memo_new",
  description:
    "Sends a memo to a peer that accepts it, or to another role of this project. It can only ask: who receives it decides.",
  input: z.strictObject({
    to: z
      .array(z.string().check(z.minLength(1)))
      .check(z.minLength(1), z.maxLength(20), z.describe("project or role@project")),
    subject: z.string().check(z.minLength(1), z.maxLength(200)),
    type: z._default(z.enum(memoTypes), "request"),
    priority: z._default(z.enum(priorities), "normal"),
    ...letterText,
  }),
  readOnly: false,
  async run({ to, subject, type, priority, text, items }, caller) {
    const { project, role, context } = caller;
    const letter: Letter = {
      subject,
      type,
      priority,
      body: composeBody(text, items),
      role,
      ...written(caller),
    };
    const planned = planMemos(project, expandRecipients(project, to), letter, context);
    if (type === "deployment") requireSendableBlocks(planned);
    return reportSent(await sendMemos(project, planned, letter, context));
  },
});

/** Who wrote it, for its front matter. */
export function written({ agent }: ToolContext): Pick<Letter, "tool"> {
  return { tool: agent.model === null ? agent.tool : `${agent.tool}, ${agent.model}` };
}

export function reportSent(sent: readonly SentMemo[]) {
  const lines = sent.map(({ id, to, outcome, reason }) => {
    return `${id} to ${to}: ${outcome}${reason === undefined ? "" : ` (${reason})`}`;
  });
  return { text: lines.join("\n"), said: lines.join("; ") };
}
