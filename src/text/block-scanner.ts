import { beginContainer, type Container, continues } from "./block-container.ts";
import { BlockLine } from "./block-line.ts";
import type { Blocks, Fence, Heading, Range, TaskItem } from "./block-model.ts";
import { beginHtmlBlock, type HtmlBlock } from "./html-block.ts";
import { lineAt } from "./lines.ts";
import { Paragraph } from "./paragraph.ts";
import { countDelimiterCells } from "./table-row.ts";
import { isThematicBreak } from "./thematic-break.ts";
import { trimBlank } from "./trim-blank.ts";

type OpenFence = {
  type: "fence";
  mark: string;
  length: number;
  indent: number;
  fence: Fence;
  lines: string[];
};
type Leaf =
  | { type: "none" | "table" }
  | { type: "code"; range: Range }
  | { type: "paragraph"; paragraph: Paragraph }
  | { type: "html"; block: HtmlBlock; range: Range }
  | OpenFence;

const none: Leaf = { type: "none" };
const maxDepth = 32;

/**
 * CommonMark's own block algorithm (specification 0.31, appendix "A parsing strategy", phase 1), reduced to what
 * {@link Blocks} tells: per line, see which open containers go on, then which blocks begin, then add what is left.
 */
export class BlockScanner {
  readonly #text: string;
  readonly #blocks = {
    headings: [] as Heading[],
    fences: [] as Fence[],
    tasks: [] as TaskItem[],
    html: [] as Range[],
    indented: [] as Range[],
  };
  readonly #containers: Container[] = [];
  #leaf: Leaf = none;

  constructor(text: string) {
    this.#text = text;
  }

  scan(): Blocks {
    let { offset, number } = skipFrontMatter(this.#text);
    while (offset < this.#text.length) {
      const newline = this.#text.indexOf("\n", offset);
      const next = newline === -1 ? this.#text.length : newline + 1;
      const raw = newline === -1 ? next : newline;
      const end = raw > offset && this.#text[raw - 1] === "\r" ? raw - 1 : raw;
      this.#read(new BlockLine(this.#text.slice(offset, end), offset, number), next);
      offset = next;
      number += 1;
    }
    this.#closeLeaf();
    return this.#blocks;
  }

  #read(line: BlockLine, next: number): void {
    let depth = 0;
    for (const container of this.#containers) {
      if (!continues(container, line)) break;
      depth += 1;
    }
    const all = depth === this.#containers.length;
    if (all && this.#continueLeaf(line, next)) return;
    if (line.isBlank) {
      this.#closeContainers(depth);
      if (this.#leaf.type === "paragraph" || this.#leaf.type === "table") this.#closeLeaf();
      return;
    }
    const opened = this.#openContainers(line, depth, all);
    if (this.#beginLeaf(line, next, opened.depth, opened.current)) return;
    this.#addText(line, opened.depth, opened.current);
  }

  /** For blocks that take any line: true when the line is used up. */
  #continueLeaf(line: BlockLine, next: number): boolean {
    const leaf = this.#leaf;
    if (leaf.type === "fence") {
      this.#continueFence(leaf, line, next);
      return true;
    }
    if (leaf.type === "html") {
      const ends = leaf.block.end === null ? line.isBlank : leaf.block.end.test(line.rest);
      leaf.range.end = next;
      if (ends) this.#leaf = none;
      return true;
    }
    if (leaf.type !== "code") return false;
    if (line.isBlank || line.indent >= 4) {
      leaf.range.end = next;
      return true;
    }
    this.#leaf = none;
    return false;
  }

  #continueFence(leaf: OpenFence, line: BlockLine, next: number): void {
    if (line.indent <= 3 && closesFence(line.content, leaf)) {
      leaf.fence.contentEnd = line.start;
      leaf.fence.end = line.start + line.text.length;
      leaf.fence.closed = true;
      this.#closeLeaf();
      return;
    }
    line.advanceColumns(Math.min(leaf.indent, line.indent));
    const end = line.start + line.text.length;
    leaf.lines.push(line.remainder() + this.#text.slice(end, next));
    leaf.fence.contentEnd = next;
    leaf.fence.end = end;
  }

  /**
   * Enters every container that begins on this line. `current`: the line still belongs to the innermost open
   * container, so that an open paragraph is one that it would interrupt.
   */
  #openContainers(line: BlockLine, matched: number, all: boolean): { depth: number; current: boolean } {
    let depth = matched;
    let current = all;
    while (depth < maxDepth && line.indent < 4) {
      const inParagraph = current && this.#leaf.type === "paragraph";
      if (inParagraph && this.#isSetextUnderline(line.content)) break;
      const container = beginContainer(line, inParagraph);
      if (container === null) break;
      this.#closeContainers(depth);
      this.#closeLeaf();
      this.#useContainer();
      this.#containers.push(container);
      depth += 1;
      current = true;
    }
    return { depth, current };
  }

  #isSetextUnderline(content: string): boolean {
    if (this.#leaf.type !== "paragraph" || !/^(?:=+|-+)[ \t]*$/.test(content)) return false;
    const { paragraph } = this.#leaf;
    return paragraph.definitionLines < paragraph.lineCount;
  }

  #beginLeaf(line: BlockLine, next: number, depth: number, current: boolean): boolean {
    if (line.isBlank) return false;
    const inParagraph = current && this.#leaf.type === "paragraph";
    if (line.indent >= 4) {
      if (this.#leaf.type === "paragraph") return false;
      const range = { start: line.start, end: next };
      this.#begin(depth, { type: "code", range });
      this.#blocks.indented.push(range);
      return true;
    }
    const content = line.content;
    return (
      this.#beginHeading(line, content, depth) ||
      this.#beginFence(line, content, next, depth) ||
      this.#beginHtml(line, content, next, depth) ||
      (inParagraph && this.#endSetextHeading(line, content)) ||
      this.#beginThematicBreak(content, depth)
    );
  }

  #beginHeading(line: BlockLine, content: string, depth: number): boolean {
    const marks = /^#{1,6}(?=[ \t]|$)/.exec(content)?.[0];
    if (marks === undefined) return false;
    this.#begin(depth, none);
    this.#addHeading(
      marks.length,
      stripClosingMarks(content.slice(marks.length)),
      line.number,
      line.start,
      line,
    );
    return true;
  }

  #endSetextHeading(line: BlockLine, content: string): boolean {
    if (this.#leaf.type !== "paragraph" || !this.#isSetextUnderline(content)) return false;
    const { paragraph } = this.#leaf;
    const first = paragraph.definitionLines;
    const text = paragraph.headingText(first);
    // Not closed as a paragraph: a box in a heading is no task.
    this.#leaf = none;
    const start = this.#startOfLine(paragraph.start, first);
    this.#addHeading(content.startsWith("=") ? 1 : 2, text, paragraph.line + first, start, line);
    return true;
  }

  #startOfLine(from: number, lines: number): number {
    let start = from;
    for (let left = lines; left > 0; left -= 1) start = this.#text.indexOf("\n", start) + 1;
    return start;
  }

  #addHeading(depth: number, text: string, number: number, start: number, last: BlockLine): void {
    if (this.#containers.length > 0) return;
    this.#blocks.headings.push({ depth, text, line: number, start, end: last.start + last.text.length });
  }

  #beginFence(line: BlockLine, content: string, next: number, depth: number): boolean {
    const marks = /^(?:`{3,}|~{3,})/.exec(content)?.[0];
    if (marks === undefined) return false;
    const info = content.slice(marks.length);
    const mark = content.charAt(0);
    if (mark === "`" && info.includes("`")) return false;
    const indent = line.indent;
    this.#begin(depth, none);
    const fence: Fence = {
      info: trimBlank(info),
      content: "",
      line: line.number,
      start: line.start,
      end: line.start + line.text.length,
      contentStart: next,
      contentEnd: next,
      closed: false,
      topLevel: this.#containers.length === 0,
    };
    this.#blocks.fences.push(fence);
    this.#leaf = { type: "fence", mark, length: marks.length, indent, fence, lines: [] };
    return true;
  }

  #beginHtml(line: BlockLine, content: string, next: number, depth: number): boolean {
    // A lazy line would continue the paragraph just the same, so it counts as interrupting too.
    const block = beginHtmlBlock(content, this.#leaf.type === "paragraph");
    if (block === null) return false;
    const range = { start: line.start, end: next };
    this.#begin(depth, block.end?.test(content) ? none : { type: "html", block, range });
    this.#blocks.html.push(range);
    return true;
  }

  #beginThematicBreak(content: string, depth: number): boolean {
    if (!isThematicBreak(content)) return false;
    this.#begin(depth, none);
    return true;
  }

  /** A new block at that depth: what is open below it ends, and so does the open leaf. */
  #begin(depth: number, leaf: Leaf): void {
    this.#closeContainers(depth);
    this.#closeLeaf();
    this.#useContainer();
    this.#leaf = leaf;
  }

  #addText(line: BlockLine, depth: number, current: boolean): void {
    if (line.isBlank) {
      this.#closeContainers(depth);
      return;
    }
    if (this.#leaf.type === "paragraph") {
      // Not current: a lazy line. It goes on in the paragraph, and the containers stay open.
      const { paragraph } = this.#leaf;
      if (current && line.indent < 4 && paragraph.canHeadTable(countDelimiterCells(line.content))) {
        // What is left above the table's head is a paragraph still; a box in the head is no task.
        if (paragraph.dropLastLine()) this.#closeLeaf();
        this.#leaf = { type: "table" };
      } else paragraph.add(line);
      return;
    }
    this.#closeContainers(depth);
    if (this.#leaf.type === "table") return;
    const item = this.#containers.at(-1);
    const paragraph = new Paragraph(line, item?.type === "item" && item.empty);
    paragraph.add(line);
    this.#useContainer();
    this.#leaf = { type: "paragraph", paragraph };
  }

  #useContainer(): void {
    const last = this.#containers.at(-1);
    if (last?.type === "item") last.empty = false;
  }

  #closeContainers(depth: number): void {
    if (depth >= this.#containers.length) return;
    this.#closeLeaf();
    this.#containers.length = depth;
  }

  #closeLeaf(): void {
    const leaf = this.#leaf;
    this.#leaf = none;
    if (leaf.type === "fence") leaf.fence.content = leaf.lines.join("").replace(/\r?\n$/, "");
    if (leaf.type === "paragraph" && leaf.paragraph.firstInItem) this.#addTask(leaf.paragraph);
  }

  #addTask(paragraph: Paragraph): void {
    const box = /^\[([ \txX])\](?=[ \t]|$)/.exec(paragraph.firstLine);
    if (box === null || this.#containers.some((container) => container.type !== "item")) return;
    const text = paragraph.firstLine.slice(3).trim();
    if (text === "" && paragraph.lineCount === 1) return;
    this.#blocks.tasks.push({
      checked: box[1] === "x" || box[1] === "X",
      text,
      line: paragraph.line,
      boxOffset: paragraph.textStart + 1,
    });
  }
}

/** Offset and number of the first line after front matter, which is no Markdown. */
export function skipFrontMatter(text: string): { offset: number; number: number } {
  const start = { offset: 0, number: 1 };
  if (!text.startsWith("---\n") && !text.startsWith("---\r\n")) return start;
  for (let at = text.indexOf("\n---"); at !== -1; at = text.indexOf("\n---", at + 1)) {
    const newline = text.indexOf("\n", at + 4);
    const end = newline === -1 ? text.length : newline;
    const rest = text.slice(at + 4, Math.min(end, at + 6));
    if (rest === "" || rest === "\r")
      return { offset: newline === -1 ? end : end + 1, number: lineAt(text, at + 1) + 1 };
  }
  return start;
}

function closesFence(content: string, open: OpenFence): boolean {
  let length = 0;
  while (content[length] === open.mark) length += 1;
  return length >= open.length && trimBlank(content.slice(length)) === "";
}

/** `Title ##  ` → `Title`; marks that touch the title belong to it. By hand: the obvious pattern is quadratic. */
function stripClosingMarks(content: string): string {
  const text = content.trim();
  let end = text.length;
  while (end > 0 && text[end - 1] === "#") end -= 1;
  if (end === 0) return "";
  return text[end - 1] === " " || text[end - 1] === "\t" ? text.slice(0, end).trimEnd() : text;
}
