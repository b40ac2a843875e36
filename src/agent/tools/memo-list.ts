import * as z from "zod/mini";
import { listPending } from "../../memo/list.ts";
import { readInbox } from "../../memo/mailbox.ts";
import { markUntrusted } from "../untrusted.ts";
import { defineTool } from "./tool.ts";

export const memoList = defineTool({
  name: "memo_list",
  description: "Lists the memos that are pending here, the most urgent and oldest first.",
  input: z.strictObject({
    count: z
      ._default(z.int().check(z.minimum(1), z.maximum(1000)), 100)
      .check(z.describe("how many at most")),
  }),
  readOnly: true,
  async run({ count }, { project, context, boundary }) {
    const memos = listPending(readInbox(project.root, context.now()).memos, {});
    const lines = memos
      .slice(0, count)
      .map(({ id, from, priority, type, state, ticked, boxes, subject }) =>
        [id, priority, type, state, `${ticked}/${boxes}`, from, subject].join("  "),
      );
    const more = memos.length > count ? `\n${memos.length - count} more: give a larger count` : "";
    return {
      text: markUntrusted(boundary, "pending memos", lines.join("\n")) + more,
      said: `${memos.length} pending`,
    };
  },
});
