import type { Spot } from "../rule.ts";
import type { Entry, Value } from "./yaml-value.ts";

/**
 * A service as Compose would put it together: its own map first, then what it extends or what it overrides. Merge keys
 * are filled in already.
 */
export class Service implements Spot {
  readonly name: string;
  readonly source: Spot["source"];
  /** Of its name. */
  readonly offset: number;
  readonly layers: readonly Value[];
  /**
   * Whether this file only adds to a service that another file has, or a part of it could not be read: then nothing
   * is said about what is missing.
   */
  readonly isPartial: boolean;

  constructor(name: string, spot: Spot, layers: readonly Value[], isPartial: boolean) {
    this.name = name;
    this.source = spot.source;
    this.offset = spot.offset;
    this.layers = layers;
    this.isPartial = isPartial;
  }

  /** The value of a key, or of a path of them, in the first layer that has it. */
  get(...path: readonly string[]): Value | undefined {
    return this.#all(path)[0];
  }

  /** A scalar's text; "" where there is none. */
  text(...path: readonly string[]): string {
    return this.get(...path)?.text ?? "";
  }

  /** The items of a list over all layers, as Compose joins them; a single value counts as a list of one. */
  items(...path: readonly string[]): Value[] {
    return this.#all(path).flatMap((value) =>
      value.shape === "list" ? value.items() : value.shape === "scalar" && value.text !== "" ? [value] : [],
    );
  }

  /** The entries of a map over all layers: the first layer wins. */
  entries(...path: readonly string[]): Entry[] {
    const found = new Map<string, Entry>();
    for (const value of this.#all(path))
      for (const entry of value.entries()) if (!found.has(entry.key)) found.set(entry.key, entry);
    return [...found.values()];
  }

  #all(path: readonly string[]): Value[] {
    const values: Value[] = [];
    for (const layer of this.layers) {
      let value: Value | undefined = layer;
      for (const key of path) value = value?.get(key);
      if (value?.tag === "!reset") break;
      if (value !== undefined) values.push(value);
      if (value?.tag === "!override") break;
    }
    return values;
  }
}

export interface Variable extends Spot {
  readonly name: string;
  /** Undefined where the host's own is passed on. */
  readonly value: string | undefined;
  /** Where the value begins, as far as that is known. */
  readonly at: Spot;
}

/** `environment:` in both of its forms. */
export function readEnvironment(service: Service): Variable[] {
  const fromMaps = service.entries("environment").map(({ key, value, source, offset }) => ({
    source,
    offset,
    name: key,
    value: value.text === "" ? undefined : value.text,
    at: value,
  }));
  const fromLists = service.items("environment").map((item) => {
    const sign = item.text.indexOf("=");
    const value = sign < 0 ? undefined : item.text.slice(sign + 1);
    const { source, offset } = item;
    return { source, offset, name: sign < 0 ? item.text : item.text.slice(0, sign), value, at: item };
  });
  return [...fromMaps, ...fromLists];
}

/** What a service waits for, and until when; `service_started` where nothing is said. */
export interface Dependency extends Spot {
  readonly name: string;
  readonly condition: string;
  readonly isRequired: boolean;
}

export function readDependencies(service: Service): Dependency[] {
  const listed = service.items("depends_on").map(({ text, source, offset }) => ({
    name: text,
    condition: "service_started",
    isRequired: true,
    source,
    offset,
  }));
  const mapped = service.entries("depends_on").map(({ key, value, source, offset }) => ({
    name: key,
    condition: value.get("condition")?.text || "service_started",
    isRequired: value.get("required")?.text !== "false",
    source,
    offset,
  }));
  return [...listed, ...mapped];
}
