import { decodeString } from "micromark-util-decode-string";

/** What a piece of Markdown's text says: `&#46;` and `\.` are a dot on the page. */
export function decodeMarkdown(text: string): string {
  return text.includes("&") || text.includes("\\") ? decodeString(text) : text;
}

/** What a piece of HTML says: browsers take `&#46` without its semicolon too, and a backslash is one. */
export function decodeHtml(text: string): string {
  if (!text.includes("&")) return text;
  const closed = text.replaceAll(/&#(?:\d{1,7}(?!\d)|x[\da-f]{1,6}(?![\da-f]))(?!;)/gi, "$&;");
  return closed.split("\\").map(decodeString).join("\\");
}
