import { createInterface, type Interface } from "node:readline";
import { Exit, VibeopsError } from "../errors.ts";
import type { Io } from "./io.ts";
import { lendTerminal } from "./lend-terminal.ts";
import { PastedLines } from "./pasted-lines.ts";
import { stopAtCtrlZ } from "./stop-at-ctrl-z.ts";

interface Line {
  readonly text: string;
  /** Whether its end was pasted with it. */
  readonly isPasted: boolean;
}

/**
 * Lines from the person, one at a time. Ctrl-C and the end of the input reject as
 * an interruption, or go to whoever is listening for it; where nobody is, to whatever comes next.
 */
export class LineReader {
  readonly #io: Io;
  readonly #lines: Interface;
  /** Undefined where there is no terminal, or none that could say what is pasted. */
  readonly #pasted: PastedLines | undefined;
  readonly #queue: Line[] = [];
  #waiting: { resolve: (line: Line) => void; reject: (error: unknown) => void } | null = null;
  /** Lines are wanted, up to a dot. */
  #isText = false;
  #isPasting = false;
  #ended = false;
  /** Ctrl-C came while there was neither a question nor anything that runs. */
  #isPressed = false;
  #onInterrupt: (() => void) | null = null;

  constructor(io: Io) {
    this.#io = io;
    if (io.isInteractive && io.context.env.TERM !== "dumb") {
      this.#pasted = new PastedLines(io.stdin, io.stdout, (text) => this.#receivePasted(text));
    }
    this.#lines = createInterface({
      input: io.stdin,
      output: io.stdout,
      terminal: io.isInteractive,
      historySize: 0,
    });
    this.#lines.on("line", (line) => this.#receive(line));
    this.#lines.on("SIGINT", () => this.#interrupt());
    this.#lines.on("close", () => this.#end());
    stopAtCtrlZ(this.#lines, io.stdin, this.#pasted);
  }

  /**
   * The answer to a question that is shown now: what was typed before it was shown answers nothing, and no line end in a
   * text that is pasted is taken for Enter.
   *
   * @throws VibeopsError `interrupted` (exit 130)
   */
  async ask(prompt: string): Promise<string> {
    this.#forget();
    try {
      return (await this.#next(prompt)).text;
    } finally {
      this.#pasted?.stop();
    }
  }

  /**
   * Lines up to one that holds only a dot; within a pasted text, such as what `ls -a` prints, that is a line like any other.
   *
   * @throws VibeopsError `interrupted` (exit 130)
   */
  async askText(): Promise<string> {
    this.#forget();
    this.#isText = true;
    const lines: string[] = [];
    try {
      for (;;) {
        const { text, isPasted } = await this.#next("");
        if (text === "." && !isPasted) return lines.join("\n");
        lines.push(text);
      }
    } finally {
      this.#isText = false;
      this.#pasted?.stop();
    }
  }

  async #next(prompt: string): Promise<Line> {
    const line = this.#queue.shift();
    if (line !== undefined) return line;
    if (this.#ended || this.#takePress()) throw interrupted();
    this.#pasted?.start();
    this.#lines.setPrompt(prompt);
    this.#lines.prompt();
    return await new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /**
   * Runs something during which Ctrl-C aborts the signal instead of leaving, and during which the terminal is for the programs
   * that it starts. Where the person left or pressed Ctrl-C before, the signal is aborted from the start.
   */
  async interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const abort = () => controller.abort();
    if (this.#takePress() || this.#ended) abort();
    this.#onInterrupt = abort;
    const takeBack = this.#ended ? () => {} : lendTerminal(this.#lines, this.#io.stdin, abort);
    try {
      return await run(controller.signal);
    } finally {
      takeBack();
      this.#onInterrupt = null;
    }
  }

  close(): void {
    this.#pasted?.close();
    this.#lines.close();
  }

  #receive(text: string): void {
    const line = { text, isPasted: this.#isPasting };
    if (this.#waiting === null) {
      this.#queue.push(line);
      return;
    }
    const { resolve } = this.#waiting;
    this.#waiting = null;
    resolve(line);
  }

  #interrupt(): void {
    if (this.#onInterrupt !== null) this.#onInterrupt();
    else if (this.#waiting !== null) this.#reject();
    else this.#isPressed = true;
  }

  #takePress(): boolean {
    const isPressed = this.#isPressed;
    this.#isPressed = false;
    return isPressed;
  }

  /** Its line ends part words, unless lines are what was asked for. */
  #receivePasted(text: string): void {
    this.#isPasting = true;
    this.#lines.write(this.#isText ? text : text.replaceAll("\n", " "));
    this.#isPasting = false;
  }

  #forget(): void {
    this.#queue.length = 0;
    if (this.#ended || this.#lines.line === "") return;
    this.#lines.setPrompt("");
    this.#lines.write(null, { ctrl: true, name: "u" });
  }

  #end(): void {
    this.#ended = true;
    this.#onInterrupt?.();
    this.#reject();
  }

  #reject(): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) return;
    // The cursor stands behind the question; what is said next begins on a line of its own.
    if (this.#io.isInteractive) this.#io.stdout.write("\n");
    waiting.reject(interrupted());
  }
}

function interrupted(): VibeopsError {
  return new VibeopsError({
    code: "interrupted",
    exit: Exit.interrupted,
    message: "left by the person at the terminal",
  });
}
