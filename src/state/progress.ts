import { type Fence, type Section, scanBlocks } from "../text/blocks.ts";
import { type Edit, newlineOf } from "../text/splice.ts";
import { fillEmptyBody } from "./sections.ts";

interface Item {
  start: number;
  /** After the last line that is not blank, its line ending included. */
  end: number;
}

interface Line {
  start: number;
  end: number;
  text: string;
}

const ITEM = /^( {0,3})([-*+])[ \t]+\S/;

/**
 * The edits that put `line` first in the section's list and take out what is then beyond `keep` items. Text that
 * is no item of the list stays.
 */
export function addProgress(text: string, section: Section, line: string, keep: number): Edit[] {
  const newline = newlineOf(text);
  const lines = linesOf(text, section, scanBlocks(text).fences);
  const items = findItems(lines);
  const first = items[0];
  if (first === undefined) return [addFirstItem(text, section, `- ${line}`)];
  const [, indent, bullet] = ITEM.exec(text.slice(first.start, first.end)) ?? ["", "", "-"];
  const item = `${indent}${bullet} ${line}${newline}`;
  return [
    { start: first.start, end: first.start, text: item },
    ...items.slice(Math.max(1, keep) - 1).map((old) => removal(text, items, old)),
  ];
}

/** Blank lines between an item and the one before it go with it. */
function removal(text: string, items: readonly Item[], item: Item): Edit {
  const previous = items[items.indexOf(item) - 1];
  const together = previous !== undefined && text.slice(previous.end, item.start).trim() === "";
  return { start: together ? previous.end : item.start, end: item.end, text: "" };
}

function addFirstItem(text: string, section: Section, item: string): Edit {
  const newline = newlineOf(text);
  const body = text.slice(section.bodyStart, section.end);
  if (body.trim() === "") {
    return { start: section.bodyStart, end: section.end, text: fillEmptyBody(text, section, item) };
  }
  const at = section.bodyStart + body.length - body.trimStart().length;
  return { start: at, end: at, text: `${item}${newline}${newline}` };
}

/** The section's lines; a fence is one line, so that nothing inside it looks like an item. */
function linesOf(text: string, section: Section, fences: readonly Fence[]): Line[] {
  const lines: Line[] = [];
  let start = section.bodyStart;
  while (start < section.end) {
    const fence = fences.find((candidate) => candidate.start <= start && start < candidate.end);
    const newline = text.indexOf("\n", fence === undefined ? start : Math.max(start, fence.end - 1));
    const end = newline < 0 || newline >= section.end ? section.end : newline + 1;
    lines.push({ start, end, text: text.slice(start, end) });
    start = end;
  }
  return lines;
}

/** The items of the outermost list: at the indentation of the first one, with all that belongs to them. */
function findItems(lines: readonly Line[]): Item[] {
  const items: Item[] = [];
  let indent: number | undefined;
  let open: Item | undefined;
  let afterBlank = false;
  for (const line of lines) {
    const mark = ITEM.exec(line.text)?.[1]?.length;
    if (mark !== undefined && mark <= (indent ?? mark)) {
      indent ??= mark;
      open = { start: line.start, end: line.end };
      items.push(open);
    } else if (line.text.trim() !== "") {
      if (afterBlank && !/^(?: {2}|\t)/.test(line.text)) open = undefined;
      if (open !== undefined) open.end = line.end;
    }
    afterBlank = line.text.trim() === "";
  }
  return items;
}
