import { findItem, memoState, scanChecklist, tickItem } from "../../memo/checklist.ts";
import { intakeMail } from "../../memo/intake.ts";
import { findPending } from "../../memo/mailbox.ts";
import { replaceFile } from "../../platform/replace.ts";
import { findProjectRoot } from "../../project/discovery.ts";
import { loadProject } from "../../project/project.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Options } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";

export async function runMemoCheck(io: Io, args: readonly string[], _options: Options): Promise<Outcome> {
  const [part = "", ...wanted] = args;
  const project = loadProject(findProjectRoot(io.cwd));
  // A memo is compared with its sender's copy when it is taken in, which must come before the first tick.
  await intakeMail(project, io.context);
  const stored = findPending(project.root, part, io.context.now());
  let text = stored.memo.text;
  for (const item of wanted) text = tickItem(text, findItem(scanChecklist(text), item));
  await replaceFile(stored.path, Buffer.from(stored.memo.text), Buffer.from(text));
  const items = scanChecklist(text);
  const lines = items.map(
    (item, i) => `${i + 1}. [${item.checked ? "x" : " "}] ${makeVisible(item.text, { newlines: false })}`,
  );
  const data = {
    id: stored.memo.id,
    state: memoState(items),
    items: items.map(({ checked, text: words }) => ({ checked, text: words })),
  };
  return outcome(data, [`${stored.memo.id}: ${data.state}`, ...lines].join("\n"));
}
