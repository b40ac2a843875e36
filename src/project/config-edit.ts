import { isDeepStrictEqual } from "node:util";
import {
  Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  type Pair,
  parseDocument,
  type YAMLMap,
} from "yaml";
import { newlineOf, splice } from "../text/splice.ts";

type Plain = string | number | boolean | readonly Plain[] | { readonly [key: string]: Plain };

/** One entry for vibeops.yaml: under a key for a map (`agents`, `peers`, `commands`), at the end for a list. */
export interface ConfigAddition {
  section: string;
  /** Absent where the section is a list. */
  key?: string;
  value: Plain;
}

/**
 * Adds entries to the text of a YAML file of ours. Each becomes a line of its own, and every other byte stays.
 * Where the file is written in a way that leaves no place for a line (a filled flow collection, an alias), the
 * document is written anew by `yaml`: comments stay, spacing may not.
 */
export function addToConfig(text: string, additions: readonly ConfigAddition[]): string {
  return additions.reduce(addOne, text);
}

function addOne(text: string, addition: ConfigAddition): string {
  const wanted = parseDocument(text);
  const path = [addition.section];
  if (!isCollection(wanted.getIn(path))) {
    wanted.setIn(path, wanted.createNode(addition.key === undefined ? [] : {}));
  }
  const value = wanted.createNode(addition.value, { flow: true });
  if (addition.key === undefined) wanted.addIn(path, value);
  else wanted.setIn([...path, addition.key], value);

  const spliced = spliceLine(text, addition);
  if (spliced !== null && means(spliced, wanted)) return spliced;
  return wanted.toString({ lineWidth: 0 }).replaceAll("\n", newlineOf(text));
}

/** The check that makes splicing safe: the new text must parse to just what was asked for. */
function means(text: string, wanted: Document): boolean {
  const document = parseDocument(text);
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), wanted.toJS());
}

function spliceLine(text: string, addition: ConfigAddition): string | null {
  const { contents } = parseDocument(text);
  if (!isMap(contents)) return null;
  const pair = findPair(contents, addition.section);
  const newline = newlineOf(text);
  const line = renderLine(addition);
  if (pair === undefined) {
    return `${endLine(text, newline)}${newline}${addition.section}:${newline}  ${line}${newline}`;
  }
  const { value } = pair;
  if (isCollection(value) && value.items.length > 0) {
    if (value.flow === true) return null;
    return insertAfterItems(text, value.items, line);
  }
  if (!isNode(value) || !(isCollection(value) || (isScalar(value) && value.value === null))) return null;
  return value.range ? replaceEmpty(text, value.range, line) : null;
}

function findPair(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

function renderLine(addition: ConfigAddition): string {
  const value = renderFlow(addition.value);
  return addition.key === undefined ? `- ${value}` : `${renderFlow(addition.key)}: ${value}`;
}

/** `{ from: infra, types: [request, info] }` */
function renderFlow(value: Plain): string {
  if (isList(value)) return `[${value.map(renderFlow).join(", ")}]`;
  if (typeof value === "object") {
    return `{ ${Object.entries(value)
      .map(([key, part]) => `${renderFlow(key)}: ${renderFlow(part)}`)
      .join(", ")} }`;
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

function endLine(text: string, newline: string): string {
  return text === "" || text.endsWith("\n") ? text : text + newline;
}

/** `peers: {}   # why` becomes `peers:   # why` with the entry under it. */
function replaceEmpty(text: string, range: readonly [number, number, number], line: string): string {
  const newline = newlineOf(text);
  const whole = endLine(text, newline);
  const [start, end] = range;
  const next = whole.indexOf("\n", end) + 1;
  const gap = whole.slice(0, start).length - whole.slice(0, start).trimEnd().length;
  const edits = [{ start: next, end: next, text: `  ${line}${newline}` }];
  if (end > start) edits.unshift({ start: start - gap, end, text: "" });
  return splice(whole, edits);
}

function insertAfterItems(text: string, items: readonly unknown[], line: string): string | null {
  const first = rangeOf(items[0]);
  const last = rangeOf(items.at(-1));
  if (first === null || last === null) return null;
  const newline = newlineOf(text);
  const whole = endLine(text, newline);
  const lineStart = whole.lastIndexOf("\n", first.start - 1) + 1;
  const indent = /^[ ]*/.exec(whole.slice(lineStart))?.[0] ?? "";
  const at = whole[last.end - 1] === "\n" ? last.end : whole.indexOf("\n", last.end) + 1;
  return splice(whole, [{ start: at, end: at, text: `${indent}${line}${newline}` }]);
}

/** Where an item of a list or a map lies in the text: from its first character to the end of its value. */
function rangeOf(item: unknown): { start: number; end: number } | null {
  const [head, tail] = isNode(item) ? [item, item] : [pairPart(item, "key"), pairPart(item, "value")];
  const start = isNode(head) ? head.range?.[0] : undefined;
  const end = isNode(tail) ? tail.range?.[1] : undefined;
  return start === undefined || end === undefined ? null : { start, end };
}

function pairPart(item: unknown, part: "key" | "value"): unknown {
  return typeof item === "object" && item !== null ? (item as Record<string, unknown>)[part] : undefined;
}
