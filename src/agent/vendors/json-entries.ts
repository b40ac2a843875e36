import { isDeepStrictEqual } from "node:util";
import {
  applyEdits,
  findNodeAtLocation,
  type JSONPath,
  modify,
  type ParseError,
  parse,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { Exit, VibeopsError } from "../../errors.ts";
import { lineAt } from "../../text/lines.ts";
import { newlineOf } from "../../text/splice.ts";

/** One thing that a settings file must hold: a value under a key, or an item in the list that stands there. */
export interface JsonEntry {
  at: readonly string[];
  value: unknown;
  /** The value is an item of a list; others in it stay. */
  inList?: boolean;
  /** Whether an item of the list is this one as it was written under another path, or by another version: it goes. */
  isEarlier?: (item: unknown) => boolean;
}

/**
 * The text with the entries that it lacks; comments, spacing and all else stay. What the file says under one of our
 * keys is overwritten by nobody: another value there is an error.
 *
 * @throws VibeopsError `agents.settings` where the file is not well-formed, or says something else already
 */
export function addJsonEntries(text: string, entries: readonly JsonEntry[], file: string): string {
  const body = withoutMark(text);
  requireObject(body, file);
  const added = entries.reduce((current, entry) => addEntry(current, entry, file), body);
  return markOf(text) + added;
}

/** Editors on Windows write a byte order mark, and the vendors skip it. */
function markOf(text: string): string {
  return text.startsWith("\uFEFF") ? "\uFEFF" : "";
}

function withoutMark(text: string): string {
  return text.slice(markOf(text).length);
}

function addEntry(text: string, entry: JsonEntry, file: string): string {
  const { at, value, inList } = entry;
  requirePath(text, at, file);
  const found = valueAt(text, at);
  if (!inList) {
    if (isDeepStrictEqual(found, value)) return text;
    if (found !== undefined) throw wrongSettings(file, `it has another value under ${at.join(".")} already`);
    return change(text, [...at], value);
  }
  if (found === undefined) return change(text, [...at], [value]);
  if (!Array.isArray(found)) throw wrongSettings(file, `${at.join(".")} is no list`);
  const isThere = found.some((item) => isDeepStrictEqual(item, value));
  const [first, ...others] = earlierOnes(found, entry);
  if (first === undefined) return isThere ? text : change(text, [...at, found.length], value, true);
  const without = others.reduceRight((current, index) => change(current, [...at, index], undefined), text);
  return change(without, [...at, first], isThere ? undefined : value);
}

/** Where in the list the entry stands as it was written before. */
function earlierOnes(items: readonly unknown[], { value, isEarlier }: JsonEntry): number[] {
  const isOne = (item: unknown) => isEarlier?.(item) === true && !isDeepStrictEqual(item, value);
  return items.flatMap((item, index) => (isOne(item) ? [index] : []));
}

/** Of a key that stands twice the vendors see the last, and an edit here would change the first. */
function requirePath(text: string, at: readonly string[], file: string): void {
  const root = parseTree(text, [], { allowTrailingComma: true });
  at.forEach((key, depth) => {
    const parent = root === undefined ? undefined : findNodeAtLocation(root, at.slice(0, depth));
    if (parent === undefined) return;
    const path = at.slice(0, depth).join(".");
    const line = lineAt(text, parent.offset);
    if (parent.type !== "object") throw wrongSettings(file, `${path} is no object`, line);
    const named = (parent.children ?? []).filter((property) => property.children?.[0]?.value === key);
    if (named.length < 2) return;
    throw wrongSettings(file, `${key} stands there twice`, lineAt(text, named.at(-1)?.offset ?? 0));
  });
}

/** Whether all of the entries are there, or any that nobody else would write. @throws VibeopsError as {@link addJsonEntries} */
export function hasJsonEntries(
  text: string,
  entries: readonly JsonEntry[],
  file: string,
  much: "all" | "any",
): boolean {
  const body = withoutMark(text);
  requireObject(body, file);
  const itemsAt = (at: readonly string[]): readonly unknown[] => {
    const found = valueAt(body, at);
    return Array.isArray(found) ? found : [];
  };
  const isThere = ({ at, value, inList }: JsonEntry) =>
    inList
      ? itemsAt(at).some((item) => isDeepStrictEqual(item, value))
      : isDeepStrictEqual(valueAt(body, at), value);
  const isEarlierThere = (entry: JsonEntry) => earlierOnes(itemsAt(entry.at), entry).length > 0;
  if (much === "all") return entries.every((entry) => isThere(entry) && !isEarlierThere(entry));
  const ours = entries.filter((entry) => JSON.stringify(entry).includes("vibeops"));
  return ours.some((entry) => isThere(entry) || isEarlierThere(entry));
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
  const body = withoutMark(text);
  requireObject(body, file);
  const first = before === null ? null : withoutMark(before);
  const rest = entries.reduceRight((current, entry) => removeEntry(current, entry, first), body);
  const isNothing = before === null && isDeepStrictEqual(parse(rest), {}) && !/\/[/*]/.test(rest);
  return isNothing ? null : markOf(text) + rest;
}

function removeEntry(text: string, entry: JsonEntry, before: string | null): string {
  const { at, value, inList } = entry;
  const found = valueAt(text, at);
  if (!inList) {
    if (!isDeepStrictEqual(found, value)) return text;
    return prune(change(text, [...at], undefined), at.slice(0, -1), before);
  }
  const items: readonly unknown[] = Array.isArray(found) ? found : [];
  const own = items.findIndex((item) => isDeepStrictEqual(item, value));
  const gone = [...earlierOnes(items, entry), ...(own < 0 ? [] : [own])].sort((one, other) => one - other);
  if (gone.length === 0) return text;
  const rest = gone.reduceRight((current, index) => change(current, [...at, index], undefined), text);
  return prune(rest, at, before);
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
