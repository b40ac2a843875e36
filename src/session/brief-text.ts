import { MINUTE_MS } from "../platform/units-of-time.ts";
import { makeVisible } from "../text/visible.ts";

const LINE_LENGTH = 300;

/** At most `length` characters on one line, with nothing in them that a terminal or a reader would obey. */
export function oneLine(text: string, length: number): string {
  return makeVisible(clip(text.replaceAll(/[ \t\r\n]+/g, " ").trim(), length), { newlines: false });
}

/** As {@link oneLine}, in quotation marks that the text cannot close. */
export function inQuotes(text: string, length: number): string {
  return `"${oneLine(text, length).replaceAll(/["\\]/g, "\\$&")}"`;
}

/** Lines behind `>`, so that a heading or an open code block in them stays theirs. Long lines are cut. */
export function quoteLines(text: string): string[] {
  const visible = text.trim();
  if (visible === "") return [];
  return visible.split(/\r\n|\r|\n/).map((line) => {
    return `> ${makeVisible(clip(line.trimEnd(), LINE_LENGTH), { newlines: false })}`.trimEnd();
  });
}

/** `40 min`, `5 h`, `3 days`: how long ago, in the largest unit that is not zero. */
export function age(since: Date, now: Date): string {
  const minutes = Math.max(0, Math.floor((now.getTime() - since.getTime()) / MINUTE_MS));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${hours} h`;
  return `${Math.floor(hours / 24)} days`;
}

/** Cuts between characters, never inside a surrogate pair. */
function clip(text: string, length: number): string {
  if (text.length <= length) return text;
  const end = /[\uD800-\uDBFF]/.test(text[length - 2] ?? "") ? length - 2 : length - 1;
  return `${text.slice(0, end)}…`;
}
