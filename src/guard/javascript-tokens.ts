import {
  type Cursor,
  isName,
  isSign,
  push,
  pushFirst,
  startReading,
  type Token,
  take,
} from "./code-tokens.ts";

const blank = /[ \t\n]+|\/\/[^\n]*|\/\*.*?\*\//sy;
const word = /[A-Za-z_$][\w$]*/y;
const number = /0[xob][\da-f_]+n?|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:e[+-]?\d+)?n?/iy;
const text = /"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/sy;
const regex = /\/(?:[^/\\[\n]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+\/[dgimsuvy]*/y;
const sign =
  />>>=|\.\.\.|===|!==|\*\*=|<<=|>>=|>>>|&&=|\|\|=|\?\?=|=>|==|!=|<=|>=|&&|\|\||\?\?|\?\.(?!\d)|\+\+|--|[-+*/%&|^]=|\*\*|<<|>>|[-+*/%&|^!~<>()[\]{},:;.=?]/y;
const templateText = /(?:[^`\\$]|\\.|\$(?!\{))+/sy;
/** Browsers' comments, which node reads as such too. */
const markup = /<!--|-->/;
/** Names before which a slash begins a pattern, not a division. */
const beforePattern = ["return", "typeof", "in", "case", "delete", "void", "throw", "else"] as const;

/** Null where the text is not surely read as node reads it. */
export function readJavaScriptTokens(code: string): readonly Token[] | null {
  const cursor = startReading(code);
  return cursor !== null && !markup.test(code) && readUntil(cursor, null) ? cursor.tokens : null;
}

/** To the end of the text, or to the brace that closes a place in a template. */
function readUntil(cursor: Cursor, end: "}" | null): boolean {
  let depth = 0;
  while (cursor.at < cursor.text.length) {
    if (take(cursor, blank) !== null) continue;
    const next = cursor.text[cursor.at] ?? "";
    if (next === "}" && end !== null && depth === 0) {
      cursor.at += 1;
      return true;
    }
    if (!(next === "`" ? readTemplate(cursor) : readToken(cursor, next))) return false;
    depth += { "{": 1, "}": -1 }[next] ?? 0;
  }
  return end === null && depth === 0;
}

function readToken(cursor: Cursor, next: string): boolean {
  if (next === "/" && !isDivision(cursor.tokens.at(-1))) {
    const isPattern = mayBePattern(cursor.tokens.at(-1)) && take(cursor, regex) !== null;
    if (isPattern) push(cursor, "number", "0");
    return isPattern;
  }
  const quoted = take(cursor, text);
  if (quoted !== null) {
    push(cursor, "string", quoted.slice(1, -1));
    return true;
  }
  return pushFirst(cursor, { name: word, number, sign });
}

/** Behind a value. Behind `)` and `}` it may be either: what would be a pattern there is refused as a template might be. */
function isDivision(before: Token | undefined): boolean {
  if (before?.kind === "number" || before?.kind === "string" || isSign(before, "]")) return true;
  return isName(before) && !isName(before, ...beforePattern, "of", "await", "yield", "do", "instanceof");
}

function mayBePattern(before: Token | undefined): boolean {
  if (before === undefined || isName(before, ...beforePattern)) return true;
  return before.kind === "sign" && !isSign(before, ")", "}", "++", "--", ".", "?.");
}

/** The text of a template, and what stands in its places as tokens behind it, in brackets. */
function readTemplate(cursor: Cursor): boolean {
  const before = cursor.tokens.at(-1);
  // A function before it would be called.
  const isValue = before !== undefined && (before.kind !== "sign" || isSign(before, ")", "]", "}"));
  if (isValue && !isName(before, "return")) return false;
  cursor.at += 1;
  let body = "";
  const place = cursor.tokens.length;
  while (cursor.at < cursor.text.length) {
    const plain = take(cursor, templateText);
    body += plain ?? "";
    if (plain !== null) continue;
    if (cursor.text[cursor.at] === "`") {
      cursor.at += 1;
      const whole = cursor.tokens.length === place;
      cursor.tokens.splice(place, 0, { kind: "string", text: body, whole });
      return true;
    }
    if (!readPlace(cursor)) return false;
  }
  return false;
}

/** `${…}` */
function readPlace(cursor: Cursor): boolean {
  cursor.at += 2;
  push(cursor, "sign", "+");
  push(cursor, "sign", "(");
  const isRead = readUntil(cursor, "}");
  push(cursor, "sign", ")");
  return isRead;
}
