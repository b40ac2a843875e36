import { createTwoFilesPatch } from "diff";

/** What changed between two versions of a file, as `git diff` would show it; empty when nothing did. */
export function unifiedDiff(before: string, after: string, name: string): string {
  if (before === after) return "";
  const patch = createTwoFilesPatch(`a/${name}`, `b/${name}`, before, after, "", "", { context: 3 });
  // The first line is a rule that git does not draw.
  return patch.replace(/^=+\r?\n/, "").replaceAll(/^((?:---|\+\+\+) .*?)\t$/gm, "$1");
}
