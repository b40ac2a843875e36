import { basename, dirname } from "node:path";
import { formatAddress } from "../../memo/address.ts";
import { memoState, scanChecklist } from "../../memo/checklist.ts";
import { findAnywhere } from "../../memo/mailbox.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { findRootToRead } from "../root-to-read.ts";

export async function runMemoShow(io: Io, args: readonly string[], options: Options): Promise<Outcome> {
  const root = await findRootToRead(io, options, "memos");
  const { memo, path } = findAnywhere(root, args[0] ?? "", io.context.now());
  const items = scanChecklist(memo.text);
  const place = basename(dirname(path));
  const { text, bodyStart: _start, bodyLine: _line, ...facts } = memo;
  const data = {
    ...facts,
    from: formatAddress(memo.from),
    to: formatAddress(memo.to),
    path,
    state:
      place === "incoming"
        ? memoState(items)
        : /^\d{4}-\d{2}$/.test(place)
          ? basename(dirname(dirname(path)))
          : place,
    items: items.map(({ checked, text: words, line }, i) => ({ number: i + 1, checked, text: words, line })),
  };
  return outcome(data, makeVisible(text.replaceAll("\r\n", "\n")).trimEnd());
}
