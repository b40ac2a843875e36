import { type Blocks, type Range, scanBlocks } from "./blocks.ts";
import { decodeHtml, decodeMarkdown } from "./character-references.ts";
import { misleads } from "./link-target.ts";
import { findLinks } from "./markdown-links.ts";

/** Something in Markdown that a reader of the rendered page does not see, or sees as something else. */
export interface HiddenMarkup {
  kind: "hidden-html" | "link-mismatch";
  offset: number;
  what: string;
}

/**
 * Comments, definitions that nothing refers to, images from elsewhere, elements and styles that hide their content,
 * and links whose text names another place than their target. Code is shown as it is, so nothing in it counts:
 * fences, indented blocks, and spans on one line. Inside an HTML block there is no such code.
 */
export function scanHiddenMarkup(text: string): HiddenMarkup[] {
  const blocks = scanBlocks(text);
  const page = maskCode(text, blocks);
  const definitions = readDefinitions(page);
  return [
    ...scanHtml(page, blocks.html),
    ...scanDefinitions(page, definitions),
    ...scanLinks(page, text, definitions),
  ].toSorted((a, b) => a.offset - b.offset);
}

/** The text with code made blank, every offset kept: fences, indented blocks, and spans on one line. */
export function withoutCode(text: string): string {
  return maskCode(text, scanBlocks(text));
}

function maskCode(text: string, blocks: Blocks): string {
  const code = [...blocks.fences.filter((fence) => !holds(blocks.html, fence.start)), ...blocks.indented];
  let page = "";
  let position = 0;
  for (const { start, end } of code.toSorted((a, b) => a.start - b.start)) {
    page += text.slice(position, start) + text.slice(start, end).replaceAll(/[^\n]/g, " ");
    position = end;
  }
  page += text.slice(position);
  return maskSpans(page, blocks.html);
}

/** Whether one of the ranges, which are in order and apart, has the offset in it. */
function holds(ranges: readonly Range[], offset: number): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle]?.end ?? 0) > offset) high = middle;
    else low = middle + 1;
  }
  return offset >= (ranges[low]?.start ?? Number.POSITIVE_INFINITY);
}

/** Code spans that begin and end on one line, outside HTML. A comment that begins first is no code. */
function maskSpans(page: string, html: readonly Range[]): string {
  let offset = 0;
  return page
    .split("\n")
    .map((line) => {
      const start = offset;
      offset += line.length + 1;
      return line.includes("`") && !holds(html, start) ? maskLine(line) : line;
    })
    .join("\n");
}

