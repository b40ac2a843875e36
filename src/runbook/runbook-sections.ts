import type { Fence, Heading } from "../text/blocks.ts";
import { isThematicBreak } from "../text/thematic-break.ts";

/** A heading and what stands under it up to the next heading of the same or a higher level; offsets into the file. */
export interface Part {
  readonly heading: Heading;
  readonly bodyStart: number;
  readonly end: number;
}

/** The parts at one level between two offsets. */
export function partsAt(headings: readonly Heading[], depth: number, start: number, end: number): Part[] {
  const inside = headings.filter((h) => h.start >= start && h.start < end && h.depth <= depth);
  return inside.flatMap((heading, i) => {
    if (heading.depth !== depth) return [];
    return [{ heading, bodyStart: heading.end, end: inside[i + 1]?.start ?? end }];
  });
}

export function fencesIn(fences: readonly Fence[], part: Part): Fence[] {
  return fences.filter((fence) => fence.start >= part.bodyStart && fence.start < part.end);
}

/** A part's text with the fences cut out. */
export function proseOf(text: string, part: Part, fences: readonly Fence[]): string {
  let prose = "";
  let at = part.bodyStart;
  for (const fence of fencesIn(fences, part)) {
    prose += text.slice(at, fence.start);
    at = fence.end;
  }
  return `${prose}${text.slice(at, part.end)}`.trim();
}

/** Its text may stand below the marker. */
const ITEM = /^\s{0,3}(?:[-*+]|\d{1,9}[.)])(?:\s+(?:\[([ xX])\]\s+)?(.*))?$/;

/** The items of a list as text, each with the lines that continue it; text outside a list is left out. */
export function listItems(prose: string): string[] {
  return readItems(prose).map(({ text }) => text);
}

/** As {@link listItems}, without those that somebody ticked. */
export function openItems(prose: string): string[] {
  return readItems(prose).flatMap(({ text, ticked }) => (ticked ? [] : [text]));
}

function readItems(prose: string): { text: string; ticked: boolean }[] {
  const items: { text: string; ticked: boolean }[] = [];
  let open: (typeof items)[number] | undefined;
  for (const line of prose.split(/\r?\n/)) {
    const item = isThematicBreak(line.trim()) ? null : ITEM.exec(line);
    if (item !== null) {
      open = { text: (item[2] ?? "").trim(), ticked: /x/i.test(item[1] ?? "") };
      items.push(open);
    } else if (line.trim() === "") open = undefined;
    else if (open !== undefined) open.text = `${open.text} ${line.trim()}`.trimStart();
  }
  return items.filter(({ text }) => text !== "");
}

/** A paragraph that begins with "No rollback:" says why there is none. */
export function noRollbackReason(prose: string): string | undefined {
  return reasonAfter("No rollback:", prose);
}

/** A paragraph that begins with "No action:" says why a command stands there that no action vouches for. */
export function noActionReason(prose: string): string | undefined {
  return reasonAfter("No action:", prose);
}

function reasonAfter(words: string, prose: string): string | undefined {
  const paragraphs = prose.split(/\r?\n[ \t]*\r?\n/).map((paragraph) => paragraph.trim());
  const paragraph = paragraphs.find((candidate) => candidate.startsWith(words));
  const reason = paragraph?.slice(words.length).replace(/\s+/g, " ").trim();
  return reason === "" ? undefined : reason;
}
