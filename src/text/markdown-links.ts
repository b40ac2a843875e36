/** A link or an image as it stands in the text. */
export interface MarkdownLink {
  readonly isImage: boolean;
  /** Of its first mark: `[`, or `!` of an image. */
  readonly offset: number;
  readonly textStart: number;
  readonly textEnd: number;
  /** As it is spelt. */
  readonly target: string;
}

/** A bracket that waits for its other end. */
interface Opener extends Pick<MarkdownLink, "isImage" | "offset" | "textStart"> {
  /** A label has no brackets in it. */
  holdsBrackets: boolean;
}

/** A label has no more characters than this (CommonMark 4.7); of a longer text nobody takes it for an address. */
const MAX_TEXT = 999;

/**
 * `[text](target)`, `![text](target)`, `[text][label]`, `[label]`: brackets in pairs, those behind a backslash apart;
 * no link stands in another. Linear in the text, where a whole parser of Markdown is not.
 *
 * @param targetOf the target of a label's definition, as it is spelt
 */
export function findLinks(page: string, targetOf: (label: string) => string | undefined): MarkdownLink[] {
  const links: MarkdownLink[] = [];
  const open: Opener[] = [];
  // Around a link that was found, so many brackets from the outermost begin none any more.
  let inactive = 0;
  const close = (end: number) => {
    const opener = open.pop();
    if (opener === undefined) return;
    const isActive = open.length >= inactive || opener.isImage;
    inactive = Math.min(inactive, open.length);
    const around = open.at(-1);
    if (around !== undefined) around.holdsBrackets = true;
    const target = isActive ? findTarget(page, opener, end, targetOf) : undefined;
    if (target === undefined) return;
    const { isImage, offset, textStart } = opener;
    links.push({ isImage, offset, textStart, textEnd: end, target });
    if (!isImage) inactive = open.length;
  };
  for (const { index, 0: mark } of page.matchAll(/\\[\s\S]|!?\[|\]/g)) {
    if (mark === "]") close(index);
    if (mark !== "[" && mark !== "![") continue;
    const textStart = index + mark.length;
    open.push({ isImage: mark === "![", offset: index, textStart, holdsBrackets: false });
  }
  return links;
}

/** `(<target>`, `(target`, with pairs of parentheses in it; on the next line too, which may be a quotation's. */
const inline = /\([ \t]*(?:\n[ \t>]*)?(<(?:\\.|[^<>\n\\])*>|(?:\\.|[^\s()\\]|\((?:\\.|[^\s()\\])*\))*)/y;
const reference = /\[((?:\\.|[^\][\\]){1,999})\]/y;

function findTarget(
  page: string,
  { textStart, holdsBrackets }: Opener,
  textEnd: number,
  targetOf: (label: string) => string | undefined,
): string | undefined {
  if (page[textEnd + 1] === ":" || textEnd - textStart > MAX_TEXT) return undefined;
  inline.lastIndex = textEnd + 1;
  const target = inline.exec(page)?.[1];
  if (target !== undefined) return target.replace(/^<|>$/g, "");
  reference.lastIndex = textEnd + 1;
  const label = reference.exec(page)?.[1];
  if (label !== undefined) return targetOf(label);
  return holdsBrackets ? undefined : targetOf(page.slice(textStart, textEnd));
}
