import { listPending, type MemoFilter, type MemoSummary } from "../../memo/list.ts";
import { type Inbox, readInbox } from "../../memo/mailbox.ts";
import { priorities } from "../../memo/priority.ts";
import { readTakenIn } from "../../memo/taken-in.ts";
import { memoTypes } from "../../project/memo-types.ts";
import { makeVisible } from "../../text/visible.ts";
import { type Options, textOption } from "../command.ts";
import type { Io } from "../io.ts";
import { type Outcome, outcome } from "../outcome.ts";
import { programName, typeable } from "../program-name.ts";
import { findRootToRead } from "../root-to-read.ts";
import { alignColumns, lineWidth, type Style, styleFor } from "../style.ts";
import { oneOf } from "../values.ts";

export async function runMemoList(io: Io, _args: readonly string[], options: Options): Promise<Outcome> {
  const root = await findRootToRead(io, options, "memos");
  const inbox = readInbox(root, io.context.now());
  const filter: MemoFilter = {
    state: choiceOption(options, "state", ["new", "in progress", "ready"]),
    from: textOption(options, "from"),
    priority: choiceOption(options, "priority", priorities),
    type: choiceOption(options, "type", memoTypes),
    text: textOption(options, "text"),
  };
  const memos = listPending(inbox.memos, filter, readTakenIn(root));
  const refused = inbox.refused.map(({ name, error }) => ({
    name,
    code: error.code,
    message: error.message,
    ...(error.line === undefined ? {} : { line: error.line }),
  }));
  const text = renderList(memos, inbox, io, textOption(options, "project") === undefined);
  return outcome({ memos, notes: inbox.notes, refused }, text);
}

function choiceOption(options: Options, name: string, values: readonly string[]): string | undefined {
  const value = textOption(options, name);
  return value === undefined ? undefined : oneOf(name, value, values);
}

/** What is to be done about mail is the project's own business: whoever only reads there is told of none of it. */
function renderList(memos: readonly MemoSummary[], inbox: Inbox, io: Io, isOurs: boolean): string {
  const style = styleFor(io);
  const now = io.context.now();
  const rows = memos.map((memo) => [
    memo.id.slice(-8),
    memo.priority,
    memo.boxes === 0 ? memo.state : `${memo.state} ${memo.ticked}/${memo.boxes}`,
    formatAge(memo.date, now),
    memo.from,
    `${makeVisible(memo.subject, { newlines: false })}${memo.checked || !isOurs ? "" : typeable(io, "  (arrived; checked by: vibeops session start)")}`,
  ]);
  const lines = alignColumns(rows, lineWidth(io)).map((line, i) =>
    colourByPriority(line, memos[i]?.priority, style),
  );
  if (memos.length === 0) lines.push("No memo is pending.");
  for (const note of inbox.notes) {
    const name = makeVisible(note, { newlines: false });
    const how = isOurs ? `  (${programName(io)} memo adopt 'memos/incoming/${name}')` : "";
    lines.push(style.dim(`note, vouched for by nobody: ${name}${how}`));
  }
  for (const { name, error } of inbox.refused) {
    const place = error.line === undefined ? "" : ` (line ${error.line})`;
    lines.push(
      style.yellow(
        `no memo: ${makeVisible(name, { newlines: false })}: ${makeVisible(error.message)}${place}`,
      ),
    );
  }
  return lines.join("\n");
}

function colourByPriority(line: string, priority: string | undefined, style: Style): string {
  if (priority === "urgent") return style.red(line);
  return priority === "high" ? style.bold(line) : line;
}

const UNITS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "m"],
] as const;

/** `3d`, `5h`, `2m`, `now`. */
export function formatAge(date: string, now: Date): string {
  const age = now.getTime() - new Date(date).getTime();
  for (const [length, unit] of UNITS) if (age >= length) return `${Math.floor(age / length)}${unit}`;
  return "now";
}
