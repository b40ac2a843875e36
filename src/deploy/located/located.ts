/** A line of a file, named as whoever reads it names its files; line 0 is no line, as of a tag in git. */
export interface Place {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Of the text without its byte order mark, in UTF-16 units; for YAML only. */
  readonly offset?: number;
}

/** A value out of YAML, JSON or TOML that knows the line on which it stands. Nodes may be shared: aliases are not copied. */
export type Located = LocatedScalar | LocatedList | LocatedMap;

interface Node {
  readonly place: Place;
  /** A YAML tag of one's own: Compose has `!reset` and `!override`. */
  readonly tag?: string;
}

export interface LocatedScalar extends Node {
  readonly kind: "scalar";
  /** As it was written; empty for null. */
  readonly text: string;
  readonly isNull: boolean;
  /** Whether it stands in quotes, where that is known. */
  readonly isQuoted?: boolean;
}

export interface LocatedList extends Node {
  readonly kind: "list";
  readonly items: readonly Located[];
}

export interface LocatedMap extends Node {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, LocatedEntry>;
}

export interface LocatedEntry {
  /** Where the key stands. */
  readonly key: Place;
  readonly value: Located;
}

/** What lies at a path of keys; undefined where there is nothing. */
export function at(node: Located | undefined, ...path: readonly string[]): Located | undefined {
  let current = node;
  for (const key of path) {
    if (current?.kind !== "map") return undefined;
    current = current.entries.get(key)?.value;
  }
  return current;
}

export function itemsOf(node: Located | undefined): readonly Located[] {
  return node?.kind === "list" ? node.items : [];
}

export function entriesOf(node: Located | undefined): [string, LocatedEntry][] {
  return node?.kind === "map" ? [...node.entries] : [];
}

/** A scalar that holds something. */
export function scalarOf(node: Located | undefined): LocatedScalar | undefined {
  return node?.kind === "scalar" && !node.isNull && node.text !== "" ? node : undefined;
}

export function textOf(node: Located | undefined): string | undefined {
  return scalarOf(node)?.text;
}

/** A list's items, or a scalar as its only one: many keys take both. */
export function oneOrMore(node: Located | undefined): readonly Located[] {
  if (node?.kind === "list") return node.items;
  return scalarOf(node) === undefined || node === undefined ? [] : [node];
}

/** Words of a list in exec form; null where any of them is no scalar. */
export function wordsOf(node: Located | undefined): LocatedScalar[] | null {
  if (node?.kind !== "list") return null;
  const words = node.items.filter((item) => item.kind === "scalar");
  return words.length === node.items.length ? words : null;
}
