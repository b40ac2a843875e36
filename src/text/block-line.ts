/**
 * One line of Markdown while its markers are being read: a position as offset and as column, where a tab
 * reaches to the next multiple of four, and may be used up in part (CommonMark, section 2.2).
 */
export class BlockLine {
  /** Without the line ending. */
  readonly text: string;
  /** Of the line's first character, in the document. */
  readonly start: number;
  readonly number: number;
  offset = 0;
  column = 0;
  #partialTab = false;

  constructor(text: string, start: number, number: number) {
    this.text = text;
    this.start = start;
    this.number = number;
  }

  get rest(): string {
    return this.text.slice(this.offset);
  }

  /** Where the next character stands that is no space or tab. */
  get nextNonspace(): number {
    let at = this.offset;
    while (this.text[at] === " " || this.text[at] === "\t") at += 1;
    return at;
  }

  get isBlank(): boolean {
    return this.nextNonspace >= this.text.length;
  }

  /** Columns of white space from here. */
  get indent(): number {
    let column = this.column;
    for (let at = this.offset; at < this.text.length; at += 1) {
      if (this.text[at] === " ") column += 1;
      else if (this.text[at] === "\t") column += 4 - (column % 4);
      else break;
    }
    return column - this.column;
  }

  /** What stands after the white space. */
  get content(): string {
    return this.text.slice(this.nextNonspace);
  }

  get atSpace(): boolean {
    return this.text[this.offset] === " " || this.text[this.offset] === "\t";
  }

  skipSpaces(): void {
    const target = this.nextNonspace;
    this.advance(target - this.offset);
  }

  /** Moves over characters. */
  advance(count: number): void {
    for (let left = count; left > 0 && this.offset < this.text.length; left -= 1) {
      this.column += this.text[this.offset] === "\t" ? 4 - (this.column % 4) : 1;
      this.#partialTab = false;
      this.offset += 1;
    }
  }

  /** Moves over columns; may stop inside a tab. */
  advanceColumns(count: number): void {
    let left = count;
    while (left > 0 && this.offset < this.text.length) {
      if (this.text[this.offset] !== "\t") {
        this.column += 1;
        this.offset += 1;
        this.#partialTab = false;
        left -= 1;
        continue;
      }
      const width = 4 - (this.column % 4);
      const used = Math.min(left, width);
      this.#partialTab = used < width;
      this.column += used;
      if (!this.#partialTab) this.offset += 1;
      left -= used;
    }
  }

  /** What is left of the line, a tab that was used up in part as the spaces that remain of it. */
  remainder(): string {
    if (!this.#partialTab) return this.rest;
    return " ".repeat(4 - (this.column % 4)) + this.text.slice(this.offset + 1);
  }
}
