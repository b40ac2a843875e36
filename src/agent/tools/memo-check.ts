import * as z from "zod/mini";
import { findItem, memoState, scanChecklist, tickItem } from "../../memo/checklist.ts";
import { findPending } from "../../memo/mailbox.ts";
import { replaceFile } from "../../platform/replace.ts";
import { memoId } from "./memo-show.ts";
import { defineTool } from "./tool.ts";

export const memoCheck = defineTool({
  name: "memo_check",
  description: "Ticks items of a pending memo that are really done, by number or text.",
  input: z.strictObject({
    id: memoId,
    items: z.array(z.string().check(z.minLength(1))).check(z.minLength(1)),
  }),
  readOnly: false,
  async run({ id, items }, { project, context }) {
    const stored = findPending(project.root, id, context.now());
    let { text } = stored.memo;
    for (const item of items) text = tickItem(text, findItem(scanChecklist(text), item));
    await replaceFile(stored.path, Buffer.from(stored.memo.text), Buffer.from(text));
    const checklist = scanChecklist(text);
    const open = checklist.filter(({ checked }) => !checked).length;
    return {
      text: `${stored.memo.id} is ${memoState(checklist)}; ${open} open`,
      said: `ticked ${items.length} of ${stored.memo.id}`,
    };
  },
});
