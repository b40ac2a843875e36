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
  // The last column is never padded. How wide the others are is asked once for each cell: there may be very many.
  const padded = Math.max(0, columns - 1);
  const widths = new Array<number>(padded).fill(0);
  const cellWidths = new Uint32Array(rows.length * padded);
  for (const [i, row] of rows.entries()) {
    for (let column = 0; column < padded; column += 1) {
      const width = displayWidth(row[column] ?? "");
      cellWidths[i * padded + column] = width;
      widths[column] = Math.max(widths[column] ?? 0, width);
    }
  }
  const headOf = (row: readonly string[], i: number) => {
    let head = "";
    for (let column = 0; column < row.length - 1; column += 1) {
      const space = (widths[column] ?? 0) - (cellWidths[i * padded + column] ?? 0);
      head += `${column === 0 ? "" : GAP}${row[column]}${" ".repeat(space)}`;
    }
    return head;
  };
  const lineOf = (row: readonly string[], i: number) =>
    (row.length > 1 ? `${headOf(row, i)}${GAP}${row.at(-1)}` : (row[0] ?? "")).trimEnd();
  const isWide =
    width < Number.POSITIVE_INFINITY && rows.some((row, i) => displayWidth(lineOf(row, i)) > width);
  for (const [i, row] of rows.entries()) {
    if (isWide) yield `${headOf(row, i).trimEnd()}\n${wrapProse(`    ${row.at(-1) ?? ""}`, width)}`;
    else yield lineOf(row, i);
  }
}

const GAP = "  ";

/** Prose behind a label: what wraps goes on below its first word. */
export function renderLabelled(label: string, text: string, width: number): string {
  const room = Math.max(20, width - displayWidth(label));
  return `${label}${wrapProse(text, room).replaceAll("\n", `\n${" ".repeat(displayWidth(label))}`)}`;
}

/** How wide a line may be: a pipe takes any. */
export function lineWidth(io: Pick<Io, "isInteractive" | "columns">): number {
  return io.isInteractive ? Math.max(20, io.columns) : Number.POSITIVE_INFINITY;
}
