import type { ReviewPage } from "../../runbook/review-line.ts";
import type { Io } from "../io.ts";
import type { LineReader } from "../line-reader.ts";
import { styleFor } from "../style.ts";
import { renderPage, wrapWords } from "./render-page.ts";

/**
 * Shows each page to its end, in full: long lines wrap, long pages stop at the height of the screen. Returns how
 * many pages were shown to their end.
 */
export async function showPages(io: Io, lines: LineReader, pages: readonly ReviewPage[]): Promise<number> {
  const style = styleFor(io);
  let shown = 0;
  for (const page of pages) {
    const number = `page ${shown + 1} of ${pages.length}`;
    const title = wrapWords(`${page.title}`, io.columns).map((row) => style.bold(row));
    const parts = screens(renderPage(page, io.columns), Math.max(5, screenRows(io) - title.length - 3));
    io.stdout.write(`\n${title.join("\n")}\n`);
    for (const [i, part] of parts.entries()) {
      io.stdout.write(`${part.join("\n")}\n`);
      const where = parts.length === 1 ? number : `${number}, screen ${i + 1} of ${parts.length}`;
      const isLast = shown + 1 === pages.length && i + 1 === parts.length;
      await lines.ask(style.dim(`${where} -- Enter: ${isLast ? "to the decision" : "go on"} -- `));
    }
    shown += 1;
  }
  return shown;
}

/** As it is now, as the width is. */
function screenRows({ stdout }: Io): number {
  return (stdout as { rows?: number }).rows || 24;
}

function screens(rows: readonly string[], height: number): string[][] {
  const count = Math.max(1, Math.ceil(rows.length / height));
  return Array.from({ length: count }, (_, i) => rows.slice(i * height, (i + 1) * height));
}
