import { isTrueText } from "../../compose-file/booleans.ts";
import type { Spot } from "../rule.ts";
import type { Entry, Value } from "./value.ts";

/** A service as Compose would put it together, with what it extends and what overrides it. */
export class Service implements Spot {
  readonly name: string;
  readonly source: Spot["source"];
  /** Of its name. */
  readonly offset: number;
  readonly body: Value;
  /**
   * Whether its files only add to a service that another file has, or a part of it could not be read: then nothing
   * is said about what is missing.
   */
  readonly isPartial: boolean;

  constructor(name: string, spot: Spot, body: Value, isPartial: boolean) {
    this.name = name;
    this.source = spot.source;
    this.offset = spot.offset;
    this.body = body;
    this.isPartial = isPartial;
  }

  /** The value of a key, or of a path of them. */
  get(...path: readonly string[]): Value | undefined {
    let value: Value | undefined = this.body;
    for (const key of path) value = value?.get(key);
    return value;
  }

  /** A scalar's text, its variables put in as far as they are known; "" where there is none. */
  text(...path: readonly string[]): string {
    return this.get(...path)?.known ?? "";
  }

  /** The items of a list; a single value counts as a list of one. */
  items(...path: readonly string[]): readonly Value[] {
    const value = this.get(...path);
    if (value?.shape === "list") return value.items();
    return value === undefined || value.text === "" ? [] : [value];
  }

  entries(...path: readonly string[]): readonly Entry[] {
    return this.get(...path)?.entries() ?? [];
  }

  /** Whether a key, or a path of them, is `true`. */
  isOn(...path: readonly string[]): boolean {
    return isTrueText(this.text(...path));
  }
}

/** What Compose makes of its own words for the engine, those of `deploy.restart_policy` among them. */
const POLICIES: Readonly<Record<string, string>> = { any: "always", none: "no", false: "no" };

/** Whether it comes back, and where that is written: `deploy.restart_policy` goes before `restart`. */
export function readRestart(
  service: Service,
): { readonly policy: string; readonly value: Value } | undefined {
  const value = service.get("deploy", "restart_policy", "condition") ?? service.get("restart");
  if (value === undefined) return undefined;
  const { known } = value;
  return { policy: Object.hasOwn(POLICIES, known) ? (POLICIES[known] ?? known) : known, value };
}

export interface Variable extends Spot {
  readonly name: string;
  /** Undefined where the host's own is passed on. */
  readonly value: string | undefined;
  /** Where the value begins, as far as that is known. */
  readonly at: Spot;
}

/** `environment:`, or what is written as it is, in both of its forms. */
export function readVariables(service: Service, ...path: readonly string[]): Variable[] {
  const fromMaps = service.entries(...path).map(({ key, value, source, offset }) => ({
    source,
    offset,
    name: key,
    value: value.text === "" ? undefined : value.text,
    at: value,
  }));
  const fromLists = service.items(...path).map((item) => {
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
  const listed = service.items("depends_on").map(({ known, source, offset }) => ({
    name: known,
    condition: "service_started",
    isRequired: true,
    source,
    offset,
  }));
  const mapped = service.entries("depends_on").map(({ key, value, source, offset }) => ({
    name: key,
    condition: value.get("condition")?.known || "service_started",
    isRequired: !/^(?:false|no|off|n)$/i.test(value.get("required")?.known ?? ""),
    source,
    offset,
  }));
  return [...listed, ...mapped];
}
