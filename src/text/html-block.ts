const blockNames =
  "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|" +
  "fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|" +
  "menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul";
const attribute = String.raw`(?:[ \t]+[A-Za-z_:][\w.:-]*(?:[ \t]*=[ \t]*(?:[^\s"'=<>\`]+|'[^']*'|"[^"]*"))?)`;
const wholeTag = new RegExp(
  String.raw`^(?:<[A-Za-z][A-Za-z\d-]*${attribute}*[ \t]*/?>|</[A-Za-z][A-Za-z\d-]*[ \t]*>)[ \t]*$`,
);

/** The seven kinds of CommonMark 0.31, section 4.6: how each begins and, unless at a blank line, how it ends. */
const kinds: readonly { begin: RegExp; end: RegExp | null }[] = [
  { begin: /^<(?:script|pre|textarea|style)(?:[ \t]|>|$)/i, end: /<\/(?:script|pre|textarea|style)>/i },
  { begin: /^<!--/, end: /-->/ },
  { begin: /^<\?/, end: /\?>/ },
  { begin: /^<![A-Za-z]/, end: />/ },
  { begin: /^<!\[CDATA\[/, end: /\]\]>/ },
  { begin: new RegExp(`^</?(?:${blockNames})(?:[ \\t]|/?>|$)`, "i"), end: null },
];

export interface HtmlBlock {
  /** Null: ends before a blank line. */
  end: RegExp | null;
}

/** Whether an HTML block begins here. A lone tag of any other name does not interrupt a paragraph. */
export function beginHtmlBlock(content: string, interrupts: boolean): HtmlBlock | null {
  if (!content.startsWith("<")) return null;
  const kind = kinds.find(({ begin }) => begin.test(content));
  if (kind !== undefined) return { end: kind.end };
  return !interrupts && wholeTag.test(content) ? { end: null } : null;
}
