import { lazyPattern } from "./lazy-pattern.ts";

/**
 * The sentences in a shell script: strings and comments whose first word is in another alphabet and looks like nothing
 * else, up to where a command could begin. In them `для а с о` are words like others, and dashes and full-width forms are
 * punctuation; anywhere else they could stand for ASCII. To be asked with growing offsets.
 */
export class QuotedProse {
  readonly #text: string;
  readonly #looksLatin: (word: string) => boolean;
  #passages: Iterator<Passage> | undefined;
  #passage: Passage | undefined;

  /** @param looksLatin whether a word could be taken for an ASCII one */
  constructor(text: string, looksLatin: (word: string) => boolean) {
    this.#text = text;
    this.#looksLatin = looksLatin;
  }

  /** Whether the sentence around the offset began in another alphabet. */
  holds(offset: number): boolean {
    const passage = this.#passageAt(offset);
    return passage !== null && offset > passage.offset && this.#isOther(passage.first);
  }

  /** Whether the word, which looks Latin, stands in a sentence of its own alphabet. */
  holdsWord(word: string, offset: number): boolean {
    const passage = this.#passageAt(offset);
    const script = scripts().find((one) => one.test(word));
    if (passage === null || script === undefined) return false;
    if (offset > passage.offset) return script.test(passage.first) && this.#isOther(passage.first);
    // The first word may be a program's name, and none has one letter.
    nextWord.lastIndex = offset + word.length;
    const after = nextWord.exec(this.#text)?.[1] ?? "";
    return word.length === 1 && script.test(after) && this.#isOther(after);
  }

  #isOther(word: string): boolean {
    return /[^\0-\x7f]/.test(word) && !/\p{Script=Latin}/u.test(word) && !this.#looksLatin(word);
  }

  #passageAt(offset: number): Passage | null {
    this.#passages ??= findPassages(this.#text);
    while (this.#passage === undefined || this.#passage.end <= offset) {
      const next = this.#passages.next();
      if (next.done) return null;
      this.#passage = next.value;
    }
    return offset >= this.#passage.offset ? this.#passage : null;
  }
}

interface Passage {
  first: string;
  /** Of the first word. */
  offset: number;
  /** Of what could begin a command, or of the quotation mark. */
  end: number;
}

const someWord = /[\p{L}\p{M}\p{N}_]+/u;
const nextWord = / +([\p{L}\p{M}\p{N}_]+)/uy;

/** The alphabets of whose letters some look Latin, and which put spaces between words. */
const scripts = lazyScripts("Cyrillic", "Greek", "Armenian");

function lazyScripts(...names: string[]): () => RegExp[] {
  const patterns = names.map((name) => lazyPattern(`^[\\p{Script=${name}}\\p{M}]+$`, "u"));
  return () => patterns.map((pattern) => pattern());
}

/** Between single or double quotes, and after the mark of a comment; what a backslash precedes is neither. */
function* findPassages(text: string): Generator<Passage> {
  const marks = /\\.|'([^']*)'|"((?:[^"\\]|\\.)*)"|(?<=^|\s)#([^\n]*)/gs;
  for (const match of text.matchAll(marks)) {
    const whole = match[1] ?? match[2] ?? match[3];
    const [passage = ""] = whole?.split(/[;&|`$(){}<>=\\\n\r]/, 1) ?? [];
    const first = someWord.exec(passage);
    const start = match.index + 1;
    if (first !== null) yield { first: first[0], offset: start + first.index, end: start + passage.length };
  }
}
