import type { ReviewPage } from "../../runbook/review.ts";
import type { Io } from "../io.ts";
import type { LineReader } from "../line-reader.ts";
import { styleFor } from "../style.ts";

/**
 * Shows each page to its end, in full: long lines wrap, long pages stop at the height of the screen. Returns how
 * many pages were shown to their end.
 */
export async function showPages(
  io: Io,
  lines: LineReader,
  pages: readonly ReviewPage[],
  rows: number,
): Promise<number> {
  const style = styleFor(io);
  let shown = 0;
  for (const page of pages) {
    io.stdout.write(`\n${style.bold(`[${shown + 1}/${pages.length}] ${page.title}`)}\n`);
    for (const screen of screens(page.lines, io.columns, rows)) {
      io.stdout.write(`${screen.join("\n")}\n`);
      const isLast = shown + 1 === pages.length;
      await lines.ask(style.dim(isLast ? "-- Enter: to the decision -- " : "-- Enter: go on -- "));
    }
    shown += 1;
  }
  return shown;
}

/** As many lines as fit on a screen once they are wrapped; at least one at a time. */
function screens(lines: readonly string[], columns: number, rows: number): string[][] {
  const room = Math.max(5, rows - 3);
  const result: string[][] = [];
  let current: string[] = [];
  let height = 0;
  for (const line of lines) {
    const needs = Math.max(1, Math.ceil(line.length / Math.max(1, columns)));
    if (current.length > 0 && height + needs > room) {
      result.push(current);
      current = [];
      height = 0;
    }
    current.push(line);
    height += needs;
  }
  return [...result, current];
}
