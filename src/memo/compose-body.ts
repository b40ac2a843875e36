import { Exit, VibeopsError } from "../errors.ts";
import { findSection } from "../text/blocks.ts";
import { newlineOf, splice } from "../text/splice.ts";

/**
 * A memo's body from what the writer gave: text that has headings of its own keeps them, and gets the sections
 * that are missing; plain words become the context. Items are added as open boxes, each on one line.
 *
 * @throws VibeopsError `memo.unwritten` where an item has no words
 */
export function composeBody(given: string, items: readonly string[]): string {
  const text = given.trim() === "" ? "" : `${given.trim()}\n`;
  const withContext = /^##\s/m.test(text) ? text : `## Context\n${text === "" ? "" : `\n${text}`}`;
  return ensureCompletion(addItems(withContext, items));
}

function addItems(text: string, items: readonly string[]): string {
  if (items.length === 0) return text;
  const newline = newlineOf(text);
  const lines = items.map((item) => `- [ ] ${oneLine(item)}${newline}`).join("");
  const section = findSection(text, "Action items");
  if (section === null) {
    const before = findSection(text, "Completion")?.heading.start ?? text.length;
    return splice(text, [
      { start: before, end: before, text: `${newline}## Action items${newline}${newline}${lines}` },
    ]);
  }
  const body = text.slice(section.bodyStart, section.end);
  const end = section.bodyStart + body.trimEnd().length;
  return splice(text, [
    { start: end, end, text: `${newline}${body.trim() === "" ? newline : ""}${lines.trimEnd()}` },
  ]);
}

/** A second line would be no part of the box, or of anything. */
function oneLine(item: string): string {
  const words = item.trim().replaceAll(/\s*[\r\n]\s*/g, " ");
  if (words !== "") return words;
  throw new VibeopsError({
    code: "memo.unwritten",
    exit: Exit.usage,
    message: "an item has no words, so nobody could tick it; nothing was sent",
    fix: "say what is to be done, or leave the item out",
  });
}

function ensureCompletion(text: string): string {
  if (findSection(text, "Completion") !== null) return text;
  return `${text.trimEnd()}\n\n## Completion\n`;
}
