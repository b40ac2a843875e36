import { lazyPattern } from "./lazy-pattern.ts";
import { QuotedProse } from "./quoted-prose.ts";

/**
 * Characters in a command that are not what they look like. By rule, since a list is never complete:
 * what compatibility normalisation turns into ASCII (full-width and mathematical forms, superscript letters, ligatures),
 * every space, dash and quotation mark that is not ASCII, the look-alikes of ASCII punctuation in Unicode's
 * confusables table, Latin letters from the phonetic and extended blocks, and letters of another alphabet in a word
 * that is otherwise Latin or that consists of look-alikes alone, outside a sentence of that alphabet.
 */
export function* scanConfusables(text: string): Generator<{ offset: number; codePoint: number }> {
  // The usual command.
  if (!/[^\0-\x7f]/.test(text)) return;
  const prose = new QuotedProse(text, looksLatin);
  for (const { 0: part, index } of text.matchAll(
    /[\p{L}\p{M}\p{N}_]+|[、。｡､〜～，：；！？（）]+|[^\p{ASCII}]/gu,
  )) {
    if (/^[\p{L}\p{M}\p{N}_]/u.test(part)) yield* scanWord(part, index, prose);
    else if (points.test(part)) yield* scanPoints(text, part, index, prose);
    else if (isLikeAscii(part) && !(sentenceSign().test(part) && prose.holds(index)))
      yield { offset: index, codePoint: part.codePointAt(0) ?? 0 };
  }
}

/** Alphabets that have letters of the same shape as Latin ones. */
const lookalikeScript = lazyPattern(
  String.raw`[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Coptic}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Georgian}\p{Script=Lisu}\p{Script=Canadian_Aboriginal}\p{Script=Gothic}\p{Script=Deseret}\p{Script=Old_Italic}\p{Script=Glagolitic}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Tifinagh}\p{Script=Ogham}\p{Script=Runic}\p{Script=Vai}\p{Script=Bamum}\p{Script=Osage}\p{Script=Warang_Citi}\p{Script=Carian}\p{Script=Lycian}\p{Script=Lydian}\p{Script=Miao}]`,
  "u",
);

/** Letters that are drawn like ASCII ones in most fonts (Unicode TR39, confusables, single letters). */
const lookalikeLetter = lazyPattern(
  `^[${[
    "асԁеһіјӏогрԛѕԝхуѵүҮԌАВСЕНІЈКМОРԚЅТԜХҮУѴᴦ",
    "αγινορυΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϹϳͿ",
    "ոսօցհԼՕՏՍա",
    "ᎪᏴᏟᎠᎬᏀᎻᎥᎫᏦᏞᎷᏢᏒᏚᎢᏙᎳᎽᏃ",
    "ⲞⲟⲤⲥⲢⲣⲬⲘⲚⲒⲎ",
    "ꓐꓑꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ",
    "ߋ०০੦૦ଠ௦౦೦൦๐໐၀ဝഠംంಂං٥ہه",
  ].join("")}]+$`,
  "u",
);
/** Drawn like digits; they count where a digit stands beside them. */
const lookalikeDigit = /[Ззбᒿ]/g;

/** Strokes that look like a dash, a bar or a slash where no East Asian writing surrounds them. */
const stroke = /[\u1173\u1175\u3003\u3007\u3021\u30fb\u30fc\u30ce\u3161\u3163\u4e00\u4e28\u4e36\u4e3f]+/g;
const eastAsian = lazyPattern(
  String.raw`^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]`,
  "u",
);

function* scanWord(
  word: string,
  start: number,
  prose: QuotedProse,
): Generator<{ offset: number; codePoint: number }> {
  if (!/[^\p{ASCII}]/u.test(word)) return;
  const isMixed = /\p{Script=Latin}/u.test(word);
  const isDisguised = looksLatin(word) && !prose.holdsWord(word, start);
  const strokes = loneStrokes(word);
  const spelling = spellingIn(word, isMixed || isDisguised);
  let offset = start;
  for (const character of word) {
    const foreign =
      (isMixed && (lookalikeScript().test(character) || lookalikeLetter().test(character))) ||
      (isDisguised && !/\p{ASCII}/u.test(character));
    const at = offset - start;
    const striking = isStriking(word, at, character);
    if (
      foreign ||
      striking ||
      strokes.has(at) ||
      (isLikeAscii(character) && !(at > 0 && spelling?.test(character)))
    ) {
      yield { offset, codePoint: character.codePointAt(0) ?? 0 };
    }
    offset += character.length;
  }
}

/** Whether all of the word that is not ASCII could be taken for it. */
function looksLatin(word: string): boolean {
  const rest = /[0-9]/.test(word) ? word.replaceAll(lookalikeDigit, "") : word;
  const letters = rest.replaceAll(/[0-9_]/g, "");
  return letters === "" ? rest !== word : lookalikeLetter().test(letters);
}

/**
 * What no ASCII could be taken for after the first letter of this word: a dotless i beside other letters of Turkish or
 * Azerbaijani, visarga and apostrophe in an alphabet that is not Latin.
 */
function spellingIn(word: string, isSuspect: boolean): RegExp | null {
  if (/[çğöşüâîûəÇĞİÖŞÜÂÎÛƏ]/.test(word.normalize("NFC"))) return /\u0131/;
  return isSuspect ? null : /[\u02bc\u0903\u0a83]/;
}

/** Punctuation that a sentence of another alphabet than Latin has for itself. */
const sentenceSign = lazyPattern(
  String.raw`^[\p{Pd}\p{Pi}\p{Pf}\u0589\u05c3\u05f3\u05f4\u060c\u061b\u06d4\u0701-\u0704\u0964\u1803\u1809\u201a\u201e]$`,
  "u",
);

