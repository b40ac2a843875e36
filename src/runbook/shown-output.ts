import { findSecrets, redactSecrets, type SecretHit } from "../text/secrets.ts";
import { makeVisible } from "../text/visible.ts";

/** Characters of one stream that a person is shown as they come; of what follows, only the end. */
const SHOWN = 128 * 1024;
const SHOWN_END = 4 * 1024;
/** A line that is longer comes in pieces. What is held back of it is longer than any secret on one line. */
const LONGEST_LINE = 64 * 1024;
const HELD_BACK = 16 * 1024;
/** How far before a secret stands what tells that it is one, such as the name of a command. */
const CONTEXT = 2 * 1024;
/** Longer than the longest secret of several lines, a private key. */
const KEPT_END = 32 * 1024;

/**
 * A stream of a step's output on its way to the screen: redacted, made visible, by whole lines, and not more than
 * a person can read. However the output was cut on its way here, a secret in it is known as one. Memory and time
 * per character are bounded whatever comes.
 */
export class ShownOutput {
  readonly #show: (text: string) => void;
  /** What was shown last, as it came. */
  #context = "";
  #pending = "";
  #shown = 0;
  #left = 0;

  constructor(show: (text: string) => void) {
    this.#show = show;
  }

  push(text: string): void {
    this.#pending += text;
    if (this.#shown >= SHOWN) this.#leaveOut();
    else if (text.includes("\n") || this.#pending.length > LONGEST_LINE) this.#pass();
  }

  end(): void {
    if (this.#shown < SHOWN) this.#emit(this.#pending.length, true);
    const length = Math.min(SHOWN_END, this.#pending.length);
    if (length === 0) return;
    const before = this.#left === 0 ? this.#context : "";
    const end = redactSecrets(before + this.#pending).slice(-length);
    this.#show(`[… ${this.#left + this.#pending.length - length} characters not shown here …]\n`);
    this.#show(makeVisible(end));
    this.#pending = "";
  }

  #leaveOut(): void {
    const surplus = this.#pending.length - KEPT_END;
    // Cut only now and then: cutting at every piece would cost the square of the output.
    if (surplus < KEPT_END) return;
    this.#pending = this.#pending.slice(surplus);
    this.#left += surplus;
  }

  #pass(): void {
    const newline = this.#pending.lastIndexOf("\n") + 1;
    const rest = this.#pending.length - newline;
    this.#emit(rest > LONGEST_LINE ? this.#pending.length - HELD_BACK : newline);
  }

  /** Shows up to a position, or up to a secret that goes on past it or may yet do so. */
  #emit(wanted: number, isLast = false): void {
    const text = this.#context + this.#pending;
    const from = this.#context.length;
    const secrets = findSecrets(text);
    const to = isLast ? text.length : Math.max(from, safeEnd(text, from + wanted, secrets));
    if (to === from) return;
    this.#context = text.slice(Math.max(0, to - CONTEXT), to);
    this.#pending = text.slice(to);
    this.#shown += to - from;
    this.#show(makeVisible(redactSpan(text, from, to, secrets)));
  }
}

/** The last place up to the one that is wanted where the text can be cut without cutting a secret or a character. */
function safeEnd(text: string, wanted: number, secrets: readonly SecretHit[]): number {
  const open = secrets.find(({ start, end }) => start < wanted && (end > wanted || end === text.length));
  const to = Math.min(wanted, open?.start ?? wanted);
  return /[\r\uD800-\uDBFF]/.test(text[to - 1] ?? "") ? to - 1 : to;
}

function redactSpan(text: string, from: number, to: number, secrets: readonly SecretHit[]): string {
  let shown = "";
  let position = from;
  for (const { kind, start, end } of secrets) {
    if (end <= from || start >= to) continue;
    shown += `${text.slice(position, Math.max(from, start))}[redacted ${kind}]`;
    position = Math.min(end, to);
  }
  return shown + text.slice(position, to);
}