function maskLine(line: string): string {
  const runs = [...line.matchAll(/(?<!`)`+(?!`)/g)];
  let masked = "";
  let position = 0;
  for (let index = 0; index < runs.length; index += 1) {
    const open = runs[index];
    if (open === undefined || open.index < position) continue;
    // An escaped mark opens nothing; a comment or tag that begins before swallows it.
    if (isEscaped(line, open.index) || endsInTag(line.slice(position, open.index))) continue;
    const close = runs.slice(index + 1, index + 50).find((run) => run[0].length === open[0].length);
    if (close === undefined) continue;
    const end = close.index + close[0].length;
    masked += line.slice(position, open.index) + " ".repeat(end - open.index);
    position = end;
  }
  return masked + line.slice(position);
}

function endsInTag(text: string): boolean {
  return /<[!?/a-z]/i.test(text.slice(text.lastIndexOf(">") + 1));
}

const hidingElement =
  /^<(?:script|style|template|noscript|iframe|object|embed|applet|link|meta|base|svg|math|title|textarea|xmp|plaintext|noembed|noframes|dialog|datalist|audio|video|canvas|map|frame|frameset|form|input|button|select|font|basefont)\b/i;
const hidingStyle =
  /\bstyle\s*=[^>]*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0?\.?0|font-size\s*:\s*0?\.?\d(?![\d.]*(?:em|rem|%|ex|ch|vw|vh))|color\s*:|background|position\s*:|text-indent\s*:|clip|transform\s*:|z-index|(?:max-)?(?:height|width)\s*:\s*0|overflow\s*:\s*hidden|url\s*\(|image-set|\\|\/\*)/i;
const hidingAttribute = /[\s/](?:hidden|aria-hidden|srcdoc|on[a-z]+)(?=[\s=>/]|$)/i;
/** Words in an attribute are nowhere on the page. */
const wordyAttribute = /\s(?!(?:style|class|href|src)\s*=)[\w-]+\s*=\s*(?:"[^"]*\s[^"]*"|'[^']*\s[^']*')/i;

function scanHtml(page: string, html: readonly Range[]): HiddenMarkup[] {
  const found: HiddenMarkup[] = [];
  // At most 4,000 characters of a tag are looked at; a longer one is reported for its length.
  for (const match of page.matchAll(/<(?:!--|![A-Z[]|\?|\/?[A-Z])/gi)) {
    const offset = match.index;
    if (isEscaped(page, offset) && !holds(html, offset)) continue;
    const tag = match[0].startsWith("<!") || match[0] === "<?" ? match[0] : tagAt(page, offset);
    const what = tag === null ? null : (hiddenBy(tag) ?? hiddenByEntities(tag));
    if (what !== null) found.push({ kind: "hidden-html", offset, what });
    if (tag !== null && /^<a\b/i.test(tag)) found.push(...anchorMismatch(page, offset, tag));
  }
  return found;
}

/** Whether a backslash that counts stands before it; in an HTML block none does. */
function isEscaped(page: string, offset: number): boolean {
  let first = offset;
  while (page[first - 1] === "\\") first -= 1;
  return (offset - first) % 2 === 1;
}

const maxTag = 4_000;

/** The tag that begins here, quotes respected; null for `<name>` in prose that is never closed. */
function tagAt(page: string, offset: number): string | null {
  return (
    /^<\/?[a-z][a-z\d-]*(?:[^<>"']|"[^"]*"|'[^']*')*>/i.exec(page.slice(offset, offset + maxTag))?.[0] ?? null
  );
}

function hiddenBy(tag: string): string | null {
  if (tag === "<!--") return "an HTML comment";
  if (tag === "<?" || tag.startsWith("<!")) return "an HTML declaration";
  if (loadsFromElsewhere(tag)) return "an image from elsewhere";
  if (/^<img\b/i.test(tag)) return null;
  if (hidingElement.test(tag)) return "an HTML element that hides its content";
  if (hidingStyle.test(tag) || hidingAttribute.test(tag)) return "HTML that hides its content";
  return wordyAttribute.test(tag) ? "words in an HTML attribute" : null;
}

/** Attributes whose address is loaded when the page is shown, one or several of them. */
const loadedAttribute =
  /[\s/"'](?:src|srcset|background|poster|lowsrc|dynsrc)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi;
const elsewhere = /(?:^|,)\s*(?:[a-z][a-z\d+.-]*:|[\\/]{2})/i;

function loadsFromElsewhere(tag: string): boolean {
  return [...tag.matchAll(loadedAttribute)].some(([, one, other, bare]) =>
    elsewhere.test((one ?? other ?? bare ?? "").replaceAll(/[\t\n\r]/g, "")),
  );
}

function hiddenByEntities(tag: string): string | null {
  const decoded = decodeHtml(tag);
  return decoded === tag ? null : hiddenBy(decoded);
}

/** No anchor stands in another. */
const endOfAnchor = /<\/?a(?=[\s>/])/i;

function anchorMismatch(page: string, offset: number, tag: string): HiddenMarkup[] {
  const target = /\shref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/i.exec(tag);
  const text = page.slice(offset + tag.length, offset + tag.length + maxTag).split(endOfAnchor, 1)[0] ?? "";
  const url = target?.[1] ?? target?.[2] ?? target?.[3] ?? "";
  return misleads(decodeHtml(text.replaceAll(/<[^<>]*>/g, "")), decodeHtml(url)) ? [mismatch(offset)] : [];
}

function mismatch(offset: number): HiddenMarkup {
  return { kind: "link-mismatch", offset, what: "a link that leads elsewhere than its text says" };
}

interface Definition {
  label: string;
  target: string;
  hasTitle: boolean;
  offset: number;
}

const titleBelow = /\n[ \t]*["'(]/y;

/** `[label]: target "title"`, also inside quotes and lists. */
function readDefinitions(page: string): Definition[] {
  const pattern =
    /^[ \t]{0,3}(?:(?:[>*+-]|\d{1,9}[.)])[ \t]{1,4}){0,8}(\[((?:[^\]\\[]|\\.){1,999})\]:[ \t]*(?:\n[ \t>]*)?(<[^<>\n]*>|[^\s<]\S*)?([^\n]*))/gm;
  return [...page.matchAll(pattern)].flatMap((match) => {
    const [, , label = "", target = "", rest = ""] = match;
    if (label.startsWith("^")) return [];
    titleBelow.lastIndex = match.index + match[0].length;
    const hasTitle = /\S/.test(rest) || titleBelow.test(page);
    const offset = match.index + match[0].indexOf("[");
    return [{ label: normalizeLabel(label), target: target.replace(/^<|>$/g, ""), hasTitle, offset }];
  });
}

function normalizeLabel(label: string): string {
  return label.trim().replace(/\s+/g, " ").toLowerCase();
}

function scanDefinitions(page: string, definitions: readonly Definition[]): HiddenMarkup[] {
  if (definitions.length === 0) return [];
  const used = new Set(
    [...page.matchAll(/\[((?:[^\]\\[]|\\.){1,999})\](?!:)/g)].map((match) => normalizeLabel(match[1] ?? "")),
  );
  return definitions
    .filter(({ label, target, hasTitle }) => !used.has(label) || (hasTitle && /^(?:#.*|)$/.test(target)))
    .map(({ offset }) => ({ kind: "hidden-html", offset, what: "a link definition that shows nothing" }));
}

/** A link's text is taken from the source, since code in it is text too. */
function scanLinks(page: string, source: string, definitions: readonly Definition[]): HiddenMarkup[] {
  const targets = new Map(definitions.toReversed().map(({ label, target }) => [label, target]));
  const links = findLinks(page, (label) => targets.get(normalizeLabel(label)));
  const found = links.flatMap(({ isImage, offset, textStart, textEnd, target }) =>
    judgeLink(isImage, source.slice(textStart, textEnd), decodeMarkdown(target), offset),
  );
  return [...found, ...scanAddresses(page)];
}

/** Not an address in angle brackets, which is seen. */
const inlineTag = /<\/?[a-z][a-z\d-]*(?:\s[^<>]*)?\/?>/gi;

function judgeLink(isImage: boolean, text: string, target: string, offset: number): HiddenMarkup[] {
  if (!isImage)
    return misleads(decodeMarkdown(text.replaceAll(inlineTag, "")), target) ? [mismatch(offset)] : [];
  const isRemote = /^\s*(?:[a-z][a-z\d+.-]*:|\/\/|\\\\)/i.test(target);
  return isRemote ? [{ kind: "hidden-html", offset, what: "an image from elsewhere" }] : [];
}

/** `https://github.com@evil.example`: what looks like the host is a user name. */
function scanAddresses(page: string): HiddenMarkup[] {
  const addresses = page.matchAll(/\b[a-z][a-z\d+.-]{1,20}:\/\/([^\s<>/@?#()]{1,253})@/gi);
  return [...addresses].flatMap((match) => (/^[^:]*\./.test(match[1] ?? "") ? [mismatch(match.index)] : []));
}
