/** A regular expression as far as it can be matched in linear time. */
export type PatternNode =
  | { readonly kind: "one"; readonly character: RegExp }
  | { readonly kind: "start" | "end" }
  | { readonly kind: "sequence" | "either"; readonly parts: readonly PatternNode[] }
  | { readonly kind: "repeat"; readonly part: PatternNode; readonly least: number; readonly most: number };

/** Thrown for a pattern that is none, or that could take more than linear time. */
export class PatternError extends Error {}

const MAX_LENGTH = 500;

/**
 * Reads a regular expression. That it is one is JavaScript's to say; what a class or an escape means too: each is handed
 * back to it as a pattern for a single character.
 *
 * @throws PatternError
 */
export function parsePattern(source: string): PatternNode {
  if (source.length > MAX_LENGTH) throw new PatternError(`it has more than ${MAX_LENGTH} characters`);
  try {
    new RegExp(source, "u");
  } catch {
    throw new PatternError("it is no regular expression");
  }
  return new PatternReader(source).either();
}

/** One character's worth of pattern: an escape, a class, or a character that stands for itself. */
const ONE =
  /\\(?:u\{[0-9A-Fa-f]+\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|c[A-Za-z]|[pP]\{[^}]*\}|.)|\[(?:[^\]\\]|\\.)*\]|[^()|*+?{}^$]/suy;
const REPEAT = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})\??/y;

class PatternReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  either(): PatternNode {
    const parts = [this.#sequence()];
    while (this.#take("|")) parts.push(this.#sequence());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: "either", parts };
  }

  #sequence(): PatternNode {
    const parts: PatternNode[] = [];
    while (this.#at < this.#source.length && !/[|)]/.test(this.#source.charAt(this.#at))) {
      parts.push(this.#repeated(this.#part()));
    }
    return { kind: "sequence", parts };
  }

  #part(): PatternNode {
    if (this.#take("^")) return { kind: "start" };
    if (this.#take("$")) return { kind: "end" };
    if (this.#take("(")) return this.#group();
    const text = this.#match(ONE)?.[0] ?? "";
    if (text === "") throw new PatternError("it is no regular expression");
    if (/^\\(?:[1-9kbB])/.test(text)) throw new PatternError(`it may not use ${text}`);
    return { kind: "one", character: new RegExp(`^(?:${text})$`, "u") };
  }

  #group(): PatternNode {
    if (this.#take("?") && !this.#take(":")) throw new PatternError("it may use ( ) and (?: ) alone");
    const inner = this.either();
    this.#take(")");
    return inner;
  }

  #repeated(part: PatternNode): PatternNode {
    const found = this.#match(REPEAT);
    if (found === null) return part;
    const [, mark, from, comma, to] = found;
    const least = from === undefined ? (mark === "+" ? 1 : 0) : Number(from);
    const unbounded = from === undefined ? mark !== "?" : comma !== undefined && to === "";
    const bounded = from === undefined ? 1 : comma === undefined ? least : Number(to);
    return { kind: "repeat", part, least, most: unbounded ? Number.POSITIVE_INFINITY : bounded };
  }

  #take(text: string): boolean {
    if (!this.#source.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match !== null) this.#at = pattern.lastIndex;
    return match;
  }
}
