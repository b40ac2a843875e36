import { interpolate } from "../../interpolate.ts";
import type { Located, LocatedEntry } from "../../located/located.ts";
import type { Spot } from "../rule.ts";
import type { Source } from "../source.ts";

/** A value of a Compose file with its place, as rules read it. */
export interface Value extends Spot {
  readonly shape: "scalar" | "map" | "list";
  /** `!reset`, `!override` … */
  readonly tag: string | undefined;
  /** A scalar as it is written, "" for null and for what is no scalar. */
  readonly text: string;
  /** The text with its variables put in: null where only whoever starts it knows one of them. */
  readonly filled: string | null;
  /** As {@link filled}, and as it is written where that is null. */
  readonly known: string;
  /** As {@link filled}, for a part of the text. */
  fill(part: string): string | null;
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

/** Shows what was read as rules want it: a place is a source and an offset, a text knows its variables. */
export class ValueReader {
  readonly #sourceOf: (file: string) => Source;
  readonly #variables: ReadonlyMap<string, string>;
  readonly #known = new WeakMap<Located, Value>();

  /** @param variables what `.env` sets */
  readonly #fill = (part: string): string | null => {
    const read = interpolate(part, this.#variables);
    return read.isMalformed ? null : read.text;
  };

  constructor(sourceOf: (file: string) => Source, variables: ReadonlyMap<string, string>) {
    this.#sourceOf = sourceOf;
    this.#variables = variables;
  }

  read(node: Located): Value {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const text = node.kind === "scalar" ? node.text : "";
    const value: Value = {
      ...this.spotOf(node.place),
      shape: node.kind,
      tag: node.tag,
      text,
      get filled() {
        return this.fill(text);
      },
      get known() {
        return this.filled ?? text;
      },
      fill: this.#fill,
      isQuoted: node.kind === "scalar" && node.isQuoted === true,
      items: () => (node.kind === "list" ? node.items.map((item) => this.read(item)) : []),
      entries: () => (node.kind === "map" ? [...node.entries].map((entry) => this.#entry(entry)) : []),
      get: (key) => {
        const found = node.kind === "map" ? node.entries.get(key) : undefined;
        return found === undefined ? undefined : this.read(found.value);
      },
    };
    this.#known.set(node, value);
    return value;
  }

  spotOf({ file, offset = 0 }: Located["place"]): Spot {
    return { source: this.#sourceOf(file), offset };
  }

  #entry([key, { key: place, value }]: [string, LocatedEntry]): Entry {
    return { key, ...this.spotOf(place), value: this.read(value) };
  }
}
