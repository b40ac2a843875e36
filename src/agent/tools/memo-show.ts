import * as z from "zod/mini";
import { formatAddress } from "../../memo/address.ts";
import { findAnywhere } from "../../memo/mailbox.ts";
import { redactSecrets } from "../../text/secrets.ts";
import { markUntrusted } from "../untrusted.ts";
import { defineTool } from "./tool.ts";

export const memoId = z.string().check(z.minLength(1), z.describe("a memo's id, or any unique part of it"));

export const memoShow = defineTool({
  name: "memo_show",
  description: "Shows one memo whole: pending, archived or sent.",
  input: z.strictObject({ id: memoId }),
  readOnly: true,
  async run({ id }, { project, context, boundary }) {
    const { memo } = findAnywhere(project.root, id, context.now());
    const source = `memo ${memo.id} from ${formatAddress(memo.from)}`;
    return { text: markUntrusted(boundary, source, redactSecrets(memo.text)), said: `read memo ${memo.id}` };
  },
});
