import { cutOut } from "./cut-out.ts";
import type { SecretValue } from "./secret-values.ts";

/**
 * What may stand inside a token that was wrapped, glued together or broken up: a line end, `" + "`, no width. Parts of a
 * token are so long at least: most line ends and quotation marks are not looked at any further.
 */
const joint =
  /(?<=[\w-]{8})(?:\\?\r?\n[ \t>]{0,40}|["'][ \t]{0,8}[+.]?[ \t]{0,8}\\?(?:\r?\n[ \t]{0,40})?["']|[\u00ad\u200b-\u200d\u2060\ufeff]{1,8})(?=[\w-]{4})/g;

/**
 * Secrets that are whole only without what stands in the midst of them. `find` looks through the text without its
 * joints; only what reaches over one counts, since the rest was found as it stands.
 */
export function* findSplit(
  text: string,
  find: (joined: string) => Iterable<SecretValue>,
): Generator<SecretValue> {
  const joints = [...text.matchAll(joint)].filter((match) => isMidToken(text, match.index, match[0].length));
  if (joints.length === 0) return;
  const joined = cutOut(text, joints);
  for (const { kind, start, end } of find(joined.text)) {
    const placed = joined.place(start, end);
    if (placed.end - placed.start > end - start) yield { kind, ...placed };
  }
}

/** Whether both sides look random: letters and digits, and not words that end or begin a line. */
function isMidToken(text: string, start: number, length: number): boolean {
  const before = wordBefore(text, start);
  const after = wordBehind(text, start + length);
  return [before, after].every((part) => /\d/.test(part) && /[A-Za-z]/.test(part));
}

/** Of a longer part, its end or beginning is enough. */
const LONGEST_PART = 40;
const inWord = /[\w-]/;

function wordBefore(text: string, end: number): string {
  let start = end;
  while (start > 0 && end - start < LONGEST_PART && inWord.test(text.charAt(start - 1))) start -= 1;
  return text.slice(start, end);
}

function wordBehind(text: string, start: number): string {
  let end = start;
  while (end - start < LONGEST_PART && inWord.test(text.charAt(end))) end += 1;
  return text.slice(start, end);
}
