import { VibeopsError } from "../errors.ts";
import { sha256 } from "../platform/hash.ts";
import { tryDecodeText } from "../text/decode.ts";
import { makeVisible } from "../text/visible.ts";
import type { FileSource } from "./compile-runbook.ts";
import { linesOf, note, numbered, quoted, type ReviewLine, type ReviewPage } from "./review-line.ts";

/** Bytes that are no text are shown one by one up to this many; nobody compares more by eye. */
const MOST_SHOWN_BYTES = 4096;

/** A file that the runbook installs or calls, in full: as text, or byte by byte where it is none. */
export function filePage(path: string, source: FileSource): ReviewPage {
  return { title: `File ${makeVisible(path, { newlines: false })}`, lines: fileLines(path, source) };
}

function fileLines(path: string, source: FileSource): ReviewLine[] {
  try {
    const bytes = Buffer.from(source.readFile(path));
    const digest = note(`${bytes.length} bytes, sha256 ${sha256(bytes)}`);
    const text = tryDecodeText(bytes);
    if (text !== null) return [digest, ...endNote(text), note(""), ...numbered(linesOf(text))];
    return [note("binary: this is no text"), digest, note(""), ...binaryLines(bytes)];
  } catch (error) {
    if (!(error instanceof VibeopsError)) throw error;
    return [note(`it cannot be read: ${error.message}`)];
  }
}

function endNote(text: string): ReviewLine[] {
  return text === "" || text.endsWith("\n") ? [] : [note("its last line has no line end")];
}

function binaryLines(bytes: Buffer): ReviewLine[] {
  if (bytes.length > MOST_SHOWN_BYTES) {
    return [note("too long to be shown byte by byte: compare its sha256 with that of where it comes from")];
  }
  return Array.from({ length: Math.ceil(bytes.length / 16) }, (_, i) => {
    const row = bytes.subarray(i * 16, i * 16 + 16);
    const hex = row.toString("hex").replace(/..(?=.)/g, "$& ");
    const ascii = row.toString("latin1").replace(/[^\x20-\x7e]/g, ".");
    return quoted(`${hex.padEnd(47)}  ${ascii}`, (i * 16).toString(16).padStart(4, "0"));
  });
}
