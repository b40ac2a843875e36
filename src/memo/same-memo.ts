import { findSection } from "../text/blocks.ts";

/**
 * Whether two texts are one memo at different times: the same words, whatever boxes are ticked and whatever stands
 * under *Completion*.
 */
export function isSameMemo(one: Uint8Array | string, other: Uint8Array | string): boolean {
  const [first, second] = [asBuffer(one), asBuffer(other)];
  return isPlainlySame(first, second) || asSent(first.toString("utf8")) === asSent(second.toString("utf8"));
}

function asBuffer(text: Uint8Array | string): Buffer {
  return Buffer.isBuffer(text) ? text : Buffer.from(text);
}

function asSent(text: string): string {
  const completion = findSection(text, "Completion");
  // Another section behind it is no completion note.
  const words =
    completion === null
      ? text
      : `${text.slice(0, completion.heading.start).trimEnd()}\n\n${text.slice(completion.end)}`;
  return words
    .replaceAll("\r\n", "\n")
    .replaceAll(/^(\s*(?:[-*+]|\d+[.)])\s+)\[[xX]\]/gm, "$1[ ]")
    .trimEnd();
}

const OPEN = "[".charCodeAt(0);
const HEADING = Buffer.from("\n## Completion\n");
/** What could make that line something else than a heading, or another one the first of that name. */
const BLOCKS = ["```", "~~~", "<", "ompletion", "OMPLETION"].map((mark) => Buffer.from(mark));

/** Where *Completion* begins in a plain text: its line break and its heading; -1 where that is not plain to see. */
function plainCompletion(text: Buffer): number {
  const end = text.indexOf(HEADING);
  const before = text.subarray(0, end);
  return end === -1 || BLOCKS.some((mark) => before.includes(mark)) ? -1 : end;
}

const [NEWLINE, SPACE, HASH, DASH, EQUALS] = [0x0a, 0x20, 0x23, 0x2d, 0x3d];

/**
 * Whether another section may stand behind the notes: a line there that could be a heading, or make the one above it
 * one. An item of a list is none. By hand: this is asked of every memo.
 */
function mayHaveMore(text: Buffer, end: number): boolean {
  for (let at = end + HEADING.length - 1; at !== -1; at = text.indexOf(NEWLINE, at + 1)) {
    let first = at + 1;
    while (first < at + 4 && text[first] === SPACE) first += 1;
    const mark = text[first];
    if (mark === HASH || mark === EQUALS) return true;
    const isItem = text[first + 1] === SPACE && (text[first + 2] ?? 0) > SPACE;
    if (mark === DASH && !isItem) return true;
  }
  return false;
}

/**
 * The usual case, at a hundredth of the cost of finding sections: byte for byte the same up to *Completion*, but for
 * boxes. False says nothing.
 */
function isPlainlySame(one: Buffer, other: Buffer): boolean {
  const end = plainCompletion(one);
  if (end === -1 || !other.subarray(end, end + HEADING.length).equals(HEADING)) return false;
  if (mayHaveMore(one, end) || mayHaveMore(other, end)) return false;
  let from = 0;
  for (const box of boxesIn(one, end)) {
    if (!one.subarray(from, box).equals(other.subarray(from, box)) || !isBox(other, box)) return false;
    from = box + 1;
  }
  return one.subarray(from, end).equals(other.subarray(from, end));
}

const scratch = Buffer.allocUnsafeSlow(32_768);

/**
 * Whether a memo came in as a text that `isIt` knows, asked for the likely ones: no box ticked and nothing under
 * *Completion*, or no such section. False says nothing.
 */
export function cameAs(text: Buffer, isIt: (sent: Buffer) => boolean): boolean {
  const end = plainCompletion(text);
  if (end === -1 || mayHaveMore(text, end)) return false;
  const length = end + HEADING.length;
  // One after the other into the same room: each of their own would cost more than all the rest.
  const sent = length > scratch.length ? Buffer.alloc(length) : scratch.subarray(0, length);
  text.copy(sent);
  for (const box of boxesIn(text, end)) sent[box] = 0x20;
  return isIt(sent) || isIt(sent.subarray(0, end));
}

/** Where the marks of the boxes stand, ticked or not, before `end`. */
function* boxesIn(text: Buffer, end: number): Generator<number> {
  for (let at = text.indexOf(OPEN); at !== -1 && at < end; at = text.indexOf(OPEN, at + 1)) {
    if (isBox(text, at + 1)) yield at + 1;
  }
}

const MARKS = [" ", "x", "X"].map((mark) => mark.charCodeAt(0));

/** Whether this byte is the mark in the box of a list item. */
function isBox(text: Buffer, at: number): boolean {
  if (!MARKS.includes(text[at] ?? 0) || text[at + 1] !== 0x5d) return false;
  const line = text.toString("latin1", text.lastIndexOf(0x0a, at) + 1, at);
  return /^[ \t]*(?:[-*+]|\d+[.)])[ \t]+\[$/.test(line);
}
