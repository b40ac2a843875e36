import { findSection } from "../text/blocks.ts";

/**
 * Whether two texts are one memo at different times: the same words, whatever boxes are ticked and whatever stands
 * under *Completion*.
 */
export function isSameMemo(one: string, other: string): boolean {
  return asSent(one) === asSent(other);
}

function asSent(text: string): string {
  const completion = findSection(text, "Completion");
  const before = completion === null ? text : text.slice(0, completion.heading.start);
  return before
    .replaceAll("\r\n", "\n")
    .replaceAll(/^(\s*(?:[-*+]|\d+[.)])\s+)\[[xX]\]/gm, "$1[ ]")
    .trimEnd();
}
