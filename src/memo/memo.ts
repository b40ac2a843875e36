import { Exit, VibeopsError } from "../errors.ts";
import { scanHidden } from "../text/characters.ts";
import { decodeText } from "../text/decode.ts";
import { parseFrontMatter } from "../text/front-matter.ts";
import { lineAt } from "../text/lines.ts";
import { formatCodePoint } from "../text/visible.ts";
import { type MemoHeader, type ParseMemoOptions, readHeader } from "./memo-header.ts";
import { type LocatedHeader, readOrdinaryHeader } from "./ordinary-header.ts";

export interface Memo extends MemoHeader {
  /** The whole file. */
  text: string;
  /** After the front matter and the one empty line that follows it by custom: `text.slice(bodyStart)`. */
  body: string;
  bodyStart: number;
  /** 1-based line of the body's first line. */
  bodyLine: number;
}

/** A longer memo is refused. */
export const maxMemoBytes = 262_144;
/** How much to read of a file: up to here, a refusal still says whether one endless line is to blame. */
export const maxBytesLookedAt = 4_194_304;
const maxLineBytes = 20_000;
/** Front matter as anybody writes it is far shorter. */
const maxHeaderBytes = 8_192;
const maxKeys = 64;

/**
 * Bytes that somebody sent → a memo, or a refusal with file, line and fix. Reads in this order: size, UTF-8, hidden
 * characters, delimiters, limits of lines, depth and keys, YAML, the closed schema, and hidden characters again in
 * the values, where `"\e[31m"` first comes to exist.
 *
 * @throws VibeopsError `memo.size|line|utf8|control|bidi|invisible|fm-missing|fm-language|fm-delimiter|fm-unclosed|
 *   depth|keys|yaml-syntax|yaml-tag|yaml-alias|yaml-directive|yaml-multidoc|yaml-dup|unknown-key|missing-key|type|
 *   value|id|route`
 */
export function parseMemo(bytes: Uint8Array, options: ParseMemoOptions): Memo {
  checkSize(bytes, options.file);
  const text = decodeText(bytes, options.file, "memo");
  refuseHidden(text, options.file);
  const { header, bodyStart, bodyLine } = locateHeader(text, options);
  const blank = blankLineAt(text, bodyStart);
  // What is read into the header itself need not be copied out of it: that costs as much as to read the file.
  const memo = header as Memo;
  memo.text = text;
  memo.bodyStart = bodyStart + blank;
  memo.body = text.slice(memo.bodyStart);
  memo.bodyLine = bodyLine + (blank === 0 ? 0 : 1);
  return memo;
}

function locateHeader(text: string, options: ParseMemoOptions): LocatedHeader {
  const ordinary = readOrdinaryHeader(text, options);
  if (ordinary !== null) return ordinary;
  const frontMatter = parseFrontMatter(text, { file: options.file, code: "memo", maxKeys });
  const { bodyStart, bodyLine } = frontMatter;
  return { header: readHeader(frontMatter, options), bodyStart, bodyLine };
}

/**
 * Just the front matter, of a memo that was taken in or written here: what stands below is neither read nor judged.
 *
 * @throws VibeopsError as {@link parseMemo}
 */
export function parseMemoHeader(bytes: Uint8Array, options: ParseMemoOptions): MemoHeader {
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf("\n---\n", 3);
  // Whatever closes in another way is looked at as a whole.
  if (end === -1 || end > maxHeaderBytes) return parseMemo(bytes, options);
  const text = decodeText(bytes.subarray(0, end + CLOSING), options.file, "memo");
  refuseHidden(text, options.file);
  return locateHeader(text, options).header;
}

/** Length of the line break before the closing line, and of that line. */
const CLOSING = 5;

/** Length of the empty line that begins there; 0 where there is none. */
function blankLineAt(text: string, start: number): number {
  if (text.startsWith("\n", start)) return 1;
  return text.startsWith("\r\n", start) ? 2 : 0;
}

function checkSize(bytes: Uint8Array, file: string | undefined): void {
  const refuse = (reason: string, message: string, line: number, fix: string) =>
    new VibeopsError({ code: `memo.${reason}`, exit: Exit.invalid, message, file, line, fix });
  if (bytes.length > maxLineBytes && bytes.length <= maxBytesLookedAt) {
    let start = 0;
    for (let line = 1; start < bytes.length; line += 1) {
      const newline = bytes.indexOf(10, start);
      const end = newline === -1 ? bytes.length : newline;
      if (end - start > maxLineBytes) {
        throw refuse("line", `the line is longer than ${maxLineBytes} bytes`, line, "break the line");
      }
      start = end + 1;
    }
  }
  if (bytes.length > maxMemoBytes) {
    const fix = "send the summary, and name the file in refs";
    throw refuse("size", `the memo has ${bytes.length} bytes; at most ${maxMemoBytes} are read`, 1, fix);
  }
}

/** Refuses characters that a person would not see. @throws VibeopsError `memo.control|bidi|invisible` */
export function refuseHidden(text: string, file: string | undefined): void {
  for (const { kind, offset, codePoint } of scanHidden(text)) {
    const isMark = codePoint === 0xfeff && offset === 0;
    throw new VibeopsError({
      code: `memo.${kind}`,
      exit: Exit.invalid,
      message: isMark
        ? "the file begins with a byte order mark (U+FEFF)"
        : `the ${kind} character ${formatCodePoint(codePoint)} is not allowed`,
      file,
      line: lineAt(text, offset),
      fix: isMark ? "save the file as UTF-8 without a byte order mark" : "delete the character",
    });
  }
}
