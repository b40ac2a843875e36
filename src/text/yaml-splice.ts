import { isDeepStrictEqual } from "node:util";
import {
  Document,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  type Pair,
  parseDocument,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { type Edit, newlineOf, splice } from "./splice.ts";

/** What one of our YAML files can be given. */
export type Plain = string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain };

type YamlPath = readonly (string | number)[];

/**
 * `append`: an item at the end of a list that is there. `set`: a key of a map that is there, new or with another
 * single value. `remove`: a key or an item; an emptied collection stays as `[]` or `{}`.
 */
export type YamlEdit =
  | { readonly kind: "append"; readonly to: YamlPath; readonly value: Plain }
  | { readonly kind: "set"; readonly in: YamlPath; readonly key: string; readonly value: Plain }
  | { readonly kind: "remove"; readonly at: YamlPath };

type Collection = YAMLMap | YAMLSeq;
type Item = unknown;

/**
 * The text with one edit made in it by its bytes: everything that the edit does not name stays as it is, comments,
 * spacing, quotes and line ends. Null where the file is written in a way that leaves no place for that (an alias, a
 * tag, a key spread over lines): a person edits it then.
 */
export function spliceYaml(text: string, edit: YamlEdit): string | null {
  const document = parseDocument(text);
  if (document.errors.length > 0) return null;
  const result = trySplice(text, document, edit);
  return result !== null && means(result, wantedBy(text, edit)) ? result : null;
}

/**
 * The check that makes splicing safe: the new text must parse to just what was asked for.
 *
 * @param wanted a document of plain values, see {@link plainDocument}
 */
export function means(text: string, wanted: Document): boolean {
  const found = plainDocument(text);
  return found !== null && isDeepStrictEqual(found.toJS(), wanted.toJS());
}

/**
 * The same values without anchors and aliases: what stands in several places by one anchor is several values, of which
 * an edit means one. Null where the text cannot be read, or names an anchor that is not there.
 */
export function plainDocument(text: string): Document | null {
  const document = parseDocument(text);
  if (document.errors.length > 0) return null;
  try {
    return new Document(document.toJS({ maxAliasCount: 100 }), { aliasDuplicateObjects: false });
  } catch (error) {
    if (error instanceof ReferenceError) return null;
    throw error;
  }
}

function wantedBy(text: string, edit: YamlEdit): Document {
  const wanted = plainDocument(text) ?? new Document();
  if (edit.kind === "append") wanted.addIn(edit.to, wanted.createNode(edit.value));
  else if (edit.kind === "set") wanted.setIn([...edit.in, edit.key], wanted.createNode(edit.value));
  else wanted.deleteIn(edit.at);
  return wanted;
}

function trySplice(text: string, document: Document, edit: YamlEdit): string | null {
  if (edit.kind === "append") return withCollection(document, edit.to, (list) => insert(text, list, edit));
  if (edit.kind === "set") {
    return withCollection(document, edit.in, (map) => {
      const old = isMap(map) ? findPair(map, edit.key)?.value : undefined;
      return old === undefined ? insert(text, map, edit) : replaceScalar(text, old, edit.value);
    });
  }
  const last = edit.at.at(-1);
  return withCollection(document, edit.at.slice(0, -1), (parent) => {
    const index = typeof last === "number" ? last : parent.items.findIndex((item) => hasKey(item, last));
    if (parent.items.length > 1)
      return parent.flow ? removeFlow(text, parent, index) : removeBlock(text, parent, index);
    return index === 0 ? emptyOut(text, document, edit.at.slice(0, -1), parent) : null;
  });
}

function withCollection(
  document: Document,
  path: YamlPath,
  act: (collection: Collection) => string | null,
): string | null {
  const node = path.length === 0 ? document.contents : document.getIn(path, true);
  return isCollection(node) ? act(node as Collection) : null;
}

export function findPair(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => hasKey(pair, key));
}

function hasKey(item: Item, key: unknown): boolean {
  return isPair(item) && isScalar(item.key) && item.key.value === key;
}

function insert(text: string, into: Collection, edit: Exclude<YamlEdit, { kind: "remove" }>): string | null {
  const value = renderFlow(edit.value);
  const entry = edit.kind === "append" ? value : `${renderFlow(edit.key)}: ${value}`;
  return into.flow
    ? insertFlow(text, into, entry)
    : insertBlock(text, into.items, edit.kind === "append" ? `- ${entry}` : entry);
}

/** `{ from: infra, types: [request, info] }` */
export function renderFlow(value: Plain): string {
  if (isList(value)) return `[${value.map(renderFlow).join(", ")}]`;
  if (typeof value === "object") {
    const pairs = Object.entries(value).map(([key, part]) => `${renderFlow(key)}: ${renderFlow(part)}`);
    return `{ ${pairs.join(", ")} }`;
  }
  // Inside brackets, `yaml` quotes what would end a value there.
  const inBrackets = new Document([value], { flow: true }).toString({
    lineWidth: 0,
    flowCollectionPadding: false,
  });
  return inBrackets.trim().slice(1, -1);
}

function isList(value: Plain): value is readonly Plain[] {
  return Array.isArray(value);
}

