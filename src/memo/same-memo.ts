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
  const before = completion === null ? text : text.slice(0, completion.heading.start);
  return before
    .replaceAll("\r\n", "\n")
    .replaceAll(/^(\s*(?:[-*+]|\d+[.)])\s+)\[[xX]\]/gm, "$1[ ]")
    .trimEnd();
}

const HEADING = Buffer.from("\n## Completion\n");
/** What could make that line something else than a heading. */
const BLOCKS = ["```", "~~~", "<"].map((mark) => Buffer.from(mark));

/**
 * The usual case, at a hundredth of the cost of finding sections: byte for byte the same up to *Completion*, but for
 * boxes. False says nothing.
 */
function isPlainlySame(one: Buffer, other: Buffer): boolean {
  const end = one.indexOf(HEADING);
  const before = one.subarray(0, end);
  if (end === -1 || BLOCKS.some((mark) => before.includes(mark))) return false;
  if (!other.subarray(end, end + HEADING.length).equals(HEADING)) return false;
  for (let at = 0; at < end; at += 1) {
    if (one[at] !== other[at] && !(isBox(one, at) && isBox(other, at))) return false;
  }
  return true;
}

const MARKS = [" ", "x", "X"].map((mark) => mark.charCodeAt(0));

/** Whether this byte is the mark in the box of a list item. */
function isBox(text: Buffer, at: number): boolean {
  if (!MARKS.includes(text[at] ?? 0) || text[at + 1] !== 0x5d) return false;
  const line = text.toString("latin1", text.lastIndexOf(0x0a, at) + 1, at);
  return /^[ \t]*(?:[-*+]|\d+[.)])[ \t]+\[$/.test(line);
}
