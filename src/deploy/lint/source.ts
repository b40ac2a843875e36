import { LineIndex } from "../../text/lines.ts";

/** A file's text and its lines. */
export class Source {
  /** Absolute. */
  readonly path: string;
  /** Without a byte order mark. */
  readonly text: string;
  readonly #hasMark: boolean;
  #lines: LineIndex | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.#hasMark = text.startsWith("\uFEFF");
    this.text = this.#hasMark ? text.slice(1) : text;
  }

  /** Line and column from 1, columns in UTF-16 units, of an offset into the text. Never past the last line. */
  placeOf(offset: number): { line: number; column: number } {
    this.#lines ??= new LineIndex(this.text);
    const { line, column } = this.#lines.placeOf(Math.min(Math.max(0, offset), this.text.length));
    return { line, column: line === 1 && this.#hasMark ? column + 1 : column };
  }
}
