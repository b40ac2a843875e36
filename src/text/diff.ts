import { createTwoFilesPatch } from "diff";

/** What changed between two versions of a file, as `git diff` would show it; empty when nothing did. */
export function unifiedDiff(before: string, after: string, name: string): string {
  if (before === after) return "";
  const patch = createTwoFilesPatch(`a/${name}`, `b/${name}`, before, after, "", "", { context: 3 });
  // The first line is a rule that git does not draw; the two names may end in a tab, as lines of the files may.
  return patch.replace(/^=+\r?\n(--- .*?)\t?\n(\+\+\+ .*?)\t?\n/, "$1\n$2\n");
}
