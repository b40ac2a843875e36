/** Columns of white space inside a line, and empty lines in a row, that no layout needs. */
const maxSpaces = 80;
const maxBlankLines = 24;

/**
 * Where text was pushed out of sight: after more than 80 spaces on its line, or after more than 24 empty lines.
 *
 * @returns offsets of the white space
 */
export function scanPadding(text: string): number[] {
  const found: number[] = [];
  for (const match of text.matchAll(/[\p{Zs}\t\u2800\u3164\uffa0]+/gu)) {
    const next = text[match.index + match[0].length];
    if (match[0].length > maxSpaces && next !== undefined && next !== "\n" && next !== "\r")
      found.push(match.index);
  }
  let blank = 0;
  let offset = 0;
  let start = 0;
  for (const line of text.split("\n")) {
    if (line.trim() === "") {
      if (blank === 0) start = offset;
      blank += 1;
    } else {
      if (blank > maxBlankLines) found.push(start);
      blank = 0;
    }
    offset += line.length + 1;
  }
  return found.toSorted((a, b) => a - b);
}
