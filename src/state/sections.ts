import type { Section } from "../text/blocks.ts";
import { newlineOf } from "../text/splice.ts";

export const STATE_FILE = "STATE.md";

/** What STATE.md holds, in the order in which it stands there. */
export const STATE_SECTIONS = [
  { key: "status", title: "Current status" },
  { key: "progress", title: "Recent progress" },
  { key: "next", title: "Next actions" },
  { key: "handover", title: "Handover notes" },
] as const;

export type StateSection = (typeof STATE_SECTIONS)[number]["key"];

/** What stands between a heading and the next one, or the end, when it held nothing before. */
export function fillEmptyBody(text: string, section: Section, content: string): string {
  const newline = newlineOf(text);
  const opening = text[section.bodyStart - 1] === "\n" ? newline : newline + newline;
  const closing = section.end < text.length ? newline + newline : newline;
  return content === "" ? text.slice(section.bodyStart, section.end) : opening + content + closing;
}
