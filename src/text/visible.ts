import { scanHidden } from "./characters.ts";

const tabWidth = 8;

/**
 * The text as a person may safely see it: every control, bidirectional or invisible character stands as ⟨U+001B⟩,
 * nothing is left out. Tabs become spaces up to the next eighth column, CRLF becomes `\n`. The result never holds
 * a control character but `\n`, and with `newlines: false` not even that. With `tabs` they stand as ⟨U+0009⟩ (`show`),
 * or stay as they are (`keep`), for what no terminal shows.
 */
export function makeVisible(
  text: string,
  options: { newlines?: boolean; tabs?: "keep" | "show" } = {},
): string {
  if (/^[ -~]*$/.test(text)) return text;
  let shown = "";
  let position = 0;
  for (const { offset, length, codePoint } of scanHidden(text)) {
    shown += text.slice(position, offset) + showCodePoint(codePoint);
    position = offset + length;
  }
  shown += text.slice(position);
  if (options.newlines === false) {
    shown = shown.replaceAll(/[\r\n]/g, (character) => showCodePoint(character.charCodeAt(0)));
  } else shown = shown.replaceAll("\r\n", "\n");
  if (options.tabs === "keep" || !shown.includes("\t")) return shown;
  return options.tabs === "show" ? shown.replaceAll("\t", showCodePoint(9)) : expandTabs(shown);
}

/** `⟨U+200B⟩` */
function showCodePoint(codePoint: number): string {
  return `⟨${formatCodePoint(codePoint)}⟩`;
}

/** `U+200B` */
export function formatCodePoint(codePoint: number): string {
  return `U+${codePoint.toString(16).toUpperCase().padStart(4, "0")}`;
}

/**
 * Untrusted text inside one of our sentences: on one line, in quotes that it cannot close, and cut to `max` characters.
 * Of backslashes, only those before a quotation mark are doubled: `"C:\app"` is easier to read as it stands.
 */
export function quoteUntrusted(text: string, max = 60): string {
  const shown = cutUntrusted(text, max);
  return `"${shown.replaceAll(/\\+(?="|$)/g, "$&$&").replaceAll('"', '\\"')}"`;
}

/** Untrusted text on one line, not longer than `max` characters, where other marks than quotes say whose it is. */
export function cutUntrusted(text: string, max = 60): string {
  const end = /[\ud800-\udbff]/.test(text[max - 1] ?? "") ? max - 1 : max;
  return makeVisible(text.length > max ? `${text.slice(0, end)}…` : text, { newlines: false });
}

function expandTabs(text: string): string {
  let result = "";
  let column = 0;
  for (const character of text) {
    if (character === "\t") {
      const width = tabWidth - (column % tabWidth);
      result += " ".repeat(width);
      column += width;
    } else {
      result += character;
      column = character === "\n" ? 0 : column + 1;
    }
  }
  return result;
}
