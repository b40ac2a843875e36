import type { BlockLine } from "./block-line.ts";
import { isThematicBreak } from "./thematic-break.ts";

/** What holds other blocks: a block quote, a footnote's text, a list item. */
export type Container =
  | { type: "quote" }
  | { type: "footnote" }
  /** `width`: columns by which a line must be indented to stay inside. `empty`: nothing has come after the marker. */
  | { type: "item"; width: number; empty: boolean };

/** Whether the line goes on in the container; if so, moves past what marks it as such. */
export function continues(container: Container, line: BlockLine): boolean {
  if (container.type === "quote") return takeQuoteMark(line);
  if (line.isBlank) {
    if (container.type === "item" && container.empty) return false;
    line.skipSpaces();
    return true;
  }
  const width = container.type === "item" ? container.width : 4;
  if (line.indent < width) return false;
  line.advanceColumns(width);
  return true;
}

/** The container that begins here, or null; if one does, moves past its marker. */
export function beginContainer(line: BlockLine, inParagraph: boolean): Container | null {
  if (takeQuoteMark(line)) return { type: "quote" };
  const content = line.content;
  const footnote = /^\[\^[^\][\s]{1,999}\]:/.exec(content)?.[0];
  if (footnote !== undefined) {
    line.skipSpaces();
    line.advance(footnote.length);
    line.skipSpaces();
    return { type: "footnote" };
  }
  return isThematicBreak(content) ? null : beginItem(line, content, inParagraph);
}

function takeQuoteMark(line: BlockLine): boolean {
  if (line.indent > 3 || !line.content.startsWith(">")) return false;
  line.skipSpaces();
  line.advance(1);
  if (line.atSpace) line.advanceColumns(1);
  return true;
}

function beginItem(line: BlockLine, content: string, inParagraph: boolean): Container | null {
  const marker = /^(?:[*+-]|(\d{1,9})[.)])(?=[ \t]|$)/.exec(content);
  if (marker === null) return null;
  const mark = marker[0];
  const number = marker[1];
  const empty = /^[ \t]*$/.test(content.slice(mark.length));
  if (inParagraph && (empty || (number !== undefined && Number(number) !== 1))) return null;
  const indent = line.indent;
  line.skipSpaces();
  line.advance(mark.length);
  const spaces = line.indent;
  // Five or more spaces: one belongs to the marker, the others to an indented code block.
  const padding = empty || spaces > 4 ? 1 : spaces;
  line.advanceColumns(Math.min(padding, spaces));
  return { type: "item", width: indent + mark.length + padding, empty: true };
}
