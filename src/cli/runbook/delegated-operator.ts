import { Exit, VibeopsError } from "../../errors.ts";
import type { CommandView, Operator, StepView } from "../../runbook/operator.ts";
import { makeVisible } from "../../text/visible.ts";
import type { Io } from "../io.ts";

/** Stands where a person would, in a walk of delegated steps: shows what runs on standard error, answers nothing. */
export class DelegatedOperator implements Operator {
  readonly who: string;
  readonly #io: Io;

  constructor(io: Io, who: string) {
    this.who = who;
    this.#io = io;
  }

  showStep(view: StepView): void {
    this.#print(
      `Step ${view.number} of ${view.of}: ${view.title} (${view.action ?? "no action"}, delegated)`,
    );
  }

  showCommand(view: CommandView): void {
    this.#print(`${view.kind} on ${view.hosts.join(", ")}`);
  }

  say(message: string): void {
    this.#print(makeVisible(message));
  }

  output(_stream: "stdout" | "stderr", text: string, host?: string): void {
    const from = host === undefined ? "" : `${host} `;
    for (const line of text.replace(/\n$/, "").split("\n")) this.#print(`  ${from}| ${line}`);
  }

  async choose(question: string): Promise<never> {
    throw this.#nobody(question);
  }

  async ask(question: string): Promise<never> {
    throw this.#nobody(question);
  }

  async paste(question: string): Promise<never> {
    throw this.#nobody(question);
  }

  async interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return await run(new AbortController().signal);
  }

  #nobody(question: string): VibeopsError {
    return new VibeopsError({
      code: "delegated.person",
      exit: Exit.humanNeeded,
      message: `a person must say: ${makeVisible(question, { newlines: false })}`,
      fix: "a person types: vibeops runbook run",
    });
  }

  #print(text: string): void {
    this.#io.stderr.write(`${text}\n`);
  }
}
