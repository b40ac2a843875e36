import { foldText } from "../text/fold.ts";
import { findTerm, type Term } from "./search-query.ts";

/** Where a text holds what was looked for. */
export interface MatchingLines {
  /** The first few lines, by their numbers from 1; long ones are cut around the place. As they stand in the file. */
  lines: { line: number; text: string }[];
  /** How many further ones there are. */
  moreLines: number;
}

const MOST_LINES = 3;
const MOST_CHARACTERS = 160;

/** The lines in which the terms stand or begin: the first of each term, and then those that follow. */
export function matchingLines(text: string, terms: readonly Term[]): MatchingLines {
  const lines = text.split(/\r?\n/);
  const folded = lines.map(foldText);
  const columns = new Map<number, number>();
  const firsts = terms.map((term) => noteLines(folded, term, columns));
  const all = [...columns.keys()].sort((one, other) => one - other);
  const shown = new Set([...new Set([...firsts, ...all])].slice(0, MOST_LINES));
  const cut = (index: number) => cutAround(lines[index] ?? "", columns.get(index) ?? 0);
  return {
    lines: all.filter((index) => shown.has(index)).map((index) => ({ line: index + 1, text: cut(index) })),
    moreLines: all.length - shown.size,
  };
}

/** Notes for each line that holds the term where in it; returns the first of them. */
function noteLines(folded: readonly string[], term: Term, columns: Map<number, number>): number {
  let line = 0;
  let lineStart = 0;
  let first = -1;
  for (const { start } of findTerm(folded.join("\n"), term)) {
    for (
      let length = folded[line]?.length ?? 0;
      start > lineStart + length;
      length = folded[line]?.length ?? 0
    ) {
      lineStart += length + 1;
      line += 1;
    }
    if (!columns.has(line)) columns.set(line, start - lineStart);
    if (first === -1) first = line;
  }
  return first;
}

/** Cut by characters, so that no half of one is left over. The column is that of the folded line: near enough. */
function cutAround(line: string, column: number): string {
  if (line.length <= MOST_CHARACTERS) return line;
  const from = Math.max(0, Math.min(column - MOST_CHARACTERS / 4, line.length - MOST_CHARACTERS));
  const start = isHalf(line, from) ? from + 1 : from;
  const to = Math.min(line.length, start + MOST_CHARACTERS);
  const end = isHalf(line, to) ? to - 1 : to;
  return `${start > 0 ? "…" : ""}${line.slice(start, end)}${end < line.length ? "…" : ""}`;
}

/** Whether a cut there would part the two halves of a character. */
function isHalf(text: string, at: number): boolean {
  return (text.charCodeAt(at) & 0xfc00) === 0xdc00 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800;
}