/** A line after the last item of a block collection, as far in as the first one. */
export function insertBlock(text: string, items: readonly Item[], line: string): string | null {
  const first = rangeOf(items[0]);
  const last = rangeOf(items.at(-1));
  if (first === null || last === null) return null;
  const newline = newlineOf(text);
  const whole = text === "" || text.endsWith("\n") ? text : text + newline;
  const before = whole.slice(lineStart(whole, first.start), first.start);
  // A map may begin behind the dash of a list: its other keys stand below its first one.
  const indent = line.startsWith("- ") ? (/^ */.exec(before)?.[0] ?? "") : " ".repeat(before.length);
  const at = nextLine(whole, last.end);
  return splice(whole, [{ start: at, end: at, text: `${indent}${line}${newline}` }]);
}

/** Behind the last item of `[…]` or `{…}`, on its line. */
export function insertFlow(text: string, into: Collection, entry: string): string | null {
  const range = into.range;
  if (!range) return null;
  const [start, end] = range;
  const last = rangeOf(into.items.at(-1));
  if (last === null) {
    const inside = text.slice(start + 1, end - 1);
    if (inside.trim() !== "") return null;
    const padding = inside === "" && text[start] === "{" ? " " : inside;
    return splice(text, [{ start: start + 1, end: end - 1, text: `${padding}${entry}${padding}` }]);
  }
  const comma = findComma(text, last.end, end - 1);
  return comma === null
    ? splice(text, [{ start: last.end, end: last.end, text: `, ${entry}` }])
    : splice(text, [{ start: comma + 1, end: comma + 1, text: ` ${entry}` }]);
}

function replaceScalar(text: string, old: unknown, value: Plain): string | null {
  if (!isScalar(old) || !old.range) return null;
  const [start, end] = old.range;
  return splice(text, [{ start, end, text: renderFlow(value) }]);
}

function removeFlow(text: string, from: Collection, index: number): string | null {
  const range = rangeOf(from.items[index]);
  if (range === null) return null;
  const next = rangeOf(from.items[index + 1]);
  if (next !== null) {
    const comma = findComma(text, range.end, next.start);
    const end = isBareComma(text.slice(range.end, next.start)) ? next.start : (comma ?? range.end - 1) + 1;
    return splice(text, [{ start: range.start, end, text: "" }]);
  }
  const before = rangeOf(from.items[index - 1]);
  if (before === null) return null;
  // A comma may stay behind where a comment stands at it: a list may end with one.
  const start = isBareComma(text.slice(before.end, range.start)) ? before.end : range.start;
  return splice(text, [{ start, end: range.end, text: "" }]);
}

function isBareComma(gap: string): boolean {
  return gap.trim() === ",";
}

/** The lines of an item; where something stands before it on its first line, up to where the next one begins. */
function removeBlock(text: string, from: Collection, index: number): string | null {
  const range = rangeOf(from.items[index]);
  if (range === null) return null;
  const start = lineStart(text, range.start);
  const ahead = text.slice(start, range.start);
  if (/^ *(?:- +)?$/.test(ahead) && (ahead.trim() === "") === isPair(from.items[index])) {
    return splice(text, [{ start, end: nextLine(text, range.end), text: "" }]);
  }
  const next = rangeOf(from.items[index + 1]);
  return next === null ? null : splice(text, [{ start: range.start, end: next.start, text: "" }]);
}

/** The last item goes, and `[]` or `{}` says that nothing is left; comments around it stay. */
function emptyOut(text: string, document: Document, path: YamlPath, parent: Collection): string | null {
  const range = rangeOf(parent.items[0]);
  if (range === null) return null;
  if (parent.flow) {
    const comma = findComma(text, range.end, (parent.range?.[1] ?? range.end) - 1);
    return splice(text, [{ start: range.start, end: comma === null ? range.end : comma + 1, text: "" }]);
  }
  const key = path.at(-1);
  const holder = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const pair = isMap(holder) && typeof key === "string" ? findPair(holder as YAMLMap, key) : undefined;
  const colon = isNode(pair?.key) && pair.key.range ? text.indexOf(":", pair.key.range[1]) + 1 : 0;
  const lines: Edit = { start: lineStart(text, range.start), end: nextLine(text, range.end), text: "" };
  if (colon === 0 || lines.start < colon) return null;
  return splice(text, [{ start: colon, end: colon, text: isMap(parent) ? " {}" : " []" }, lines]);
}

/** Where an item lies: from its first character to the end of its value, without comments behind it. */
function rangeOf(item: Item): { start: number; end: number } | null {
  const start = startOf(isPair(item) ? item.key : item);
  const end = endOf(item);
  return start === null || end === null ? null : { start, end };
}

function startOf(node: unknown): number | null {
  return isNode(node) ? (node.range?.[0] ?? null) : null;
}

function endOf(item: Item): number | null {
  if (isPair(item)) return endOf(item.value) ?? endOf(item.key);
  // A block collection's own end takes in the comments below it.
  if (isCollection(item) && item.flow !== true && item.items.length > 0) return endOf(item.items.at(-1));
  return isNode(item) ? (item.range?.[1] ?? null) : null;
}

/** The comma between two places, but none in a comment. */
function findComma(text: string, from: number, to: number): number | null {
  for (let at = from; at < to; at += 1) {
    if (text[at] === ",") return at;
    if (text[at] === "#") at = text.indexOf("\n", at) < 0 ? to : text.indexOf("\n", at);
  }
  return null;
}

function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** The start of the line after the one in which a value ends. */
function nextLine(text: string, end: number): number {
  if (text[end - 1] === "\n") return end;
  const newline = text.indexOf("\n", end);
  return newline < 0 ? text.length : newline + 1;
}
