export interface Edit {
  /** Offsets in UTF-16 units, as JavaScript strings count; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * Replaces just the named ranges; every other character stays.
 * Edits may come in any order. Throws RangeError when two overlap or one lies outside the text.
 * Two insertions at the same place keep the order in which they were given.
 */
export function splice(text: string, edits: readonly Edit[]): string {
  const ordered = edits.toSorted((a, b) => a.start - b.start || a.end - b.end);
  let result = "";
  let position = 0;
  for (const edit of ordered) {
    if (edit.start < position || edit.end < edit.start || edit.end > text.length) {
      throw new RangeError(`edit ${edit.start}-${edit.end} overlaps another or lies outside the text`);
    }
    result += text.slice(position, edit.start) + edit.text;
    position = edit.end;
  }
  return result + text.slice(position);
}

/** The line ending that the text itself uses, by its first line; `\n` when it has just one line. */
export function newlineOf(text: string): "\n" | "\r\n" {
  const first = text.indexOf("\n");
  return first > 0 && text[first - 1] === "\r" ? "\r\n" : "\n";
}
