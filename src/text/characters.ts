import { lazyPattern } from "./lazy-pattern.ts";

/** What a character can be that a person would not see, or that a terminal would obey. */
export type HiddenKind = "control" | "bidi" | "invisible";

export interface HiddenCharacter {
  kind: HiddenKind;
  /** In UTF-16 units. */
  offset: number;
  length: number;
  codePoint: number;
}

// Not in literals: the compiler's target year has no flag v yet, though every Node from 20 on has it.
const sets = "v";

/**
 * By Unicode property, not by list: every control but newline and tab, every bidirectional control, all that is
 * default-ignorable, the line and paragraph separators, noncharacters, lone surrogates, what only fonts know to be
 * empty, and the ninth and later marks stacked on one letter.
 */
const suspicious = lazyPattern(
  String.raw`[[\p{Cc}--[\n\t]]\p{Zl}\p{Zp}\u2800\ufff9-\ufffb\u{13441}\u{13442}\u{16fe4}\u{1d159}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}` +
    String.raw`\p{Noncharacter_Code_Point}\p{Cs}]|\p{M}(?<=\p{M}{9})`,
  `g${sets}`,
);

const bidi = lazyPattern(String.raw`\p{Bidi_Control}`, "u");
const pictograph = lazyPattern(String.raw`^[\p{Emoji}--\p{ASCII}]$`, sets);

/** Scripts whose spelling needs the zero-width joiner or non-joiner between letters. */
const joining =
  "Arabic Syriac Mongolian Nko Mandaic Manichaean Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada " +
  "Malayalam Sinhala Khmer Myanmar Tibetan Balinese Javanese Sundanese Brahmi Kaithi Grantha Newa Chakma";
const joiningLetter = lazyPattern(
  `^[[\\p{L}\\p{M}]&&[${joining
    .split(" ")
    .map((script) => `\\p{Script_Extensions=${script}}`)
    .join("")}]]$`,
  sets,
);

/** After one, a joiner says how the last letter of a word is drawn. */
const virama = /[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca]/;
const wordEnd = lazyPattern(String.raw`^[\p{P}\p{S}\p{Z}\n\r\t]$`, "u");

const mongolian = lazyPattern(String.raw`^\p{Script=Mongolian}$`, "u");
const unifiedIdeograph = lazyPattern(String.raw`^\p{Unified_Ideograph}$`, "u");
/** What has a standardised variant with the first selector, and with the second and third. */
const withFirstVariant = lazyPattern(
  String.raw`^[\p{Ideographic}\p{Sm}\p{Script=Myanmar}\p{Script=Phags_Pa}\p{Script=Manichaean}、。！，．：；？]$`,
  "u",
);
const withOtherVariants = lazyPattern(String.raw`^[\p{Ideographic}、。！，．：；？]$`, "u");

/**
 * The usual text, in Latin letters with dashes, quotes and arrows: nothing in it is hidden, and no pattern of Unicode
 * properties has to be compiled to know it.
 */
function isUsual(text: string): boolean {
  // One class from end to end is four times as fast as to look for what is not in it.
  return (
    /^[\n\t -~]*$/.test(text) ||
    !/[^\n\t\r\x20-\x7e\xa1-\xac\xae-\u024f\u2010-\u2027\u2190-\u21ff]|\r(?!\n)/.test(text)
  );
}

/**
 * Finds characters that are hidden or obeyed, in order, but passes what ordinary writing needs: CRLF line endings, emoji
 * that Unicode recommends for interchange, joiners between letters of scripts that need them, and standardised
 * variation sequences. Takes time linear in the text.
 */
export function* scanHidden(text: string): Generator<HiddenCharacter> {
  if (isUsual(text)) return;
  const emojis = new EmojiRanges(() => text.matchAll(emoji()));
  const unqualified = new EmojiRanges(() => findUnqualified(text));
  for (const match of text.matchAll(suspicious())) {
    const offset = match.index;
    const codePoint = text.codePointAt(offset) ?? 0;
    if (!isOrdinary(text, offset, codePoint, emojis, unqualified)) {
      yield { kind: kindOf(codePoint, match[0]), offset, length: match[0].length, codePoint };
    }
  }
}

