import { isDeepStrictEqual } from "node:util";
import { applyEdits, type JSONPath, modify, type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import { Exit, VibeopsError } from "../../errors.ts";
import { lineAt } from "../../text/lines.ts";
import { newlineOf } from "../../text/splice.ts";

/** One thing that a settings file must hold: a value under a key, or an item in the list that stands there. */
export interface JsonEntry {
  at: readonly string[];
  value: unknown;
  /** The value is an item of a list; others in it stay. */
  inList?: boolean;
}

/**
 * The text with the entries that it lacks; comments, spacing and all else stay. What the file says under one of our
 * keys is overwritten by nobody: another value there is an error.
 *
 * @throws VibeopsError `agents.settings` where the file is not well-formed, or says something else already
 */
export function addJsonEntries(text: string, entries: readonly JsonEntry[], file: string): string {
  requireObject(text, file);
  return entries.reduce((current, entry) => addEntry(current, entry, file), text);
}

function addEntry(text: string, { at, value, inList }: JsonEntry, file: string): string {
  const found = valueAt(text, at);
  if (!inList) {
    if (isDeepStrictEqual(found, value)) return text;
    if (found !== undefined) throw wrongSettings(file, `it has another value under ${at.join(".")} already`);
    return change(text, [...at], value);
  }
  if (found === undefined) return change(text, [...at], [value]);
  if (!Array.isArray(found)) throw wrongSettings(file, `${at.join(".")} is no list`);
  if (found.some((item) => isDeepStrictEqual(item, value))) return text;
  return change(text, [...at, found.length], value, true);
}

/** Whether all of the entries are there, or any that nobody else would write. @throws VibeopsError as {@link addJsonEntries} */
export function hasJsonEntries(
  text: string,
  entries: readonly JsonEntry[],
  file: string,
  much: "all" | "any",
): boolean {
  requireObject(text, file);
  const isThere = ({ at, value, inList }: JsonEntry) => {
    const found = valueAt(text, at);
    if (!inList) return isDeepStrictEqual(found, value);
    return Array.isArray(found) && found.some((item) => isDeepStrictEqual(item, value));
  };
  if (much === "all") return entries.every(isThere);
  return entries.filter((entry) => JSON.stringify(entry).includes("vibeops")).some(isThere);
}

/**
 * The text without the entries, and without what is left empty and `before` did not have.
 *
 * @param before the file as it was without them; null where it was not there, or nobody knows
 * @returns null where nothing but an empty object would be left of a file that was not there before
 */
export function removeJsonEntries(
  text: string,
  entries: readonly JsonEntry[],
  before: string | null,
  file: string,
): string | null {
  requireObject(text, file);
  const rest = entries.reduceRight((current, entry) => removeEntry(current, entry, before), text);
  return before === null && isDeepStrictEqual(parse(rest), {}) && !/\/[/*]/.test(rest) ? null : rest;
}

function removeEntry(text: string, { at, value, inList }: JsonEntry, before: string | null): string {
  const found = valueAt(text, at);
  if (!inList) {
    if (!isDeepStrictEqual(found, value)) return text;
    return prune(change(text, [...at], undefined), at.slice(0, -1), before);
  }
  const index = Array.isArray(found) ? found.findIndex((item) => isDeepStrictEqual(item, value)) : -1;
  if (index < 0) return text;
  return prune(change(text, [...at, index], undefined), at, before);
}

function prune(text: string, at: readonly string[], before: string | null): string {
  const found = valueAt(text, at);
  const isEmpty = isDeepStrictEqual(found, {}) || isDeepStrictEqual(found, []);
  if (at.length === 0 || !isEmpty || (before !== null && valueAt(before, at) !== undefined)) return text;
  return prune(change(text, [...at], undefined), at.slice(0, -1), before);
}

function valueAt(text: string, at: readonly string[]): unknown {
  let value: unknown = parse(text);
  for (const key of at) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

function change(text: string, path: JSONPath, value: unknown, isArrayInsertion = false): string {
  const indent = /^[ \t]+(?=["[{])/m.exec(text)?.[0] ?? "  ";
  const formattingOptions = {
    insertSpaces: !indent.startsWith("\t"),
    tabSize: indent.startsWith("\t") ? 1 : indent.length,
    eol: newlineOf(text),
  };
  return applyEdits(text, modify(text, path, value, { formattingOptions, isArrayInsertion }));
}

function requireObject(text: string, file: string): void {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) {
    throw wrongSettings(
      file,
      `it is not well-formed: ${printParseErrorCode(first.error)}`,
      lineAt(text, first.offset),
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw wrongSettings(file, "it holds no object");
  }
}

function wrongSettings(file: string, why: string, line?: number): VibeopsError {
  return new VibeopsError({
    code: "agents.settings",
    exit: Exit.invalid,
    message: `these settings cannot be added to: ${why}`,
    file,
    line,
    fix: "correct or remove that part by hand, then run the command again",
  });
}
