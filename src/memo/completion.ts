import { findSection } from "../text/blocks.ts";
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
 * Fills `## Completion`: after what stands there already, or as a new last section. Every other byte stays,
 * and new lines end as the file's own do.
 */
export function completeMemo(memoText: string, completion: Completion): string {
  const newline = newlineOf(memoText);
  const notes = formatNotes(completion).replaceAll(/\r?\n/g, newline);
  const section = findSection(memoText, "Completion");
  if (section === null) {
    const text = `${gap(memoText, newline)}## Completion${newline}${newline}${notes}${newline}`;
    return splice(memoText, [{ start: memoText.length, end: memoText.length, text }]);
  }
  const content = memoText.slice(section.bodyStart, section.end);
  const last = section.bodyStart + content.trimEnd().length;
  const hasLineEnding = section.bodyStart > section.heading.end;
  const before = content.trim() === "" ? (hasLineEnding ? newline : newline + newline) : newline + newline;
  const atEnd = section.end === memoText.length;
  // What follows keeps the empty lines that stood before it; at the end of the file one line ending is enough.
  const text = before + notes + (atEnd && content.slice(last - section.bodyStart) === "" ? newline : "");
  return splice(memoText, [
    { start: last, end: last, text: atEnd || content.trim() !== "" ? text : text + newline },
  ]);
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

/** What to write so that one empty line stands before the new section. */
function gap(text: string, newline: string): string {
  if (text === "" || text.endsWith(newline + newline)) return "";
  return text.endsWith("\n") ? newline : newline + newline;
}
