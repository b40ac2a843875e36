import { Exit, VibeopsError } from "../errors.ts";
import { foldText } from "../text/fold.ts";

/** One word, or several that stand one after the other, with a line break between them or not. Folded. */
export type Term = readonly [string, ...string[]];

/**
 * What to look for, from the words of a command line: each is a word, or a phrase where the person's quotes kept it
 * together or stand in it (`"renew certificate"`). A memo has to hold all of them.
 *
 * @throws VibeopsError `usage.words` where nothing is left to look for
 */
export function parseTerms(words: readonly string[]): Term[] {
  const phrases = words.flatMap((word) => (word.includes('"') ? splitQuoted(word) : [word]));
  const terms = phrases.flatMap((phrase) => {
    const [first, ...others] = foldText(phrase)
      .split(/\s+/)
      .filter((word) => word !== "");
    return first === undefined ? [] : [[first, ...others] as const];
  });
  if (terms.length > 0) return terms;
  throw new VibeopsError({
    code: "usage.words",
    exit: Exit.usage,
    message: "there is no word to look for",
    fix: 'vibeops memo search WORD…, or "A PHRASE"',
  });
}

/** Words at spaces, but for what stands in double quotes; a quote that is never closed is a character like others. */
function splitQuoted(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, phrase, word]) => phrase ?? word ?? "");
}

/** Where a term stands in folded text, as offset and end; in order. */
export function* findTerm(folded: string, term: Term): Generator<{ start: number; end: number }> {
  const [first, ...others] = term;
  for (let start = folded.indexOf(first); start !== -1; start = folded.indexOf(first, start + 1)) {
    const end = endOfPhrase(folded, start + first.length, others);
    if (end !== -1) yield { start, end };
  }
}

function endOfPhrase(folded: string, from: number, others: readonly string[]): number {
  let end = from;
  for (const word of others) {
    let next = end;
    while (isSpace(folded.charCodeAt(next))) next += 1;
    if (next === end || !folded.startsWith(word, next)) return -1;
    end = next + word.length;
  }
  return end;
}

function isSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d) || code === 0xa0;
}

export function holdsTerm(folded: string, term: Term): boolean {
  return term.length === 1 ? folded.includes(term[0]) : !findTerm(folded, term).next().done;
}
