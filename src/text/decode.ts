import { Exit, VibeopsError } from "../errors.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Bytes to text, strict UTF-8: an overlong form, a surrogate or a stray byte is refused, never replaced.
 * A byte order mark stays in the text, so that whoever reads on can refuse it by name.
 *
 * @throws VibeopsError `<code>.utf8` with the line of the first wrong byte; `code` is "text" unless told.
 */
export function decodeText(bytes: Uint8Array, file?: string, code = "text"): string {
  try {
    return strict.decode(bytes);
  } catch (cause) {
    const bad = firstInvalidByte(bytes);
    throw new VibeopsError({
      code: `${code}.utf8`,
      exit: Exit.invalid,
      message: `byte ${bad} is not valid UTF-8`,
      file,
      line: countNewlines(bytes, bad) + 1,
      fix: "save the file as UTF-8",
      cause,
    });
  }
}

/** As {@link decodeText}, and null for bytes that are no UTF-8. */
export function tryDecodeText(bytes: Uint8Array): string | null {
  try {
    return strict.decode(bytes);
  } catch {
    return null;
  }
}

/**
 * UTF-8, and UTF-16 where a byte order mark says so: Windows' own editors wrote that for years, and YAML allows it.
 * Without the mark, and with line feeds where every line ends with a carriage return alone, as on old Macs: offsets stay
 * what they are. Null for anything else.
 */
export function decodeForeignText(bytes: Uint8Array): string | null {
  const text = decodeWindowsText(bytes);
  return text === null || text.includes("\n") ? text : text.replaceAll("\r", "\n");
}

function decodeWindowsText(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeWide("utf-16le", bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeWide("utf-16be", bytes);
  return tryDecodeText(bytes)?.replace(/^\uFEFF/, "") ?? null;
}

function decodeWide(encoding: "utf-16le" | "utf-16be", bytes: Uint8Array): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The line of the first byte that is no UTF-8 text; 1 where every one is. */
export function firstWrongLine(bytes: Uint8Array): number {
  const nul = bytes.indexOf(0);
  const bad = tryDecodeText(bytes) === null ? firstInvalidByte(bytes) : bytes.length;
  const wrong = Math.min(bad, nul === -1 ? bytes.length : nul);
  return wrong === bytes.length ? 1 : countNewlines(bytes, wrong) + 1;
}

/** Halves the range until one byte is left: a prefix is good when it decodes, or only its last character is cut. */
function firstInvalidByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isPrefixValid(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good;
}

function isPrefixValid(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

function countNewlines(bytes: Uint8Array, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1 && at < end; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}
