import type { ReviewLine, ReviewPage } from "../../runbook/review-line.ts";

/** Marks a row that goes on with the line above: text that a document holds never begins at the margin. */
export const CONTINUED = "┆";

/**
 * A page as rows that fit in `columns`. What documents say stands right of a rule, what vibeops says stands left at the
 * margin; a line that is too long goes on below itself, on its own side.
 */
export function renderPage(page: ReviewPage, columns: number): string[] {
  const gutterWidth = Math.max(0, ...page.lines.map(({ gutter }) => gutter?.length ?? 0));
  return page.lines.flatMap((line) => renderLine(line, gutterWidth, columns));
}

function renderLine({ text, gutter }: ReviewLine, gutterWidth: number, columns: number): string[] {
  if (gutter === undefined) return wrapWords(text, columns);
  const rows = cut(text, Math.max(10, columns - gutterWidth - 3));
  return rows.map((row, i) =>
    `${(i === 0 ? gutter : "").padStart(gutterWidth)} ${i === 0 ? "│" : CONTINUED} ${row}`.trimEnd(),
  );
}

/** Between words; rows after the first are set in further. Indentation of the text is kept. */
export function wrapWords(text: string, columns: number): string[] {
  // However far a text is set in, most of a row is left for it.
  const room = Math.floor(columns / 4);
  const indent = (/^ */.exec(text)?.[0] ?? "").slice(0, room);
  const hanging = `${indent}    `.slice(0, room);
  const rows: string[] = [];
  let row = indent;
  for (const word of text.replace(/^ +/, "").split(" ")) {
    const start = rows.length === 0 ? indent : hanging;
    if (row !== start && widthOf(row) + 1 + widthOf(word) > columns) {
      rows.push(row);
      row = hanging;
    }
    row += row === indent || row === hanging ? word : ` ${word}`;
    // A word that is longer than a row is cut: an address, a hash, a path.
    while (widthOf(row) > columns) {
      const [first = ""] = cut(row, columns);
      rows.push(first);
      row = `${hanging}${row.slice(first.length)}`;
    }
  }
  return [...rows, row.trimEnd()];
}

/**
 * Pieces of at most so many columns, which together are the text; an empty text is one empty piece. A piece ends before
 * a space where one is near, so a piece that begins with none goes on in the middle of a word.
 */
export function cut(text: string, columns: number): string[] {
  const pieces: string[] = [];
  let piece = "";
  let width = 0;
  for (const character of text) {
    const needs = widthOf(character);
    if (width + needs > columns) {
      const space = character === " " ? -1 : lastGap(piece);
      const rest = space === -1 ? "" : piece.slice(space);
      pieces.push(space === -1 ? piece : piece.slice(0, space));
      piece = rest;
      width = widthOf(rest);
    }
    piece += character;
    width += needs;
  }
  return [...pieces, piece];
}

/** Where the last spaces of a piece begin, unless that would leave more than half of the row empty. */
function lastGap(piece: string): number {
  const at = / +[^ ]*$/.exec(piece)?.index ?? -1;
  return at > piece.length / 2 ? at : -1;
}

/** Columns at most: what is not ASCII may take two. Too much wraps early; too little would let a row run over. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += character <= "~" || "│┆›".includes(character) ? 1 : 2;
  return width;
}
