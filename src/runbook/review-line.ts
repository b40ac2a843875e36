import { formatCodePoint, makeVisible } from "../text/visible.ts";

/** One line of what a person reads before they sign. The screen wraps it and cuts nothing. */
export interface ReviewLine {
  /** Made visible: no control character, no tab, no line end. */
  readonly text: string;
  /**
   * What stands left of text that somebody else wrote: its line number, `+` or `-` in a difference, `›` for what
   * vibeops puts before a command. Without one it is vibeops that speaks, which no text of a document can imitate.
   */
  readonly gutter?: string;
}

/** One subject of what a person approves, in full. */
export interface ReviewPage {
  readonly title: string;
  readonly lines: readonly ReviewLine[];
}

/** A line of our own; what it quotes from elsewhere stays on it. */
export function note(text: string): ReviewLine {
  return { text: shown(text) };
}

/** Text of a document. White space at its end is shown too: behind a backslash it decides what the next line is. */
export function quoted(text: string, gutter: string): ReviewLine {
  let end = text.length;
  while (end > 0 && /[\p{Zs}\t]/u.test(text.charAt(end - 1))) end -= 1;
  return { text: `${shown(text.slice(0, end))}${showSpaces(text.slice(end))}`, gutter };
}

/** On one line. A tab is no spaces: `cut`, a here-document and a Makefile take it for what it is. It is as wide as one. */
function shown(text: string): string {
  return makeVisible(text, { newlines: false, tabs: "show" });
}

/** As {@link quoted}, for a line that looks like another one: all white space but plain spaces is shown as what it is. */
export function quotedExactly(text: string, gutter: string): ReviewLine {
  return quoted(
    text.replaceAll(/\p{Zs}/gu, (space) => (space === " " ? space : showSpaces(space))),
    gutter,
  );
}

function showSpaces(text: string): string {
  return Array.from(text, (space) => `⟨${formatCodePoint(space.codePointAt(0) ?? 0)}⟩`).join("");
}

/** Lines of a document with their numbers, the first being `first`. A carriage return is shown where it stands. */
export function numbered(lines: readonly string[], first = 1): ReviewLine[] {
  return lines.map((line, i) => quoted(line, String(first + i)));
}

/** The lines of a text; what follows the last line end is no line where there is nothing. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}
