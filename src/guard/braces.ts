import { PLAIN, UNKNOWN } from "./markers.ts";

const maxWords = 64;

/** What `{a,b}` or `{1..3}` stands for; one unknown piece where the text is not plain or the result too long. */
export function expandBraces(text: string): readonly string[] {
  if (!/^\{[\w./:@,{}=+%-]*\}$/.test(text)) return [UNKNOWN];
  if (/^\{-?\w+\.\.-?\w+(\.\.-?\d+)?\}$/.test(text)) return expandRange(text);
  const parts = splitAlternatives(text.slice(1, -1));
  if (parts.length < 2) return [text];
  const words: string[] = [];
  for (const part of parts) {
    words.push(...expandNested(part));
    if (words.length > maxWords) return [UNKNOWN];
  }
  return words;
}

/** Letters one by one, since they may spell something; numbers as a number. */
function expandRange(text: string): readonly string[] {
  const letters = /^\{([A-Za-z])\.\.([A-Za-z])\}$/.exec(text);
  if (!letters) return /[A-Za-z]/.test(text) ? [UNKNOWN] : [PLAIN];
  const from = letters[1]?.charCodeAt(0) ?? 0;
  const to = letters[2]?.charCodeAt(0) ?? 0;
  const step = from <= to ? 1 : -1;
  const length = Math.abs(to - from) + 1;
  return Array.from({ length }, (_, index) => String.fromCharCode(from + step * index));
}

function splitAlternatives(inner: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < inner.length; at += 1) {
    if (inner[at] === "{") depth += 1;
    else if (inner[at] === "}") depth -= 1;
    else if (inner[at] === "," && depth === 0) {
      parts.push(inner.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(inner.slice(start));
  return parts;
}

function expandNested(part: string): readonly string[] {
  const open = part.indexOf("{");
  if (open < 0) return [part];
  const close = part.lastIndexOf("}");
  // More than one group beside another: give up rather than count braces twice.
  if (close < open || part.indexOf("{", open + 1) > part.indexOf("}")) return [UNKNOWN];
  const prefix = part.slice(0, open);
  const suffix = part.slice(close + 1);
  return expandBraces(part.slice(open, close + 1)).map((middle) => prefix + middle + suffix);
}
