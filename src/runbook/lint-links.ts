import { dirname, join } from "node:path";
import { lstatOrNull } from "../platform/files.ts";
import { decodeMarkdown } from "../text/character-references.ts";
import type { Finding } from "../text/finding.ts";
import { withoutCode } from "../text/hidden-markup.ts";
import { lineAt } from "../text/lines.ts";
import { findLinks } from "../text/markdown-links.ts";
import type { Runbook } from "./runbook.ts";

/** Relative links lead to something. What stands in a command or in other code is none. */
export function lintLinks(root: string, { text, file }: Runbook): Finding[] {
  const folder = dirname(join(root, file));
  const links = findLinks(withoutCode(text), () => undefined);
  return links.flatMap(({ target, offset }): Finding[] => {
    if (target === "" || /^(?:[a-z][a-z0-9+.-]*:|#|\/)/i.test(target)) return [];
    if (lstatOrNull(join(folder, pathOf(target))) !== null) return [];
    return [
      {
        rule: "runbook.link",
        level: "warning",
        message: `the link leads nowhere: ${target}`,
        line: lineAt(text, offset),
        fix: "correct the path, relative to runbook.md",
      },
    ];
  });
}

/** The file that a link names: its place in that file apart, and `%20` as the space that it stands for. */
function pathOf(target: string): string {
  const path = decodeMarkdown(target).replace(/[#?].*$/s, "");
  try {
    return decodeURIComponent(path).replaceAll("\0", "");
  } catch {
    return path;
  }
}
