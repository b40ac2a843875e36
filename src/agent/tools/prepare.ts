import * as z from "zod/mini";
import { prepareMemo } from "../../deploy/prepare-memo.ts";
import { findPending } from "../../memo/mailbox.ts";
import { markUntrusted } from "../untrusted.ts";
import { memoId } from "./memo-show.ts";
import { defineTool } from "./tool.ts";

export const prepare = defineTool({
  name: "prepare",
  description:
    "Turns a pending deployment memo into configuration, a runbook and open questions, and replies to the sender. Files that a " +
    "person edited are left alone. Nothing runs.",
  input: z.strictObject({
    id: memoId,
    host: z
      .optional(z.string())
      .check(z.describe("a host of inventory.yaml, where the memo does not decide it")),
  }),
  readOnly: false,
  async run({ id, host }, { project, role, context, boundary }) {
    const stored = findPending(project.root, id, context.now());
    const report = await prepareMemo(project, stored, { host, role }, context);
    const runbook = report.runbook === null ? "no runbook yet" : `runbook ${report.runbook.id}`;
    const lines = [
      `${report.service} ${report.version} for ${report.host}: ${runbook}`,
      ...report.written.map(({ path }) => `wrote ${path}`),
      ...report.kept.map(({ path }) => `left alone, a person edited it: ${path}`),
      ...report.questions.map(({ question }) => `open question: ${question}`),
    ];
    return {
      // Names and questions hold what the sender wrote.
      text: markUntrusted(boundary, `what was prepared from memo ${stored.memo.id}`, lines.join("\n")),
      said: `prepared ${report.service} ${report.version}: ${runbook}`,
    };
  },
});
