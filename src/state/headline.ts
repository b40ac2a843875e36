import { type FactCache, stampOf } from "../platform/fact-cache.ts";
import { STATE_FILE } from "./sections.ts";

const MAX_LENGTH = 200;

/**
 * The first line of what STATE.md says about the current status; empty where it says nothing. Untrusted.
 *
 * @throws VibeopsError as `readState`
 */
export async function recallHeadline(root: string, cache: FactCache): Promise<string> {
  const file = `${root}/${STATE_FILE}`;
  const stamp = stampOf(file);
  const known = cache.find(file, stamp, (value) => typeof value === "string");
  if (known !== undefined) return known;
  const { readState } = await import("./state.ts");
  const headline = firstLine(readState({ root })?.sections.status ?? "");
  cache.keep(file, stamp, headline);
  return headline;
}

/** Without the mark of a list or a heading. */
function firstLine(text: string): string {
  const line = text.split(/\r\n|\r|\n/).find((one) => one.trim() !== "") ?? "";
  return line
    .trim()
    .replace(/^(?:[-*+]|#+|\d+[.)]) +/, "")
    .slice(0, MAX_LENGTH);
}
