import { stripVTControlCharacters } from "node:util";
import type { Choice, CommandView, Operator, StepView } from "../../runbook/operator.ts";
import { makeVisible } from "../../text/visible.ts";
import { wrapProse } from "../../text/wrap.ts";
import type { Io } from "../io.ts";
import { LineReader } from "../line-reader.ts";
import { type Style, styleFor } from "../style.ts";
import { assignKeys } from "./choice-keys.ts";
import { CONTINUED, cut, widthOf } from "./render-page.ts";
import { renderCommand, renderStep } from "./render-step.ts";

/** The person at a terminal, line by line: what scrolled past stays readable above. */
export class TerminalOperator implements Operator {
  readonly who: string;
  readonly #io: Io;
  readonly #style: Style;
  readonly #lines: LineReader;

  constructor(io: Io, who: string) {
    this.who = who;
    this.#io = io;
    this.#style = styleFor(io);
    this.#lines = new LineReader(io);
  }

  showStep(view: StepView): void {
    this.#print(`\n${renderStep(view, this.#style, this.#io.columns)}`);
  }

  showCommand(view: CommandView): void {
    this.#print(`\n${renderCommand(view, this.#style).join("\n")}`);
  }

  say(message: string): void {
    this.#print(makeVisible(message));
  }

  output(stream: "stdout" | "stderr", text: string, host?: string): void {
    const from = host === undefined ? "  " : `  ${host} `;
    const paint = (bar: string) => (stream === "stdout" ? this.#style.dim(bar) : this.#style.yellow(bar));
    const room = Math.max(10, this.#io.columns - widthOf(from) - "│ ".length);
    // Cut by us: what a terminal wraps would begin at the margin, where vibeops speaks and asks.
    for (const line of text.replace(/\n$/, "").split("\n")) {
      for (const [i, row] of cut(line, room).entries())
        this.#print(`${from}${paint(i === 0 ? "│" : CONTINUED)} ${row}`);
    }
  }

  async choose<T extends string>(question: string, choices: readonly Choice<T>[]): Promise<T> {
    const keys = assignKeys(choices);
    const options = choices.map((choice, i) => {
      const text = keys[i]?.text ?? choice.label;
      return choice.isDefault === true ? `${this.#style.bold(text)} [Enter]` : text;
    });
    this.#print(`\n${this.#style.bold(wrapProse(makeVisible(question), this.#io.columns))}`);
    const prompt = layOutChoices(options, this.#io.columns);
    for (;;) {
      const typed = await this.#lines.ask(prompt);
      const answer = typed.trim().toLowerCase();
      const chosen = choices.find((choice, i) => {
        return typed === "" ? choice.isDefault === true : answer === keys[i]?.key || answer === choice.value;
      });
      if (chosen !== undefined) return chosen.value;
      this.#print(`Type one of: ${keys.map(({ key }) => key).join(", ")}`);
    }
  }

  async ask(question: string): Promise<string> {
    return await this.#lines.ask(`${makeVisible(question, { newlines: false })} `);
  }

  async paste(question: string): Promise<string> {
    this.#print(`${makeVisible(question)} ${this.#style.dim("(end with a line that holds only a dot)")}`);
    return await this.#lines.askText();
  }

  async interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return await this.#lines.interruptible(async (signal) => {
      // A step may take its time to end, and the person is not to press again.
      signal.addEventListener("abort", () => this.#print("\nEnding what runs …"), { once: true });
      return await run(signal);
    });
  }

  close(): void {
    this.#lines.close();
  }

  #print(text: string): void {
    this.#io.stdout.write(`${text}\n`);
  }
}

/** Beside each other, as many as fit into a row: none is broken in the middle. */
function layOutChoices(options: readonly string[], columns: number): string {
  const rows: string[] = [];
  for (const option of options) {
    const last = rows.at(-1);
    const longer = `${last}   ${option}`;
    const isFull = last === undefined || stripVTControlCharacters(longer).length + "   > ".length > columns;
    if (isFull) rows.push(option);
    else rows[rows.length - 1] = longer;
  }
  return `${rows.map((row) => `  ${row}`).join("\n")} > `;
}
