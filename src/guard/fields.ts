import { ONE, UNKNOWN } from "./markers.ts";

/** A piece of a word: quoted text stays whole, text from an unquoted expansion is split at white space. */
export interface Piece {
  text: string;
  splits: boolean;
}

/** One way a word may turn out: the words that it becomes, none where it vanishes. */
export type Fields = readonly string[];

export function quoted(text: string): Piece {
  return { text, splits: false };
}

export function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + piece.text.length, 0);
}

/** Field splitting: unquoted expansions break at white space, and vanish where they are empty. */
export function splitFields(pieces: readonly Piece[]): Fields {
  const fields: string[] = [];
  let current = "";
  let isOpen = false;
  for (const piece of pieces) {
    if (!piece.splits) {
      current += piece.text;
      isOpen = true;
      continue;
    }
    const words = piece.text.replaceAll(ONE, "").split(/[ \t\n]+/);
    for (const [index, word] of words.entries()) {
      if (index > 0 && isOpen) {
        fields.push(current);
        current = "";
        isOpen = false;
      }
      current += word;
      isOpen ||= word !== "";
    }
  }
  if (isOpen) fields.push(current);
  return fields;
}

/** Says of a field that is not known at all that it is one word. */
export function markOne(fields: Fields): Fields {
  return fields.map((field) => (field === UNKNOWN ? UNKNOWN + ONE : field));
}
