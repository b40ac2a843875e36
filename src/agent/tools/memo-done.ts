import * as z from "zod/mini";
import { finishMemo } from "../../memo/done.ts";
import { memoId } from "./memo-show.ts";
import { defineTool } from "./tool.ts";

export const memoDone = defineTool({
  name: "memo_done",
  description:
    "Ends a memo: completion notes, archive, a line in STATE.md, a receipt to the sender. Refuses while items are open, " +
    "unless `unfinished` says why they stay so.",
  input: z.strictObject({
    id: memoId,
    note: z
      .string()
      .check(z.minLength(1), z.maxLength(20_000), z.describe("what was done, and what was not")),
    unfinished: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
  }),
  readOnly: false,
  async run({ id, note, unfinished }, { project, role, context }) {
    const { memo, receipt } = await finishMemo(project, id, { note, unfinished, role }, context);
    const told = receipt === null ? "" : `; receipt to ${receipt.to}: ${receipt.outcome}`;
    return { text: `archived ${memo.id}${told}`, said: `finished ${memo.id}` };
  },
});
