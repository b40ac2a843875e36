import type { BlockLine } from "./block-line.ts";
import { skipDefinitions } from "./link-definition.ts";
import { countCells } from "./table-row.ts";

/** A paragraph that is still open: it may yet become a setext heading or the head of a table. */
export class Paragraph {
  readonly line: number;
  /** Start of its first line in the document. */
  readonly start: number;
  /** Of the first character of the text, in the document. */
  readonly textStart: number;
  /** The first block of a list item, where a task's box may stand. */
  readonly firstInItem: boolean;
  readonly #lines: string[] = [];
  #lastIndent = 0;

  constructor(line: BlockLine, firstInItem: boolean) {
    this.line = line.number;
    this.start = line.start;
    this.textStart = line.start + line.nextNonspace;
    this.firstInItem = firstInItem;
  }

  add(line: BlockLine): void {
    this.#lines.push(line.content);
    this.#lastIndent = line.indent;
  }

  /** Whether a row of dashes below the last line makes that line the head of a table with as many columns. */
  canHeadTable(columns: number): boolean {
    return columns > 0 && this.#lastIndent < 4 && countCells(this.#lines.at(-1) ?? "") === columns;
  }

  /** Gives up the last line, which is a table's head. False when nothing is left. */
  dropLastLine(): boolean {
    this.#lines.pop();
    return this.#lines.length > 0;
  }

  get lineCount(): number {
    return this.#lines.length;
  }

  get firstLine(): string {
    return this.#lines[0] ?? "";
  }

  /** How many lines at the start are taken up by link reference definitions, which are no text. */
  get definitionLines(): number {
    const raw = this.#lines.join("\n");
    const skipped = skipDefinitions(raw);
    return skipped === 0 ? 0 : raw.slice(0, skipped).split("\n").length - (skipped < raw.length ? 1 : 0);
  }

  /** The lines from `first` on as one heading's text. */
  headingText(first: number): string {
    return this.#lines
      .slice(first)
      .map((line) => line.trim())
      .join(" ");
  }
}
