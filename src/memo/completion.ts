import { findSection, scanBlocks } from "../text/blocks.ts";
import { newlineOf, splice } from "../text/splice.ts";

export interface Completion {
  /** Address of whoever ended it. */
  by: string;
  date: Date;
  /** Markdown: what was done. */
  done: string;
  /** Markdown: what was not, and why. */
  unfinished?: string | undefined;
}

/**
 * Fills `## Completion`: below what stands there already, or as a new last section. Every other byte stays,
 * and new lines end as the file's own do.
 */
export function completeMemo(memoText: string, completion: Completion): string {
  const newline = newlineOf(memoText);
  const notes = formatNotes(completion).replaceAll(/\r?\n/g, newline);
  const section = findSection(memoText, "Completion");
  if (section === null) return appendSection(memoText, notes, newline);
  const content = memoText.slice(section.bodyStart, section.end);
  const at = section.bodyStart + content.trimEnd().length;
  const text = gap(memoText.slice(0, at), newline) + notes + gapBefore(memoText.slice(at), newline);
  return splice(memoText, [{ start: at, end: at, text }]);
}

/** What a memo may leave open at its end, so that a new heading would be part of it, and what closes that. */
const closings = ["", "-->", "?>", ">", "]]>", "</script></style></pre></textarea>"];

function appendSection(memoText: string, notes: string, newline: string): string {
  const fence = scanBlocks(memoText).fences.at(-1);
  const marks =
    fence?.closed === false
      ? /^[\s>*+\d.)-]*?(`{3,}|~{3,})/.exec(memoText.slice(fence.start))?.[1]
      : undefined;
  const candidates = [...closings, ...(marks === undefined ? [] : [marks])].map((closing) => {
    const closed = closing === "" ? memoText : `${lineStart(memoText, newline)}${closing}${newline}`;
    return `${closed}${gap(closed, newline)}## Completion${newline}${newline}${notes}${newline}`;
  });
  return candidates.find((text) => findSection(text, "Completion") !== null) ?? candidates[0] ?? memoText;
}

function lineStart(text: string, newline: string): string {
  return text === "" || text.endsWith("\n") ? text : text + newline;
}

function formatNotes({ by, date, done, unfinished }: Completion): string {
  const lines = [`- By: ${by}`, `- Date: ${date.toISOString().slice(0, 19)}Z`, `- Done: ${indent(done)}`];
  if (unfinished !== undefined) lines.push(`- Not done: ${indent(unfinished)}`);
  return lines.join("\n");
}

/** Further lines belong to the same list item. */
function indent(text: string): string {
  return text
    .trim()
    .replaceAll(/\r?\n/g, "\n  ")
    .replaceAll(/[ \t]+$/gm, "");
}

/** What to write so that one empty line stands between this text and what follows. */
function gap(text: string, newline: string): string {
  if (text === "" || /\n\r?\n$/.test(text)) return "";
  return text.endsWith("\n") ? newline : newline + newline;
}

/** What to write so that one empty line stands before this text, or just the last line's end. */
function gapBefore(text: string, newline: string): string {
  if (text.trim() === "") return text.includes("\n") ? "" : newline;
  if (/^[ \t]*\r?\n[ \t]*\r?\n/.test(text)) return "";
  return /^[ \t]*\r?\n/.test(text) ? newline : newline + newline;
}
