import type { Blocks, Heading } from "./block-model.ts";
import { BlockScanner } from "./block-scanner.ts";
import { readPlainBlocks } from "./plain-blocks.ts";

export type { Blocks, Fence, Heading, Range, TaskItem } from "./block-model.ts";

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
  if (last?.text !== text) last = { text, blocks: readPlainBlocks(text) ?? new BlockScanner(text).scan() };
  return last.blocks;
}

/** What is checked is asked of one text several times, one after another. */
let last: { readonly text: string; readonly blocks: Blocks } | undefined;

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
  const sections: Section[] = [];
  blocks.headings.forEach((heading, index) => {
    if (normalizeTitle(heading.text) !== wanted || (depth !== undefined && heading.depth !== depth)) return;
    const next = blocks.headings.slice(index + 1).find((other) => other.depth <= heading.depth);
    sections.push({ heading, bodyStart: afterLine(text, heading.end), end: next?.start ?? text.length });
  });
  return sections;
}

function normalizeTitle(title: string): string {
  const trimmed = title.trim();
  return (/^[!-~]+(?: [!-~]+)*$/.test(trimmed) ? trimmed : trimmed.replace(/\s+/g, " ")).toLowerCase();
}

function afterLine(text: string, end: number): number {
  const newline = text.indexOf("\n", end);
  return newline === -1 ? text.length : newline + 1;
}
