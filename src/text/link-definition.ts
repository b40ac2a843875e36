/**
 * Link reference definitions at the start of a paragraph (CommonMark 0.31, section 4.7): `[label]: target "title"`.
 * They render as nothing at all.
 *
 * @returns the offset after the last whole definition, its line ending included
 */
export function skipDefinitions(paragraph: string): number {
  let position = 0;
  while (paragraph[position] === "[") {
    const end = endOfDefinition(paragraph, position);
    if (end === -1) break;
    position = end;
  }
  return position;
}

function endOfDefinition(text: string, start: number): number {
  const colon = endOfLabel(text, start);
  if (colon === -1) return -1;
  const target = endOfTarget(text, skipWhitespace(text, colon + 1));
  if (target === -1) return -1;
  const gap = skipWhitespace(text, target);
  const title = gap > target ? endOfTitle(text, gap) : -1;
  const withTitle = title === -1 ? -1 : endOfLine(text, title);
  return withTitle === -1 ? endOfLine(text, target) : withTitle;
}

/** Offset of the colon after `[label]`, or -1. */
function endOfLabel(text: string, start: number): number {
  let blank = true;
  for (let at = start + 1; at < text.length && at - start <= 1000; at += 1) {
    const character = text[at];
    if (character === "[") return -1;
    if (character === "]") return !blank && text[at + 1] === ":" ? at + 1 : -1;
    if (character === "\\") at += 1;
    if (!/\s/.test(character ?? "")) blank = false;
  }
  return -1;
}

function endOfTarget(text: string, start: number): number {
  return text[start] === "<" ? endOfBracketedTarget(text, start) : endOfBareTarget(text, start);
}

function endOfBracketedTarget(text: string, start: number): number {
  for (let at = start + 1; at < text.length && text[at] !== "\n" && text[at] !== "<"; at += 1) {
    if (text[at] === ">") return at + 1;
    if (text[at] === "\\") at += 1;
  }
  return -1;
}

/** Up to white space or a control character; parentheses must balance. */
function endOfBareTarget(text: string, start: number): number {
  let open = 0;
  let at = start;
  for (; at < text.length && !/[\s\p{Cc}]/u.test(text[at] ?? ""); at += 1) {
    if (text[at] === "\\") at += 1;
    else if (text[at] === "(") open += 1;
    else if (text[at] === ")" && open > 0) open -= 1;
    else if (text[at] === ")") return -1;
  }
  return at > start && open === 0 ? Math.min(at, text.length) : -1;
}

function endOfTitle(text: string, start: number): number {
  const close = { '"': '"', "'": "'", "(": ")" }[text[start] ?? ""];
  if (close === undefined) return -1;
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === close) return at + 1;
    if (close === ")" && text[at] === "(") return -1;
    if (text[at] === "\\") at += 1;
  }
  return -1;
}

/** Offset after the line ending, when there is just white space before it; else -1. */
function endOfLine(text: string, start: number): number {
  let at = start;
  while (text[at] === " " || text[at] === "\t") at += 1;
  if (at >= text.length) return text.length;
  return text[at] === "\n" ? at + 1 : -1;
}

/** White space with at most one line ending in it. */
function skipWhitespace(text: string, start: number): number {
  let at = start;
  let newlines = 0;
  for (; at < text.length; at += 1) {
    if (text[at] === "\n") newlines += 1;
    else if (text[at] !== " " && text[at] !== "\t") break;
    if (newlines > 1) break;
  }
  return at;
}