function isOrdinary(
  text: string,
  offset: number,
  codePoint: number,
  emojis: EmojiRanges,
  unqualified: EmojiRanges,
): boolean {
  if (codePoint === 0x0d) return text[offset + 1] === "\n";
  if (codePoint === 0x2800) return isBraille(text, offset);
  if (!isJoinerOrSelector(codePoint)) return false;
  // Emoji last, because their pattern takes some 20 ms to compile.
  return isSpelling(text, offset, codePoint) || emojis.holds(offset) || unqualified.holds(offset);
}

function kindOf(codePoint: number, character: string): HiddenKind {
  if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint <= 0x9f)) return "control";
  return bidi().test(character) ? "bidi" : "invisible";
}

function isJoinerOrSelector(codePoint: number): boolean {
  return (
    codePoint === 0x200c ||
    codePoint === 0x200d ||
    (codePoint >= 0xfe00 && codePoint <= 0xfe0f) ||
    (codePoint >= 0x180b && codePoint <= 0x180f) ||
    (codePoint >= 0xe0020 && codePoint <= 0xe01ef)
  );
}

/** Where the emoji are; asked with growing offsets. */
class EmojiRanges {
  readonly #find: () => Iterable<RegExpExecArray>;
  #matches: Iterator<RegExpExecArray> | undefined;
  #start = 0;
  #end = 0;

  constructor(find: () => Iterable<RegExpExecArray>) {
    this.#find = find;
  }

  holds(offset: number): boolean {
    this.#matches ??= this.#find()[Symbol.iterator]();
    while (this.#end <= offset) {
      const next = this.#matches.next();
      if (next.done) {
        this.#start = Number.POSITIVE_INFINITY;
        this.#end = Number.POSITIVE_INFINITY;
      } else {
        this.#start = next.value.index;
        this.#end = this.#start + next.value[0].length;
      }
    }
    return offset > this.#start;
  }
}

const emoji = lazyPattern(String.raw`\p{RGI_Emoji}`, `g${sets}`);
const oneEmoji = lazyPattern(String.raw`^\p{RGI_Emoji}$`, sets);
const joinedEmoji = lazyPattern(
  String.raw`\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]?(?:\u200d\p{Extended_Pictographic}[\p{Emoji_Modifier}\ufe0f]?)+`,
  `g${sets}`,
);
const bareTextEmoji = lazyPattern(
  String.raw`[\p{Extended_Pictographic}--\p{Emoji_Presentation}](?![\ufe0f\p{Emoji_Modifier}])`,
  `g${sets}`,
);

/** Joined emoji that are recommended but for their selectors, which many programs leave out (Unicode TR51). */
function* findUnqualified(text: string): Generator<RegExpExecArray> {
  for (const match of text.matchAll(joinedEmoji()))
    if (oneEmoji().test(match[0].replaceAll(bareTextEmoji(), "$&\ufe0f"))) yield match;
}

/** A joiner between two letters that join, or a selector after a character that has such a variant. */
function isSpelling(text: string, offset: number, codePoint: number): boolean {
  const before = characterBefore(text, offset);
  if (codePoint === 0x200c || codePoint === 0x200d) {
    const after = String.fromCodePoint(text.codePointAt(offset + 1) ?? 0x20);
    if (!joiningLetter().test(before)) return false;
    return joiningLetter().test(after) || (virama.test(before) && wordEnd().test(after));
  }
  if (codePoint >= 0x180b && codePoint <= 0x180f) return mongolian().test(before);
  if (codePoint >= 0xe0100) return unifiedIdeograph().test(before);
  if (codePoint === 0xfe0e || codePoint === 0xfe0f) return pictograph().test(before);
  if (codePoint > 0xfe02) return false;
  return (codePoint === 0xfe00 ? withFirstVariant() : withOtherVariants()).test(before);
}

function characterBefore(text: string, offset: number): string {
  const low = text.charCodeAt(offset - 1);
  const isPair = low >= 0xdc00 && low <= 0xdfff && offset >= 2;
  return text.slice(offset - (isPair ? 2 : 1), offset);
}

/** The empty pattern is a space in braille, and padding anywhere else. */
function isBraille(text: string, offset: number): boolean {
  return /[\u2801-\u28ff]/.test(text[offset - 1] ?? "") || /[\u2801-\u28ff]/.test(text[offset + 1] ?? "");
}
