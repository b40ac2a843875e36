import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  visit,
} from "yaml";
import type { Spot } from "../rule.ts";
import type { Source } from "../source.ts";

/** A value of a YAML file with its place; aliases are followed and merge keys are filled in when they are asked for. */
export interface Value extends Spot {
  readonly shape: "scalar" | "map" | "list";
  /** `!reset`, `!override` … */
  readonly tag: string | undefined;
  /** A scalar as it is written, "" for null and for what is no scalar. */
  readonly text: string;
  /** Whether a scalar stands in quotes. */
  readonly isQuoted: boolean;
  /** Of a list; empty for anything else. */
  items(): readonly Value[];
  /** Of a map, with what its merge keys bring; empty for anything else. */
  entries(): readonly Entry[];
  get(key: string): Value | undefined;
}

export interface Entry extends Spot {
  readonly key: string;
  readonly value: Value;
}

/** A map whose merge keys lead back to itself brings in no more than this many levels. */
const MAX_MERGES = 64;

/** Reads one document: nothing is ever expanded, so that a bomb of aliases stays as small as it was written. */
export class YamlTree {
  readonly #source: Source;
  readonly #targets = new Map<Node, Node | undefined>();
  readonly #values = new Map<unknown, Value>();
  readonly #maps = new Map<Node, readonly Entry[]>();
  readonly #keys = new Map<readonly Entry[], ReadonlyMap<string, Entry>>();
  readonly root: Value;

  constructor(source: Source, document: Document) {
    this.#source = source;
    this.#collectAnchors(document);
    this.root = this.#valueOf(document.contents, 0);
  }

  #collectAnchors(document: Document): void {
    const anchors = new Map<string, Node>();
    visit(document, {
      Alias: (_key, alias) => void this.#targets.set(alias, anchors.get(alias.source)),
      Scalar: (_key, node) => void (node.anchor === undefined || anchors.set(node.anchor, node)),
      Collection: (_key, node) => void (node.anchor === undefined || anchors.set(node.anchor, node)),
    });
  }

  #valueOf(given: unknown, fallback: number): Value {
    const known = this.#values.get(given);
    if (known !== undefined && given !== null) return known;
    const node = this.#resolve(given);
    const offset = isNode(given) ? (given.range?.[0] ?? fallback) : fallback;
    const shape = isMap(node) ? "map" : isSeq(node) ? "list" : "scalar";
    const value: Value = {
      source: this.#source,
      offset,
      shape,
      tag: isNode(node) ? node.tag : undefined,
      text: textOf(node),
      isQuoted: isScalar(node) && (node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE"),
      items: () => (isSeq(node) ? node.items.map((item) => this.#valueOf(item, offset)) : []),
      entries: () => (isMap(node) ? this.#entriesOf(node) : []),
      get: (key) => (isMap(node) ? this.#keyed(node).get(key)?.value : undefined),
    };
    if (isNode(given)) this.#values.set(given, value);
    return value;
  }

  /** An alias to an alias is none in YAML, but a broken file may hold one. */
  #resolve(node: unknown): unknown {
    if (!isAlias(node)) return node;
    const target = this.#targets.get(node);
    return isAlias(target) ? undefined : target;
  }

  #entriesOf(node: Node, depth = 0): readonly Entry[] {
    const known = this.#maps.get(node);
    if (known !== undefined || !isMap(node) || depth > MAX_MERGES) return known ?? [];
    // A map that merges itself finds itself empty.
    this.#maps.set(node, []);
    const pairs = node.items.filter((pair) => isPair(pair));
    const merged = pairs.filter(isMerge).flatMap((pair) => this.#mergedBy(pair.value, depth));
    const found = new Map<string, Entry>();
    for (const entry of [
      ...pairs.filter((pair) => !isMerge(pair)).map((pair) => this.#entryOf(pair)),
      ...merged,
    ])
      if (!found.has(entry.key)) found.set(entry.key, entry);
    const entries = [...found.values()];
    this.#maps.set(node, entries);
    return entries;
  }

  #keyed(node: Node): ReadonlyMap<string, Entry> {
    const entries = this.#entriesOf(node);
    const known = this.#keys.get(entries) ?? new Map(entries.map((entry) => [entry.key, entry]));
    this.#keys.set(entries, known);
    return known;
  }

  #entryOf({ key, value }: Pair): Entry {
    const offset = isNode(key) ? (key.range?.[0] ?? 0) : 0;
    return {
      key: textOf(this.#resolve(key)),
      source: this.#source,
      offset,
      value: this.#valueOf(value, offset),
    };
  }

  #mergedBy(given: unknown, depth: number): Entry[] {
    const node = this.#resolve(given);
    const maps = isSeq(node) ? node.items.map((item) => this.#resolve(item)) : [node];
    return maps.flatMap((map) => (isMap(map) ? [...this.#entriesOf(map, depth + 1)] : []));
  }
}

function isMerge({ key }: Pair): boolean {
  return isScalar(key) && key.value === "<<" && key.type === "PLAIN";
}

function textOf(node: unknown): string {
  if (!isScalar(node) || node.value === null || node.value === undefined) return "";
  if (typeof node.value === "string") return node.value;
  return node.source ?? String(node.value);
}
