import { scanBlocks } from "../text/blocks.ts";
import { decodeMarkdown } from "../text/character-references.ts";
import type { Finding } from "../text/finding.ts";
import { nearest } from "../text/similar.ts";
import type { Runbook } from "./runbook.ts";

/** The sections that mean something; whatever stands under another heading is prose. */
const SECTIONS = [
  "Summary",
  "Risks",
  "Open questions",
  "Before you start",
  "Steps",
  "Verification",
  "Rollback",
] as const;

/**
 * A heading that reads as one of ours and is not taken for it: a person would think that its questions, risks or checks
 * count. One that looks the same on the page is an error.
 */
export function lintSections({ text }: Pick<Runbook, "text">): Finding[] {
  return scanBlocks(text).headings.flatMap((heading): Finding[] => {
    if (heading.depth > 2 || isSection(heading.depth, heading.text)) return [];
    const seen = asSeen(heading.text);
    const same = SECTIONS.find((section) => section.toLowerCase() === seen);
    const meant = same ?? (heading.depth === 2 ? nearest(seen, SECTIONS) : undefined);
    if (meant === undefined) return [];
    return [
      {
        rule: "runbook.section",
        level: same === undefined ? "warning" : "error",
        message: `'${heading.text}' is taken for prose, not for the section ${meant}`,
        line: heading.line,
        fix: `write: ## ${meant}`,
      },
    ];
  });
}

function isSection(depth: number, title: string): boolean {
  return depth === 2 && SECTIONS.some((section) => section.toLowerCase() === title.toLowerCase());
}

/** What a reader of the page takes a heading for: character references, emphasis and a colon at its end apart. */
function asSeen(title: string): string {
  return decodeMarkdown(title)
    .replaceAll(/<[^<>]*>|[*_`~]/g, "")
    .replaceAll(/[\s\u00ad\u200b-\u200d\u2060\ufeff]+/gu, " ")
    .replace(/[\s:.]+$/, "")
    .trim()
    .toLowerCase();
}
