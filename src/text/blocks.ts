import { BlockScanner } from "./block-scanner.ts";

/** A heading of the document itself: not one inside a block quote, a list item or a footnote. */
export interface Heading {
  depth: number;
  /** As written, without the marks; inline markup stays. Lines of a setext heading are joined by a space. */
  text: string;
  line: number;
  /** From the first character of its (first) line to the end of its last line, newline not included. */
  start: number;
  end: number;
}

export interface Fence {
  /** All that stands after the opening marks, trimmed. */
  info: string;
  /** The lines between, without the fence's own indentation and without the last line ending. */
  content: string;
  line: number;
  /** From the start of the opening line to the end of the closing line, newline not included. */
  start: number;
  end: number;
  /** The raw content, last line ending included; equal to `content` plus that ending when nothing is indented. */
  contentStart: number;
  contentEnd: number;
  /** False when the fence runs to the end of the document or of the list item that holds it. */
  closed: boolean;
  /** False inside a list item, a block quote or a footnote. */
  topLevel: boolean;
}

export interface TaskItem {
  checked: boolean;
  /** The first line after the box. */
  text: string;
  line: number;
  /** Of the character between [ and ]. */
  boxOffset: number;
}

export interface Range {
  start: number;
  end: number;
}

export interface Blocks {
  headings: Heading[];
  fences: Fence[];
  tasks: TaskItem[];
  /** Whole lines of HTML blocks, where Markdown is not read. */
  html: Range[];
  /** Whole lines of indented code. */
  indented: Range[];
}

export interface Section {
  heading: Heading;
  /** After the heading's line ending. */
  bodyStart: number;
  /** Start of the next heading of the same or a higher level, or the end of the text. */
  end: number;
}

/**
 * Finds headings, code fences and task items in one pass over the lines, by the block rules of CommonMark 0.31
 * and of GitHub's tables, footnotes and task lists. Front matter at the start is skipped. Offsets count into `text`.
 * Takes time linear in the text, whatever the text: containers nested deeper than 32 are read as plain text.
 *
 * Where remark decides otherwise, and why that is safe here:
 * - a task item counts only outside block quotes and footnotes: quoting a list is no promise to do it;
 * - a box that is split over two lines (`[` newline `]`) is no box;
 * - below 32 levels of nesting there are no boxes, headings or fences.
 */
export function scanBlocks(text: string): Blocks {
  return new BlockScanner(text).scan();
}

/** The first section with that title, compared without case; with `depth`, just headings of that depth. */
export function findSection(text: string, title: string, depth?: number): Section | null {
  return findSections(text, title, depth)[0] ?? null;
}

/** All sections with that title, in order. */
export function findSections(
  text: string,
  title: string,
  depth?: number,
  blocks = scanBlocks(text),
): Section[] {
  const wanted = normalizeTitle(title);
  return blocks.headings.flatMap((heading, index) => {
    if (normalizeTitle(heading.text) !== wanted || (depth !== undefined && heading.depth !== depth))
      return [];
    const next = blocks.headings.slice(index + 1).find((other) => other.depth <= heading.depth);
    return [{ heading, bodyStart: afterLine(text, heading.end), end: next?.start ?? text.length }];
  });
}

function normalizeTitle(title: string): string {
  return title.trim().replace(/\s+/g, " ").toLowerCase();
}

function afterLine(text: string, end: number): number {
  const newline = text.indexOf("\n", end);
  return newline === -1 ? text.length : newline + 1;
}
