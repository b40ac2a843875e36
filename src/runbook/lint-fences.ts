import { type Fence, scanBlocks } from "../text/blocks.ts";
import type { Finding } from "../text/finding.ts";
import { isActionFence, isCommandFence } from "./fence-info.ts";
import type { Runbook } from "./runbook.ts";

/** The first line of a fence, wherever it stands. */
const OPENING = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}|~{3,})[ \t]*(\S.*)$/;

/**
 * Lines that a person takes for the beginning of a command, and that Markdown does not: what stands below them never
 * runs. A fence that is shown inside a longer one is meant to be shown.
 */
export function lintFences({ text }: Pick<Runbook, "text">): Finding[] {
  const { fences } = scanBlocks(text);
  const begun = new Set(fences.map(({ line }) => line));
  let start = 0;
  return text.split("\n").flatMap((line, i): Finding[] => {
    const offset = start;
    start += line.length + 1;
    const [, marks = "", info = ""] = OPENING.exec(line) ?? [];
    if (begun.has(i + 1) || !(isCommandFence(info) || isActionFence(info))) return [];
    const around = fences.find((fence) => fence.start < offset && offset < fence.end);
    if (around !== undefined && marksOf(text, around) > marks.length) return [];
    return [lostFence(i + 1, around, marks, info)];
  });
}

function marksOf(text: string, fence: Fence): number {
  return /^[^`~]*(`+|~+)/.exec(text.slice(fence.start, fence.start + 1000))?.[1]?.length ?? 0;
}

function lostFence(line: number, around: Fence | undefined, marks: string, info: string): Finding {
  const [why, fix] =
    around !== undefined
      ? [`the block of line ${around.line} is still open`, "close that block first, or give it more marks"]
      : marks.startsWith("`") && info.includes("`")
        ? ["a first line that begins with backticks holds no other", "begin and end it with ~~~"]
        : ["it stands in HTML or in indented code", "put it at the margin, with an empty line before it"];
  return {
    rule: "runbook.lost-command",
    level: "error",
    message: `this looks like the beginning of a command, and is text: ${why}`,
    line,
    fix,
  };
}