/** Strokes in a row count as one: none of them is the other's East Asian neighbour. */
function loneStrokes(word: string): Set<number> {
  const lone = new Set<number>();
  for (const { 0: run, index } of word.matchAll(stroke)) {
    if (isEastAsianAround(word, index, index + run.length)) continue;
    for (let at = 0; at < run.length; at += 1) lone.add(index + at);
  }
  return lone;
}

const points = /^[、。｡､〜～，：；！？（）]/;

/**
 * Punctuation of East Asian writing where there is none: a name of a machine is looked up as if its full stops were
 * ASCII ones. Full-width forms are drawn like ASCII, so that they belong into a sentence even beside such writing.
 */
function* scanPoints(
  text: string,
  run: string,
  start: number,
  prose: QuotedProse,
): Generator<{ offset: number; codePoint: number }> {
  const isAmong = isEastAsianAround(text, start, start + run.length);
  const isSentence = isAmong && prose.holds(start);
  for (const [at, character] of [...run].entries()) {
    const ordinary = /[、。｡､]/.test(character) ? isAmong : isSentence;
    if (!ordinary) yield { offset: start + at, codePoint: character.charCodeAt(0) };
  }
}

function isEastAsianAround(text: string, start: number, end: number): boolean {
  const before = /.$/su.exec(text.slice(Math.max(0, start - 2), start))?.[0] ?? "";
  return eastAsian().test(before) || eastAsian().test(text.slice(end, end + 2));
}

/** Marks that strike a letter through or enclose it; a keycap is an emoji. */
const strikingMark = lazyPattern(
  String.raw`^(?:[\u0334-\u0338\u20d2\u20d3\u20d8-\u20da\u20e5\u20e6\u20ea\u20eb]|\p{Me})$`,
  "u",
);

function isStriking(word: string, at: number, character: string): boolean {
  return strikingMark().test(character) && !(character === "\u20e3" && word[at - 1] === "\ufe0f");
}

/** Dashes, spaces, quotation marks and other signs whose shape is that of an ASCII one. */
const sign = lazyPattern(
  String.raw`[\p{Pd}\p{Pi}\p{Pf}\p{Zs}\u00b4\u00b7\u00b8\u00d7\u0131\u0138\u017f\u01c0-\u01c3\u02b9-\u02bf\u02c2-\u02c8\u02ca-\u02cf\u02d0\u02d7\u02dc\u02f4\u02f8\u0374\u037e\u0384\u0387\u0589\u05c0\u05c3\u05f3\u05f4\u060c\u060d\u061b\u066a-\u066d\u06d4\u0701-\u0704\u07f4\u07f5\u0903\u0964\u0a83\u1400\u1427\u1433\u1438\u16eb-\u16ed\u1735\u1803\u1809\u2016\u201a\u201e\u2022-\u2027\u2032-\u2037\u2041\u2043-\u2044\u204e\u204f\u2052\u2053\u205a\u205d\u2212\u2215-\u2219\u2223\u2225\u2227\u2228\u2236-\u2238\u223c\u22c5\u22c6\u2303\u23d0\u23fd\u2500-\u2503\u2571-\u2573\u2758-\u275e\u2768-\u2775\u2795\u2796\u27cb\u27cd\u2981\u29f5\u29f8\u29f9\u2a2f\u2cf9-\u2cff\u2d4f\u2e28\u2e29\u2e2f\u2e31\u2e3d\u2e40-\u2e42\u3014\u3015\u3033\u30a0\ua4f8-\ua4fd\ua4fe\ua4ff\ua60e\ua6f3\ua789\ua78a\ua78c\ua92f\ufe31-\ufe34\ufe4d-\ufe4f\u{10101}\u{1d114}]`,
  "u",
);
/** Latin letters that no language's ordinary spelling needs beside ASCII: phonetic, small-capital and archaic forms. */
const oddLatin = lazyPattern(
  String.raw`(?=\p{Script=Latin})[\u0180-\u024f\u0250-\u02af\u1d00-\u1dbf\u2c60-\u2c7f\ua720-\ua7ff\uab30-\uab6f]`,
  "u",
);
/** Of the block above: Croatian, Romanian, Pinyin, Vietnamese, Azerbaijani, Hausa and other languages of today. */
const ordinaryLatin = lazyPattern(
  String.raw`[\u0181\u018a\u018e-\u0190\u0198\u0199\u01a0\u01a1\u01af\u01b0\u01b3\u01b4\u01cd-\u01dc\u01e6-\u01ed\u01f0\u01f4\u01f5\u01f8-\u021b\u021e\u021f\u0226-\u0233\u0253\u0254\u0257\u0259\u025b]`,
  "u",
);

/** Raised, lowered and fractional digits, ordinals, degrees and the marks of a trade: nobody takes them for what they normalise to. */
const plainlyOther =
  /[\u00aa\u00ba\u2103\u2109\u2116\u00b2\u00b3\u00b9\u00bc-\u00be\u2070\u2074-\u2079\u2080-\u2089\u2120\u2122\u2150-\u215f\u2189]/;

function isLikeAscii(character: string): boolean {
  if (/\p{ASCII}/u.test(character) || plainlyOther.test(character)) return false;
  if (sign().test(character)) return true;
  if (oddLatin().test(character) && !ordinaryLatin().test(character)) return true;
  const normalized = character.normalize("NFKC");
  return normalized !== character && (/[\x21-\x7e]/.test(normalized) || sign().test(normalized));
}
