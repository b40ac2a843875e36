import { closeSync, constants, openSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";
import { type IPty, spawn } from "@lydell/node-pty";

export interface TerminalOptions {
  command: string;
  args?: readonly string[];
  cwd: string;
  env: Readonly<Record<string, string>>;
  cols?: number;
  rows?: number;
}

export interface ExpectOptions {
  /** In milliseconds; 30 seconds unless told. */
  timeout?: number;
}

export interface Exit {
  exitCode: number;
  signal?: number;
}

/** A program at a pseudo-terminal, played by the test as a person would. */
export class Terminal {
  readonly exited: Promise<Exit>;
  readonly #pty: IPty;
  readonly #rows: number;
  readonly #waiting = new Set<() => void>();
  #chunks: Buffer[] = [];
  #seen = 0;
  #exit: Exit | undefined;

  constructor({ command, args = [], cwd, env, cols = 100, rows = 40 }: TerminalOptions) {
    this.#rows = rows;
    this.#pty = spawn(command, [...args], {
      cwd,
      env: { ...env },
      cols,
      rows,
      name: env.TERM ?? "xterm-256color",
      encoding: null,
    });
    const other = holdOtherEnd(this.#pty);
    // With no encoding the chunks are Buffers, whatever the declared type says.
    this.#pty.onData((chunk: unknown) => this.#receive(chunk as Buffer));
    this.exited = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => {
        closeSync(other);
        this.#exit = { exitCode, ...(signal ? { signal } : {}) };
        resolve(this.#exit);
        this.#wake();
      });
    });
  }

  /** Every byte that came to the terminal. */
  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** What came to the terminal, escape sequences and all. */
  get output(): string {
    return this.bytes.toString("utf8");
  }

  /** What a person reads, in the order in which it came: without escape sequences, with plain line ends. */
  get text(): string {
    return cleanOutput(this.output);
  }

  /** The last lines, as many as the terminal has. */
  get screen(): string {
    return this.text.trimEnd().split("\n").slice(-this.#rows).join("\n");
  }

  /**
   * Waits until the text after the last match holds the pattern, and returns the match. Throws with the last
   * screen when the time is over, or when the program has ended without it.
   */
  async expect(pattern: RegExp | string, { timeout = 30_000 }: ExpectOptions = {}): Promise<RegExpExecArray> {
    const expression = toExpression(pattern);
    const deadline = Date.now() + timeout;
    for (;;) {
      const found = this.#search(expression);
      if (found) return found;
      if (this.#exit) throw this.#fail(pattern, `ended with exit code ${this.#exit.exitCode}`);
      const left = deadline - Date.now();
      if (left <= 0) throw this.#fail(pattern, `did not show it within ${timeout} ms`);
      await this.#nextChange(left);
    }
  }

  /** Types text as it is; a return key is `\r`, control-C is `\x03`. */
  type(text: string): void {
    this.#pty.write(text);
  }

  resize(cols: number, rows: number): void {
    this.#pty.resize(cols, rows);
  }

  /** Hangs up, as a closed window or a dead laptop does. Harmless after the end. */
  hangUp(signal = "SIGHUP"): void {
    if (!this.#exit) this.#pty.kill(signal);
  }

  get pid(): number {
    return this.#pty.pid;
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(Buffer.from(chunk));
    this.#wake();
  }

  #search(expression: RegExp): RegExpExecArray | undefined {
    const found = expression.exec(this.text.slice(this.#seen));
    if (!found) return undefined;
    this.#seen += found.index + found[0].length;
    return found;
  }

  #nextChange(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, milliseconds);
      this.#waiting.add(wake);
    });
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  #fail(pattern: RegExp | string, what: string): Error {
    return new Error(`expected ${pattern} but the program ${what}. The last screen:\n${this.screen}`);
  }
}

/**
 * Keeps the program's end of the pseudo-terminal open after the program. Were it to close at once, the event loop
 * would take that for the end of the stream, and the last lines could be lost.
 */
function holdOtherEnd(pty: IPty): number {
  const { ptsName } = pty as unknown as { ptsName: string };
  return openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY);
}

export function openTerminal(options: TerminalOptions): Terminal {
  return new Terminal(options);
}

function toExpression(pattern: RegExp | string): RegExp {
  if (typeof pattern !== "string") return new RegExp(pattern.source, pattern.flags.replace(/[gy]/g, ""));
  return new RegExp(pattern.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
}

function cleanOutput(output: string): string {
  return stripVTControlCharacters(output).replaceAll(/\r+\n/g, "\n");
}
