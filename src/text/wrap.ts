import { lazyPattern } from "./lazy-pattern.ts";

const WIDE = lazyPattern(
  String.raw`\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]`,
  "u",
);

/** Columns that the text takes on a terminal: marks on a letter take none, Chinese, Japanese, Korean and emoji two. */
export function displayWidth(text: string): number {
  if (/^[ -~]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (/\p{M}|\p{Cf}/u.test(character)) continue;
    width += WIDE().test(character) ? 2 : 1;
  }
  return width;
}

/** The text in at most `columns` columns, with an ellipsis where some of it is left out. */
export function clipToWidth(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  let clipped = "";
  let width = 0;
  for (const character of text) {
    width += displayWidth(character);
    if (width > columns - 1) break;
    clipped += character;
  }
  return `${clipped.trimEnd()}…`;
}

/** A command stays whole, so that it can be copied: what stands in backticks, and what follows an arrow. */
const UNBROKEN = /→ .*$|`[^`]*`\S*|\S+/g;

/**
 * Prose with its long lines broken between words. What begins with a mark of a list is indented below it, and what
 * begins with `>` goes on behind one. A word or command longer than a line is left to the terminal.
 */
export function wrapProse(text: string, columns: number): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line, columns))
    .join("\n");
}

function wrapLine(line: string, columns: number): string {
  if (displayWidth(line) <= columns) return line;
  const [lead = ""] = /^\s*(?:> ?)*\s*(?:[-*+] |\d+[.)] )?/.exec(line) ?? [];
  const hanging = lead.replaceAll(/[^>\s]/g, " ");
  const lines: string[] = [];
  let current = lead;
  let isEmpty = true;
  for (const [token] of line.slice(lead.length).matchAll(UNBROKEN)) {
    const next = isEmpty ? `${current}${token}` : `${current} ${token}`;
    if (isEmpty || displayWidth(next) <= columns) current = next;
    else {
      lines.push(current);
      current = `${hanging}${token}`;
    }
    isEmpty = false;
  }
  return [...lines, current].join("\n");
}
