import { type Cursor, push, pushFirst, startReading, type Token, take } from "./code-tokens.ts";

const blank = /[ \t]+|\\\n|#[^\n]*/y;
const opening = /[bru]?[bfru]?(?:'''|"""|'|")/iy;
const word = /[A-Za-z_]\w*/y;
const number = /0[xob][\da-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d+)?j?/iy;
const sign = /\*\*=|\/\/=|>>=|<<=|\.\.\.|->|:=|[-+*/%&|^=<>!]=|\*\*|\/\/|<<|>>|[-+*/%&|^~<>()[\]{},:.;=]/y;
/** In its first lines a comment may have the rest read in another encoding. */
const cookie = /#.*coding[:=]/;

/** Null where the text is not surely read as python reads it. */
export function readPythonTokens(text: string): readonly Token[] | null {
  const cursor = startReading(text);
  if (cursor === null || cookie.test(text)) return null;
  let depth = 0;
  while (cursor.at < text.length && depth >= 0) {
    if (take(cursor, blank) !== null) continue;
    const isEnd = text[cursor.at] === "\n";
    if (isEnd) cursor.at += 1;
    else if (!readToken(cursor)) return null;
    if (isEnd && depth === 0) push(cursor, "line", "\n");
    depth += bracket(cursor);
  }
  return depth === 0 ? cursor.tokens : null;
}

/** 1 where a bracket was just opened, -1 where one was closed. */
function bracket({ tokens, text, at }: Cursor): number {
  const last = tokens.at(-1);
  if (last?.kind !== "sign" || text[at - 1] !== last.text) return 0;
  return /^[([{]$/.test(last.text) ? 1 : /^[)\]}]$/.test(last.text) ? -1 : 0;
}

function readToken(cursor: Cursor): boolean {
  const start = take(cursor, opening);
  if (start !== null) return readString(cursor, start);
  return pushFirst(cursor, { name: word, number, sign });
}

function readString(cursor: Cursor, start: string): boolean {
  const quote = start.replace(/^[a-z]+/i, "");
  let end = cursor.at;
  while (end < cursor.text.length && !cursor.text.startsWith(quote, end)) {
    if (quote.length === 1 && cursor.text[end] === "\n") return false;
    end += cursor.text[end] === "\\" ? 2 : 1;
  }
  if (end >= cursor.text.length) return false;
  const body = cursor.text.slice(cursor.at, end);
  cursor.at = end + quote.length;
  const isFormatted = /f/i.test(start) && /[{}]/.test(body);
  push(cursor, "string", body, !isFormatted);
  return !isFormatted || readFields(cursor, body);
}

/** What stands in the braces of an f-string is code: its tokens follow the string's, in brackets. */
function readFields(cursor: Cursor, body: string): boolean {
  const fields = body.replaceAll(/\{\{|\}\}/g, "").match(/\{[^{}]*\}|[{}]/g) ?? [];
  return fields.every((field) => {
    if (field.length < 3 || field.includes("\\")) return false;
    const code = field.slice(1, -1).replace(/=?\s*(?:![rsa])?(?::[^()[\]]*)?$/, "");
    const inner = readPythonTokens(code);
    if (inner === null || inner.some(({ kind, whole }) => kind === "line" || !whole)) return false;
    push(cursor, "sign", "+");
    push(cursor, "sign", "(");
    cursor.tokens.push(...inner);
    push(cursor, "sign", ")");
    return true;
  });
}
