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
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) =>
    Math.max(...rows.map((row) => displayWidth(row[i] ?? ""))),
  );
  const pad = (cell: string, i: number) => cell + " ".repeat((widths[i] ?? 0) - displayWidth(cell));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => (i === row.length - 1 ? cell : pad(cell, i)))
      .join(GAP)
      .trimEnd(),
  );
  if (lines.every((line) => displayWidth(line) <= width)) return lines;
  return rows.map((row) => {
    const head = row.slice(0, -1).map(pad).join(GAP).trimEnd();
    return `${head}\n${wrapProse(`    ${row.at(-1) ?? ""}`, width)}`;
  });
}

const GAP = "  ";

/** How wide a line may be: a pipe takes any. */
export function lineWidth(io: Pick<Io, "isInteractive" | "columns">): number {
  return io.isInteractive ? Math.max(20, io.columns) : Number.POSITIVE_INFINITY;
}
