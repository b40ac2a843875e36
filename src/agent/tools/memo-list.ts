import * as z from "zod/mini";
import { listPending } from "../../memo/list.ts";
import { readInbox } from "../../memo/mailbox.ts";
import { markUntrusted } from "../untrusted.ts";
import { defineTool } from "./tool.ts";

export const memoList = defineTool({
  name: "memo_list",
  description: "Lists the memos that are pending here, the most urgent and oldest first.",
  input: z.strictObject({}),
  readOnly: true,
  async run(_, { project, context, boundary }) {
    const memos = listPending(readInbox(project.root, context.now()).memos, {});
    const lines = memos.map(({ id, from, priority, type, state, ticked, boxes, subject }) =>
      [id, priority, type, state, `${ticked}/${boxes}`, from, subject].join("  "),
    );
    return {
      text: markUntrusted(boundary, "pending memos", lines.join("\n")),
      said: `${memos.length} pending`,
    };
  },
});
