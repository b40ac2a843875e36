import { type HiddenKind, scanHidden } from "./characters.ts";
import { scanConfusables } from "./confusables.ts";
import { scanHiddenMarkup } from "./hidden-markup.ts";
import { LineIndex } from "./lines.ts";
import { scanPadding } from "./padding.ts";
import { formatCodePoint } from "./visible.ts";

export type FlagKind = HiddenKind | "confusable" | "padding" | "hidden-html" | "link-mismatch";

/** Something in a text that a person would not see, or would take for something else. */
export interface Flag {
  kind: FlagKind;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units, as editors count. */
  column: number;
  /** `U+200B ZERO WIDTH SPACE`, `an HTML comment`. */
  what: string;
}

/**
 * - `command`: what a shell will read. Look-alikes of ASCII count.
 * - `prose`, `markdown`: what people read. Letters of any script are normal; markup that hides or misleads counts.
 */
export type FlagContext = "prose" | "command" | "markdown";

const maxFlags = 1_000;

/** Everything in the text that calls for a second look, in order; the first thousand. Linear in the text. */
export function findFlags(text: string, context: FlagContext): Flag[] {
  const lines = new LineIndex(text);
  const flags: (Flag & { offset: number })[] = [];
  const add = (kind: FlagKind, offset: number, what: string) => {
    if (flags.length < maxFlags) flags.push({ kind, offset, ...lines.placeOf(offset), what });
  };
  for (const { kind, offset, codePoint } of scanHidden(text)) {
    if (flags.length >= maxFlags) break;
    add(kind, offset, nameCharacter(codePoint));
  }
  for (const offset of scanPadding(text)) add("padding", offset, "text pushed out of sight by white space");
  if (context === "command") {
    for (const { offset, codePoint } of scanConfusables(text))
      add("confusable", offset, nameCharacter(codePoint));
  } else {
    for (const { kind, offset, what } of scanHiddenMarkup(text)) add(kind, offset, what);
  }
  return flags.toSorted((a, b) => a.offset - b.offset).map(({ offset: _, ...flag }) => flag);
}

const names = new Map([
  [0x00, "NULL"],
  [0x07, "BELL"],
  [0x08, "BACKSPACE"],
  [0x0b, "LINE TABULATION"],
  [0x0c, "FORM FEED"],
  [0x0d, "CARRIAGE RETURN"],
  [0x1b, "ESCAPE"],
  [0x7f, "DELETE"],
  [0x85, "NEXT LINE"],
  [0x9b, "CONTROL SEQUENCE INTRODUCER"],
  [0x9d, "OPERATING SYSTEM COMMAND"],
  [0xa0, "NO-BREAK SPACE"],
  [0xad, "SOFT HYPHEN"],
  [0x34f, "COMBINING GRAPHEME JOINER"],
  [0x61c, "ARABIC LETTER MARK"],
  [0x200b, "ZERO WIDTH SPACE"],
  [0x200c, "ZERO WIDTH NON-JOINER"],
  [0x200d, "ZERO WIDTH JOINER"],
  [0x200e, "LEFT-TO-RIGHT MARK"],
  [0x200f, "RIGHT-TO-LEFT MARK"],
  [0x2028, "LINE SEPARATOR"],
  [0x2029, "PARAGRAPH SEPARATOR"],
  [0x202a, "LEFT-TO-RIGHT EMBEDDING"],
  [0x202b, "RIGHT-TO-LEFT EMBEDDING"],
  [0x202c, "POP DIRECTIONAL FORMATTING"],
  [0x202d, "LEFT-TO-RIGHT OVERRIDE"],
  [0x202e, "RIGHT-TO-LEFT OVERRIDE"],
  [0x2060, "WORD JOINER"],
  [0x2066, "LEFT-TO-RIGHT ISOLATE"],
  [0x2067, "RIGHT-TO-LEFT ISOLATE"],
  [0x2068, "FIRST STRONG ISOLATE"],
  [0x2069, "POP DIRECTIONAL ISOLATE"],
  [0x2800, "BRAILLE PATTERN BLANK"],
  [0x3164, "HANGUL FILLER"],
  [0xfeff, "BYTE ORDER MARK"],
]);

/** The code point with its name where it has one that people know, or else with what it is. */
function nameCharacter(codePoint: number): string {
  return `${formatCodePoint(codePoint)} ${names.get(codePoint) ?? describe(codePoint)}`;
}

function describe(codePoint: number): string {
  const character = String.fromCodePoint(codePoint);
  if (codePoint >= 0xe0020 && codePoint <= 0xe007f) return "TAG CHARACTER";
  if (/\p{Variation_Selector}/u.test(character)) return "VARIATION SELECTOR";
  if (/\p{Cc}/u.test(character)) return "CONTROL CHARACTER";
  if (/\p{Cs}/u.test(character)) return "LONE SURROGATE";
  if (/\p{M}/u.test(character)) return "STACKED MARK";
  if (/\p{Default_Ignorable_Code_Point}|\p{Cn}/u.test(character)) return "INVISIBLE CHARACTER";
  const like = character.normalize("NFKC");
  return like === character ? `(${character}) LOOKS LIKE ANOTHER` : `(${character}) IS NOT ${like}`;
}
