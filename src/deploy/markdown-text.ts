import { makeVisible } from "../text/visible.ts";

/**
 * Text from a memo inside a line of Markdown: a code span, in which nothing is markup (CommonMark 6.1), on one
 * line, with hidden characters shown. It cannot begin a heading, a list or a fence.
 */
export function codeSpan(text: string): string {
  const shown = makeVisible(text.trim().replace(/\s+/g, " "), { newlines: false });
  const longest = Math.max(0, ...(shown.match(/`+/g) ?? []).map((run) => run.length));
  const marks = "`".repeat(longest + 1);
  const space = shown === "" || shown.startsWith("`") || shown.endsWith("`") ? " " : "";
  return `${marks}${space}${shown}${space}${marks}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listInWords(items: readonly string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}
