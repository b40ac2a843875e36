import type { KeptMemo, MemoSummary } from "../../memo/list.ts";
import type { Inbox } from "../../memo/mailbox.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Io } from "../io.ts";
import { programName, typeable } from "../program-name.ts";
import { alignRows, lineWidth, type Style, styleFor } from "../style.ts";

/** A line for each memo, by columns. */
export function renderPending(memos: readonly MemoSummary[], io: Io): Generator<string> {
  const now = io.context.now();
  const unchecked = typeable(io, "  (arrived; checked by: vibeops session start)");
  const rows = memos.map((memo) => [
    memo.id.slice(-8),
    memo.priority,
    memo.boxes === 0 ? memo.state : `${memo.state} ${memo.ticked}/${memo.boxes}`,
    formatAge(memo.date, now),
    memo.from,
    `${makeVisible(memo.subject, { newlines: false })}${memo.checked ? "" : unchecked}`,
  ]);
  return inColour(alignRows(rows, lineWidth(io)), memos, io);
}

/** The same for what was finished or sent; who is named is the other side. */
export function renderKept(memos: readonly KeptMemo[], io: Io): Generator<string> {
  const now = io.context.now();
  const rows = memos.map((memo) => [
    memo.id.slice(-8),
    memo.priority,
    memo.state,
    formatAge(memo.date, now),
    memo.state === "sent" ? `to ${memo.to}` : memo.from,
    makeVisible(memo.subject, { newlines: false }),
  ]);
  return inColour(alignRows(rows, lineWidth(io)), memos, io);
}

function* inColour(
  lines: Iterable<string>,
  memos: readonly { priority: string }[],
  io: Io,
): Generator<string> {
  const style = styleFor(io);
  let at = 0;
  for (const line of lines) {
    yield colourByPriority(line, memos[at]?.priority, style);
    at += 1;
  }
}

function colourByPriority(line: string, priority: string | undefined, style: Style): string {
  if (priority === "urgent") return style.red(line);
  return priority === "high" ? style.bold(line) : line;
}

/** What lies in the inbox and is no memo of anybody, with what makes one of it. */
export function renderNotes(notes: readonly string[], io: Io): string[] {
  const style = styleFor(io);
  return notes.map((note) => {
    const name = makeVisible(note, { newlines: false });
    return style.dim(
      `note, vouched for by nobody: ${name}  (${programName(io)} memo adopt 'memos/incoming/${name}')`,
    );
  });
}

export function renderRefused(
  refused: readonly Pick<Inbox["refused"][number], "name" | "error">[],
  io: Io,
): string[] {
  const style = styleFor(io);
  return refused.map(({ name, error }) => {
    const place = error.line === undefined ? "" : ` (line ${error.line})`;
    return style.yellow(
      `no memo: ${makeVisible(name, { newlines: false })}: ${makeVisible(error.message)}${place}`,
    );
  });
}

/** What a list leaves out, and how to see it; nothing where it leaves out nothing. */
export function renderRest(shown: number, total: number, noun: string, io: Io): string[] {
  if (shown >= total) return [];
  return [styleFor(io).dim(`${shown} of ${total} ${noun} are shown; --limit 0 shows all of them`)];
}

const UNITS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "m"],
] as const;

/** `3d`, `5h`, `2m`, `now`. */
export function formatAge(date: string, now: Date): string {
  const age = now.getTime() - Date.parse(date);
  for (const [length, unit] of UNITS) if (age >= length) return `${Math.floor(age / length)}${unit}`;
  return "now";
}
