/** The cells of a row in a GitHub table; a pipe that is escaped divides nothing. */
export function countCells(row: string): number {
  const trimmed = row.trim();
  let cells = 0;
  let inCell = false;
  for (let at = 0; at < trimmed.length; at += 1) {
    if (trimmed[at] === "|") {
      if (at > 0 && !inCell) cells += 1;
      inCell = false;
      continue;
    }
    if (!inCell) cells += 1;
    inCell = true;
    if (trimmed[at] === "\\") at += 1;
  }
  return cells;
}

const delimiterRow = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** How many columns a row like `|---|:-:|` declares; 0 when it is no such row. One of `|` and `:` must be in it. */
export function countDelimiterCells(row: string): number {
  if (!/[|:]/.test(row) || !delimiterRow.test(row)) return 0;
  return row.split("|").filter((cell) => cell.trim() !== "").length;
}
