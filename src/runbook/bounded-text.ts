/** Collects output and keeps its beginning and its end when there is too much of it. */
export class BoundedText {
  readonly #half: number;
  #head = "";
  #tail = "";
  #dropped = 0;

  /** `limit` in characters. */
  constructor(limit: number) {
    this.#half = Math.floor(limit / 2);
  }

  push(text: string): void {
    const room = this.#half - this.#head.length;
    this.#head += text.slice(0, Math.max(0, room));
    this.#tail += text.slice(Math.max(0, room));
    // Cut only now and then: cutting at every piece would cost the square of the output.
    if (this.#tail.length > 2 * this.#half) this.#cut();
  }

  #cut(): void {
    const surplus = this.#tail.length - this.#half;
    if (surplus <= 0) return;
    this.#tail = this.#tail.slice(surplus);
    this.#dropped += surplus;
  }

  toString(): string {
    this.#cut();
    const gap = this.#dropped === 0 ? "" : `\n[… ${this.#dropped} characters left out …]\n`;
    return `${this.#head}${gap}${this.#tail}`;
  }
}

/** A text cut in its middle to about `limit` characters. */
export function boundText(text: string, limit: number): string {
  const bounded = new BoundedText(limit);
  bounded.push(text);
  return bounded.toString();
}
