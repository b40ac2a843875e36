import { Exit, VibeopsError } from "../errors.ts";
import { findSection, type Section, scanBlocks } from "../text/blocks.ts";
import { type Edit, newlineOf, splice } from "../text/splice.ts";
import { makeVisible } from "../text/visible.ts";
import { addProgress } from "./progress.ts";
import { fillEmptyBody, STATE_SECTIONS, type StateSection } from "./sections.ts";

export interface StateEdit {
  /** Replaces the section. */
  status?: string;
  /** One line, dated by the caller; becomes the first item of recent progress. */
  progress?: string;
  /** What only this line of progress holds: where an item has it already, the line is there and is not added. */
  progressMark?: string;
  /** Replaces the section. */
  next?: string;
  /** Replaces the section; the notes before are in git. */
  handover?: string;
}

export interface StateOptions {
  /** How many items of recent progress stay; at least 1. */
  keep: number;
  /** For errors. */
  file?: string;
}

/**
 * The text of STATE.md with the edit made in it. Only the named sections change; every other character, CRLF
 * included, stays. A section that is missing is created at its place, and an empty text gets all four.
 *
 * @throws VibeopsError `state.structure` where the new text would break the four sections apart
 */
export function editState(text: string, edit: StateEdit, options: StateOptions): string {
  const keys = STATE_SECTIONS.map(({ key }) => key).filter(
    (key) => edit[key] !== undefined && !(key === "progress" && isMarked(text, edit.progressMark)),
  );
  // Progress is put on one line, inside a list item: nothing in it can reach beyond.
  for (const key of keys) if (key !== "progress") refuseBreakingText(key, edit[key] ?? "", options.file);
  const blank = text.trim() === "";
  const complete = blank ? emptyState(text) : keys.reduce((result, key) => addMissing(result, key), text);
  const edits = keys.flatMap((key) => planSection(complete, key, edit[key] ?? "", options));
  const result = splice(complete, edits);
  if (outline(result) !== outline(complete)) throw brokenOutline(options.file);
  return result;
}

function isMarked(text: string, mark: string | undefined): boolean {
  const section = mark === undefined ? null : findSection(text, titleOf("progress"), 2);
  const body = section === null ? "" : text.slice(section.bodyStart, section.end);
  return mark !== undefined && body.includes(oneLine(mark));
}

/** The headings that make sections. Whatever an edit does inside one, these stay. */
function outline(text: string): string {
  const headings = scanBlocks(text).headings.filter((heading) => heading.depth <= 2);
  return JSON.stringify(headings.map(({ depth, text: title }) => [depth, title]));
}

function emptyState(text: string): string {
  const newline = newlineOf(text);
  const sections = STATE_SECTIONS.map(({ title }) => `## ${title}${newline}`);
  return [`# State${newline}`, ...sections].join(newline);
}

function planSection(text: string, key: StateSection, value: string, options: StateOptions): Edit[] {
  const section = findSection(text, titleOf(key), 2);
  if (section === null) throw unreachable(key, options.file);
  if (key === "progress") {
    const line = oneLine(value);
    return line === "" ? [] : addProgress(text, section, line, options.keep);
  }
  return [replaceBody(text, section, value)];
}

/** Blank lines around the old text stay as the person has them. */
function replaceBody(text: string, section: Section, value: string): Edit {
  const newline = newlineOf(text);
  const content = value.trim().replaceAll(/\r\n|\r|\n/g, newline);
  const body = text.slice(section.bodyStart, section.end);
  if (body.trim() !== "") {
    const start = section.bodyStart + body.length - body.trimStart().length;
    return { start, end: section.bodyStart + body.trimEnd().length, text: content };
  }
  return { start: section.bodyStart, end: section.end, text: fillEmptyBody(text, section, content) };
}

function addMissing(text: string, key: StateSection): string {
  if (findSection(text, titleOf(key), 2) !== null) return text;
  const newline = newlineOf(text);
  const order = STATE_SECTIONS.map((section) => section.key);
  const later = STATE_SECTIONS.slice(order.indexOf(key) + 1);
  const next = later.map(({ title }) => findSection(text, title, 2)).find((section) => section !== null);
  if (next) {
    const at = next.heading.start;
    return splice(text, [{ start: at, end: at, text: `## ${titleOf(key)}${newline}${newline}` }]);
  }
  const gap = text.endsWith("\n") ? newline : newline + newline;
  return `${text}${gap}## ${titleOf(key)}${newline}`;
}

function titleOf(key: StateSection): string {
  return STATE_SECTIONS.find((section) => section.key === key)?.title ?? key;
}

function oneLine(value: string): string {
  return makeVisible(value.trim().replaceAll(/\s+/g, " "), { newlines: false });
}

/** A heading, an open fence or an open comment in the new text would swallow the sections after it. */
function refuseBreakingText(key: StateSection, value: string, file: string | undefined): void {
  const headings = scanBlocks(`${value.trim()}\n\n## end\n`).headings.filter((heading) => heading.depth <= 2);
  if (headings.length === 1 && headings[0]?.text === "end") return;
  const heading = headings.length > 1 ? headings[0] : undefined;
  throw new VibeopsError({
    code: "state.structure",
    exit: Exit.invalid,
    message: heading
      ? `the new text of '${titleOf(key)}' holds the heading '${heading.text}', which would begin another section`
      : `the new text of '${titleOf(key)}' leaves a code block or an HTML comment open`,
    file,
    fix: heading ? "use ### or a list inside a section" : "close it: ``` on a line of its own, or -->",
  });
}

function unreachable(key: StateSection, file: string | undefined): VibeopsError {
  return new VibeopsError({
    code: "state.structure",
    exit: Exit.invalid,
    message: `there is no place for '## ${titleOf(key)}': a code block or an HTML comment before it is never closed`,
    file,
    fix: "close it by hand, then run the command again",
  });
}

function brokenOutline(file: string | undefined): VibeopsError {
  return new VibeopsError({
    code: "state.structure",
    exit: Exit.invalid,
    message: "with this edit the file would have other sections than before; nothing was written",
    file,
    fix: "put blank lines around what stands beside the list or the text, then run the command again",
  });
}
