/** A piece of a program in another language: names, numbers, texts, signs, and the ends of lines outside brackets. */
export interface Token {
  kind: "name" | "number" | "string" | "sign" | "line";
  /** Of a string: what it holds, its escapes as they stand; `null` where a part is computed. */
  text: string;
  /** Of a string: false where a part of it is computed. */
  whole: boolean;
}

/** Where a reader of tokens is in its text. */
export interface Cursor {
  readonly text: string;
  at: number;
  readonly tokens: Token[];
}

const maxCode = 8_000;

/** Characters that end a line, hide one or join names for some readers and not for others. */
const misread = /[^\x20-\x7e\n\t\u00a0-\ud7ff\uf900-\ufffd]|[\u2028\u2029\ufeff]/;

/** Null for what is too long, or not surely read as the interpreter reads it. */
export function startReading(text: string): Cursor | null {
  return text.length > maxCode || misread.test(text) ? null : { text, at: 0, tokens: [] };
}

/** What stands at the cursor, as far as the pattern (sticky) goes; the cursor moves behind it. */
export function take(cursor: Cursor, pattern: RegExp): string | null {
  pattern.lastIndex = cursor.at;
  const [found] = pattern.exec(cursor.text) ?? [];
  if (found === undefined) return null;
  cursor.at += found.length;
  return found;
}

export function push(cursor: Cursor, kind: Token["kind"], text: string, whole = true): void {
  cursor.tokens.push({ kind, text, whole });
}

/** The first kind whose pattern fits here; false where none does. */
export function pushFirst(cursor: Cursor, kinds: Partial<Record<Token["kind"], RegExp>>): boolean {
  for (const [kind, pattern] of Object.entries(kinds)) {
    const found = take(cursor, pattern);
    if (found === null) continue;
    push(cursor, kind as Token["kind"], found);
    return true;
  }
  return false;
}

export function isSign(token: Token | undefined, ...texts: readonly string[]): boolean {
  return token?.kind === "sign" && texts.includes(token.text);
}

export function isName(
  token: Token | undefined,
  ...texts: readonly string[]
): token is Token & { kind: "name" } {
  return token?.kind === "name" && (texts.length === 0 || texts.includes(token.text));
}

/** Where the bracket closes that opens there. */
export function closeOf(tokens: readonly Token[], open: number): number | null {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (isSign(tokens[at], "(", "[", "{")) depth += 1;
    if (isSign(tokens[at], ")", "]", "}")) depth -= 1;
    if (depth === 0) return at;
  }
  return null;
}

/** Where the bracket opens that closes there. */
export function openOf(tokens: readonly Token[], close: number): number | null {
  let depth = 0;
  for (let at = close; at >= 0; at -= 1) {
    if (isSign(tokens[at], ")", "]", "}")) depth += 1;
    if (isSign(tokens[at], "(", "[", "{")) depth -= 1;
    if (depth === 0) return at;
  }
  return null;
}

/** What stands between the commas in the bracket that opens there; null where it does not close. */
export function argumentsAt(tokens: readonly Token[], open: number): readonly (readonly Token[])[] | null {
  const close = closeOf(tokens, open);
  if (close === null) return null;
  const all: Token[][] = [];
  let current: Token[] = [];
  for (let at = open + 1; at < close; at += 1) {
    const end = isSign(tokens[at], "(", "[", "{") ? (closeOf(tokens, at) ?? at) : at;
    if (isSign(tokens[at], ",")) {
      all.push(current);
      current = [];
    } else current.push(...tokens.slice(at, end + 1).filter(({ kind }) => kind !== "line"));
    at = end;
  }
  return current.length > 0 ? [...all, current] : all;
}

/** What the text is when nothing in it is escaped or computed. */
export function plainText(tokens: readonly Token[] | undefined): string | null {
  const [token, ...others] = tokens ?? [];
  if (token?.kind !== "string" || others.length > 0) return null;
  return token.whole && !token.text.includes("\\") ? token.text : null;
}

/** What a program that is proven does besides to print: files that it writes. */
export interface Effects {
  writes: readonly string[];
}
