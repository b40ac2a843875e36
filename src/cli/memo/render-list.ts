import type { VibeopsError } from "../../errors.ts";
import type { KeptMemo, MemoSummary } from "../../memo/list.ts";
import { INCOMING, type RefusedFile } from "../../memo/mailbox.ts";
import { quoteAlways } from "../../platform/quote.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../platform/units-of-time.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Io } from "../io.ts";
import { programName, typeable } from "../program-name.ts";
import { shortPath } from "../render-error.ts";
import { alignRows, lineWidth, type Style, styleFor } from "../style.ts";
import type { MemoProjects } from "./memo-projects.ts";

/**
 * A line for each memo, by columns. What is to be done about mail is each project's own business: how, is said only in
 * the project around the person, and of a peer that is read it is not even said that something is to be done.
 */
export function renderPending(
  memos: readonly MemoSummary[],
  { here, isAll }: Pick<MemoProjects, "here" | "isAll">,
  io: Io,
): Iterable<string> {
  const now = io.context.now();
  const inHere = here === null ? "" : typeable(io, "  (arrived; checked by: vibeops session start)");
  const elsewhere = "  (arrived, not checked yet)";
  const rows = memos.map((memo) => [
    memo.id.slice(-8),
    ...projectCell(memo, io),
    memo.priority,
    memo.boxes === 0 ? memo.state : `${memo.state} ${memo.ticked}/${memo.boxes}`,
    formatAge(memo.date, now),
    memo.from,
    `${makeVisible(memo.subject, { newlines: false })}${memo.checked ? "" : isAll && memo.project !== here ? elsewhere : inHere}`,
  ]);
  return inColour(alignRows(rows, lineWidth(io)), memos, io);
}

/** The same for what was finished or sent; who is named is the other side. */
export function renderKept(memos: readonly KeptMemo[], io: Io): Iterable<string> {
  const now = io.context.now();
  const rows = memos.map((memo) => [
    memo.id.slice(-8),
    ...projectCell(memo, io),
    memo.priority,
    memo.state,
    formatAge(memo.date, now),
    memo.state === "sent" ? `to ${memo.to}` : memo.from,
    makeVisible(memo.subject, { newlines: false }),
  ]);
  return inColour(alignRows(rows, lineWidth(io)), memos, io);
}

/** In a list over several projects, the folder to go to. */
function projectCell({ project }: { project?: string }, { cwd }: Io): string[] {
  if (project === undefined) return [];
  return [project === cwd ? "." : makeVisible(shortPath(project, cwd), { newlines: false })];
}

function inColour(lines: Iterable<string>, memos: readonly { priority: string }[], io: Io): Iterable<string> {
  return io.hasColour ? colourLines(lines, memos, styleFor(io)) : lines;
}

function* colourLines(
  lines: Iterable<string>,
  memos: readonly { priority: string }[],
  style: Style,
): Generator<string> {
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

/** What lies in the inbox and is no memo of anybody, and in the project around the person what makes one of it. */
export function renderNotes(
  notes: readonly { root: string; name: string }[],
  { here, isAll }: Pick<MemoProjects, "here" | "isAll">,
  io: Io,
): string[] {
  const style = styleFor(io);
  return notes.map(({ root, name }) => {
    const shown = makeVisible(isAll ? shortPath(`${root}/${INCOMING}/${name}`, io.cwd) : name, {
      newlines: false,
    });
    const file = makeVisible(quoteAlways(`${INCOMING}/${name}`), { newlines: false });
    const how = root === here ? `  (${programName(io)} memo adopt ${file})` : "";
    return style.dim(`note, vouched for by nobody: ${shown}${how}`);
  });
}

export function renderRefused(
  refused: readonly RefusedFile[],
  { isAll }: Pick<MemoProjects, "isAll">,
  io: Io,
): string[] {
  const style = styleFor(io);
  return refused.map(({ name, path, error }) => {
    const place = error.line === undefined ? "" : ` (line ${error.line})`;
    const file = makeVisible(isAll ? shortPath(path, io.cwd) : name, { newlines: false });
    return style.yellow(`no memo: ${file}: ${makeVisible(error.message)}${place}`);
  });
}

const UNREAD_SHOWN = 5;

/** Nobody should take silence of what was not looked into for a no. */
export function renderUnread(unread: readonly VibeopsError[], what: string, io: Io): string[] {
  const style = styleFor(io);
  const lines = unread.slice(0, UNREAD_SHOWN).map(({ file, message }) => {
    const name = makeVisible(shortPath(file ?? "", io.cwd), { newlines: false });
    return style.yellow(`${what}: ${name}: ${makeVisible(message)}`);
  });
  const rest = unread.length - lines.length;
  return rest === 0 ? lines : [...lines, style.yellow(`${what}: ${rest} more`)];
}

/** What a list leaves out, and how to see it; nothing where it leaves out nothing. */
export function renderRest(shown: number, total: number, noun: string, io: Io): string[] {
  if (shown >= total) return [];
  return [styleFor(io).dim(`${shown} of ${total} ${noun} are shown; --limit 0 shows all of them`)];
}

const UNITS = [
  [DAY_MS, "d"],
  [HOUR_MS, "h"],
  [MINUTE_MS, "m"],
] as const;

/** `3d`, `5h`, `2m`, `now`. */
export function formatAge(date: string, now: Date): string {
  const age = now.getTime() - Date.parse(date);
  for (const [length, unit] of UNITS) if (age >= length) return `${Math.floor(age / length)}${unit}`;
  return "now";
}
