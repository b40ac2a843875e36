import type { AgentEvent } from "../agent/agent-report.ts";

/** A line that is finished and scrolls away. */
export interface SessionLine {
  readonly number: number;
  readonly kind: AgentEvent["kind"];
  readonly text: string;
}

/** Where a session stands. */
export interface SessionView {
  readonly lines: readonly SessionLine[];
  /** The line that the model is in the middle of; empty where it is not. */
  readonly saying: string;
  /** What is being done or waited for. */
  readonly now: string;
  readonly spent: AgentEvent["spent"];
}

/** So much of one event is shown; the transcript has it whole. */
const LONGEST = 400;

export function shortenEvent(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** So much of a line that the model is still saying is shown: more than a screen cannot be drawn again. */
const LONGEST_TAIL = 300;

/** What a session came to so far, as lines, and what its last one says as long as it grows. */
export class SessionLog {
  readonly #lines: SessionLine[] = [];
  #saying = "";
  #now = "asking the model";
  #spent: AgentEvent["spent"];

  add({ kind, text, spent }: AgentEvent): void {
    if (kind === "say") {
      this.#say(text);
      return;
    }
    this.finish();
    if (kind === "usage") this.#spent = spent;
    else this.#push(kind, shortenEvent(text));
    this.#now = WHAT_NOW[kind] ?? "asking the model";
  }

  /** What was being said is said. */
  finish(): void {
    if (this.#saying !== "") this.#push("say", this.#saying);
    this.#saying = "";
  }

  /** For drawing: React compares by identity. */
  copy(): SessionView {
    return {
      lines: [...this.#lines],
      saying: this.#saying.slice(-LONGEST_TAIL),
      now: this.#now,
      spent: this.#spent,
    };
  }

  #say(text: string): void {
    const lines = (this.#saying + text).split("\n");
    this.#saying = lines.pop() ?? "";
    for (const line of lines) this.#push("say", line);
    this.#now = "the model speaks";
  }

  #push(kind: AgentEvent["kind"], text: string): void {
    this.#lines.push({ number: this.#lines.length, kind, text });
  }
}

const WHAT_NOW: Readonly<Partial<Record<AgentEvent["kind"], string>>> = {
  call: "a tool works",
  wait: "waiting for the provider",
  left: "handing over",
  end: "done",
};
