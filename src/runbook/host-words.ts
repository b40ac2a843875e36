/** What the wrapper says on standard error between the step's own output. */
export type WrapperWord =
  | { readonly word: "ready" | "refused" | "unlocked" }
  | { readonly word: "ended"; readonly exit: number; readonly cause: "done" | "eof" | "late" | "silent" };

/** The longest word with its exit status and cause; what is longer is none of ours. */
const LONGEST = 32;

/**
 * Parts the wrapper's words from the step's standard error, however the bytes come in. What may be the beginning
 * of a word is held back until it is known.
 */
export class WordFilter {
  readonly #marker: string;
  readonly #onText: (text: string) => void;
  readonly #onWord: (word: WrapperWord) => void;
  #pending = "";

  constructor(token: string, onText: (text: string) => void, onWord: (word: WrapperWord) => void) {
    this.#marker = `\n${token} `;
    this.#onText = onText;
    this.#onWord = onWord;
  }

  push(text: string): void {
    this.#pending += text;
    for (;;) {
      const at = this.#pending.indexOf(this.#marker);
      if (at === -1) break;
      const start = at + this.#marker.length;
      const end = this.#pending.indexOf("\n", start);
      if (end === -1 && this.#pending.length - start <= LONGEST) {
        this.#emit(at);
        return;
      }
      const word = end === -1 ? null : readWord(this.#pending.slice(start, end));
      // With the token and no word of ours after it, it is text like any other.
      this.#emit(word === null ? start : at);
      if (word === null) continue;
      this.#pending = this.#pending.slice(end - at + 1);
      this.#onWord(word);
    }
    this.#emit(this.#pending.length - heldBack(this.#pending, this.#marker));
  }

  end(): void {
    this.#emit(this.#pending.length);
  }

  #emit(length: number): void {
    if (length <= 0) return;
    this.#onText(this.#pending.slice(0, length));
    this.#pending = this.#pending.slice(length);
  }
}

/** A line of a greeting that is longer comes in pieces. */
const LONGEST_LINE = 8 * 1024;

/**
 * Parts what a host prints before the step, such as the greeting of a login shell, from the step's standard output. The
 * wrapper says in that very stream where the step's begins: the order of two streams is nothing to go by.
 */
export class GreetingFilter {
  readonly #marker: string;
  readonly #onGreeting: (text: string) => void;
  readonly #onText: (text: string) => void;
  /** Begins with the line end that was passed on last, as long as whole lines are. */
  #pending = "\n";
  #passed = 1;
  #begun = false;

  /** @param onGreeting is given whole lines, since others write beside it */
  constructor(token: string, onGreeting: (text: string) => void, onText: (text: string) => void) {
    this.#marker = `\n${token} begin\n`;
    this.#onGreeting = onGreeting;
    this.#onText = onText;
  }

  push(text: string): void {
    if (this.#begun) {
      this.#onText(text);
      return;
    }
    this.#pending += text;
    const at = this.#pending.indexOf(this.#marker);
    if (at === -1) {
      this.#greetByLines();
      return;
    }
    this.#begun = true;
    const rest = this.#pending.slice(at + this.#marker.length);
    // A line that the greeting left open is ended by the marker's own line end.
    this.#greet(this.#pending[at - 1] === "\n" ? at : at + 1);
    this.#onText(rest);
  }

  /** Where the step never began, all that came is about why. */
  end(): void {
    if (!this.#begun) this.#greet(this.#pending.length);
  }

  #greetByLines(): void {
    const end = this.#pending.lastIndexOf("\n");
    // An empty line may be the beginning of the marker.
    const lines = end > 0 && this.#pending[end - 1] === "\n" ? end - 1 : end;
    if (lines > 0) {
      this.#greet(lines + 1);
      this.#pending = `\n${this.#pending}`;
      this.#passed = 1;
    }
    if (this.#pending.length < LONGEST_LINE) return;
    this.#greet(this.#pending.length - heldBack(this.#pending, this.#marker));
  }

  #greet(length: number): void {
    const text = this.#pending.slice(this.#passed, length);
    this.#pending = this.#pending.slice(length);
    this.#passed = 0;
    if (text !== "") this.#onGreeting(text);
  }
}

/** How many characters at the end of the text could begin the marker. */
function heldBack(text: string, marker: string): number {
  for (let length = Math.min(text.length, marker.length - 1); length > 0; length -= 1) {
    if (marker.startsWith(text.slice(-length))) return length;
  }
  return 0;
}

function readWord(text: string): WrapperWord | null {
  if (text === "ready" || text === "refused" || text === "unlocked") return { word: text };
  const [, exit, cause] = /^ended (\d{1,3}) (done|eof|late|silent)$/.exec(text) ?? [];
  if (exit === undefined || cause === undefined) return null;
  return { word: "ended", exit: Number(exit), cause: cause as "done" | "eof" | "late" | "silent" };
}
