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
  readonly headings: readonly Heading[];
  readonly fences: readonly Fence[];
  readonly tasks: readonly TaskItem[];
  /** Whole lines of HTML blocks, where Markdown is not read. */
  readonly html: readonly Range[];
  /** Whole lines of indented code. */
  readonly indented: readonly Range[];
}
