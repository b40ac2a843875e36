import { Exit, VibeopsError } from "../errors.ts";
import { makeVisible } from "../text/visible.ts";
import type { CommandView, Operator, StepView } from "./operator.ts";

/** Stands where a person would, in a walk of delegated steps: tells what runs, line by line, and answers nothing. */
export class DelegatedOperator implements Operator {
  readonly who: string;
  readonly #tell: (line: string) => void;
  readonly #signal: AbortSignal;

  constructor(
    who: string,
    { tell, signal }: { tell: (line: string) => void; signal?: AbortSignal | undefined },
  ) {
    this.who = who;
    this.#tell = tell;
    this.#signal = signal ?? new AbortController().signal;
  }

  showStep(view: StepView): void {
    this.#tell(`Step ${view.number} of ${view.of}: ${view.title} (${view.action ?? "no action"}, delegated)`);
  }

  showCommand(view: CommandView): void {
    this.#tell(`${view.kind} on ${view.hosts.join(", ")}`);
  }

  say(message: string): void {
    this.#tell(makeVisible(message));
  }

  output(_stream: "stdout" | "stderr", text: string, host?: string): void {
    const from = host === undefined ? "" : `${host} `;
    for (const line of text.replace(/\n$/, "").split("\n")) this.#tell(`  ${from}| ${line}`);
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
    return await run(this.#signal);
  }

  #nobody(question: string): VibeopsError {
    return new VibeopsError({
      code: "delegated.person",
      exit: Exit.humanNeeded,
      message: `a person must say: ${makeVisible(question, { newlines: false })}`,
      fix: "a person types: vibeops runbook run ID",
    });
  }
}
