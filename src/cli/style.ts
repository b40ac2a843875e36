import { displayWidth, wrapProse } from "../text/wrap.ts";
import type { Io } from "./io.ts";

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

/** Colour by SGR sequences, or none. The text must have been made visible before: nothing is escaped here. */
export function styleFor(io: Pick<Io, "hasColour">): Style {
  const wrap = (code: number) => (text: string) => (io.hasColour ? `\u001b[${code}m${text}\u001b[0m` : text);
  return { bold: wrap(1), dim: wrap(2), red: wrap(31), green: wrap(32), yellow: wrap(33), cyan: wrap(36) };
}

/**
 * Columns of text, each as wide as its widest cell; the last one is left ragged. Where a row does not fit into
 * `width` columns of a terminal, the last cell of each stands on a line of its own below the others.
 */
export function alignColumns(
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string[] {
  return [...alignRows(rows, width)];
}

/** {@link alignColumns} line by line, for what is written as it comes. */
export function* alignRows(rows: readonly (readonly string[])[], width: number): Generator<string> {
  const columns = rows.reduce((most, row) => Math.max(most, row.length), 0);
  // The last column is never padded.
  const widths = new Array<number>(Math.max(0, columns - 1)).fill(0);
  for (const row of rows) {
    widths.forEach((widest, i) => {
      widths[i] = Math.max(widest, displayWidth(row[i] ?? ""));
    });
  }
  const pad = (cell: string, i: number) => cell + " ".repeat((widths[i] ?? 0) - displayWidth(cell));
  const headOf = (row: readonly string[]) => row.slice(0, -1).map(pad).join(GAP);
  const lineOf = (row: readonly string[]) =>
    (row.length > 1 ? `${headOf(row)}${GAP}${row.at(-1)}` : (row[0] ?? "")).trimEnd();
  const isWide = width < Number.POSITIVE_INFINITY && rows.some((row) => displayWidth(lineOf(row)) > width);
  for (const row of rows) {
    yield isWide ? `${headOf(row).trimEnd()}\n${wrapProse(`    ${row.at(-1) ?? ""}`, width)}` : lineOf(row);
  }
}

const GAP = "  ";

/** How wide a line may be: a pipe takes any. */
export function lineWidth(io: Pick<Io, "isInteractive" | "columns">): number {
  return io.isInteractive ? Math.max(20, io.columns) : Number.POSITIVE_INFINITY;
}
