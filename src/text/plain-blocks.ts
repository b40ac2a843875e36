import type { Blocks, Heading, TaskItem } from "./block-model.ts";
import { skipFrontMatter } from "./block-scanner.ts";

/** What a list item begins with here: its marker, perhaps a box, and a letter, so that nothing begins inside it. */
const itemStart = /[-*+] (?:\[([ xX])\] )?[A-Za-z]/y;
const headingStart = /(#{1,6}) /y;
/** What a line of prose may begin with: one that begins no block, whatever stands around it. */
const proseStart = /(?:\*\*|["'(`])?[A-Za-z]|\d+[^\d.)]/y;

/**
 * The Markdown of most memos, read at a tenth of the cost of the whole scanner: unindented headings, items that begin
 * with a letter, and prose. It says exactly what the scanner says; null for a page where any line is more than that.
 */
export function readPlainBlocks(text: string): Blocks | null {
  const headings: Heading[] = [];
  const tasks: TaskItem[] = [];
  let { offset: start, number: line } = skipFrontMatter(text);
  while (start < text.length) {
    const newline = text.indexOf("\n", start);
    const raw = newline === -1 ? text.length : newline;
    const end = raw > start && text[raw - 1] === "\r" ? raw - 1 : raw;
    if (end > start && !readLine(text, { start, end, line }, headings, tasks)) return null;
    start = raw + 1;
    line += 1;
  }
  return { headings, fences: [], tasks, html: [], indented: [] };
}

interface Line {
  start: number;
  /** Without the line ending. */
  end: number;
  line: number;
}

/** False where the line is none of the three. */
function readLine(text: string, at: Line, headings: Heading[], tasks: TaskItem[]): boolean {
  const { start, end, line } = at;
  const first = text.charCodeAt(start);
  if (first === HASH) return readHeading(text, at, headings);
  if (first !== DASH && first !== STAR && first !== PLUS)
    return isLetter(first) || startsAt(proseStart, text, start);
  itemStart.lastIndex = start;
  const item = itemStart.exec(text);
  if (item === null) return first === STAR && startsAt(proseStart, text, start);
  const box = item[1];
  if (box !== undefined) {
    const label = text.slice(start + BOX_WIDTH, end).trim();
    tasks.push({ checked: box !== " ", text: label, line, boxOffset: start + BOX_OFFSET });
  }
  return true;
}

const [HASH, DASH, STAR, PLUS] = [0x23, 0x2d, 0x2a, 0x2b];
/** `- [` and `- [ ]`. */
const [BOX_OFFSET, BOX_WIDTH] = [3, 5];

function readHeading(text: string, { start, end, line }: Line, headings: Heading[]): boolean {
  headingStart.lastIndex = start;
  const marks = headingStart.exec(text)?.[1];
  if (marks === undefined) return false;
  const title = text.slice(start + marks.length, end);
  // Marks may close it.
  if (title.includes("#")) return false;
  headings.push({ depth: marks.length, text: title.trim(), line, start, end });
  return true;
}

function startsAt(pattern: RegExp, text: string, start: number): boolean {
  pattern.lastIndex = start;
  return pattern.test(text);
}

/** Of ASCII, or of a script that begins words with nothing but letters and marks: no space or dash of Unicode. */
function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return (
    (lower >= 0x61 && lower <= 0x7a) || (code >= 0xc0 && code < 0x1680) || (code > 0x3040 && code < 0xd800)
  );
}
