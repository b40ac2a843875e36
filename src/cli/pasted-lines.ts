import type { Readable, Writable } from "node:stream";

/** A key as Node.js's readline reads it from a terminal. */
interface Key {
  name?: string | undefined;
  ctrl?: boolean | undefined;
}

/**
 * Tells what is pasted from what is typed: asked to (xterm's bracketed paste), a terminal says where a pasted text begins
 * and ends. It is kept back up to its end: the line editor takes one key at a time, and for each looks at the whole line.
 * To be made before that editor, so that a key comes here first.
 */
export class PastedLines {
  readonly #stdin: Readable;
  readonly #stdout: Writable;
  readonly #onPaste: (text: string) => void;
  readonly #onKey = (text: string | undefined, key: Key | undefined) => this.#take(text, key ?? {});
  /** Undefined where nothing is being pasted. */
  #text: string[] | undefined;
  #isAsked = false;

  /** @param onPaste is given the whole text, its lines ended by `\n` */
  constructor(stdin: Readable, stdout: Writable, onPaste: (text: string) => void) {
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#onPaste = onPaste;
    stdin.on("keypress", this.#onKey);
  }

  /** Asks the terminal, from here until `stop`: a program that gets the terminal in between would read the marks as text. */
  start(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#stdout.write("\x1b[?2004h");
  }

  stop(): void {
    this.#text = undefined;
    if (!this.#isAsked) return;
    this.#isAsked = false;
    this.#stdout.write("\x1b[?2004l");
  }

  close(): void {
    this.stop();
    this.#stdin.off("keypress", this.#onKey);
  }

  #take(text: string | undefined, key: Key): void {
    if (key.name === "paste-start") this.#text = [];
    else if (key.name === "paste-end") {
      const pasted = this.#text?.join("").replaceAll(/\r\n?/g, "\n") ?? "";
      this.#text = undefined;
      if (pasted !== "") this.#onPaste(pasted);
    } else if (this.#text !== undefined && key.ctrl !== true) {
      this.#text.push(text ?? "");
      // The one key that the editor passes over before it looks at what it would insert.
      key.name = "escape";
    }
  }
}
