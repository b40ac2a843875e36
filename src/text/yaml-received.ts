import { EVENT_ID, type Event, getScalarValue, parseEvents, YAMLException } from "js-yaml";
import { lineAt } from "./lines.ts";
import { makeVisible } from "./visible.ts";
import {
  checkLimits,
  type Limits,
  limitsOf,
  type ReceivedYamlOptions,
  type Refuse,
  refusal,
} from "./yaml-limits.ts";

/** What the failsafe schema can hold: no number, no boolean, no null. Objects have no prototype. */
export type ReceivedValue = string | ReceivedValue[] | ReceivedMap;
export interface ReceivedMap {
  [key: string]: ReceivedValue;
}

export interface ReceivedYaml {
  value: ReceivedValue;
  /** The line of a key or an item in the file: `lineOf(["ports", 0])`. */
  lineOf(path: readonly (string | number)[]): number | undefined;
}

/**
 * YAML that somebody else wrote, as strings, arrays and objects without a prototype.
 * Depth, keys and size are counted on the text before the parser sees it. Anchors, aliases, tags, directives,
 * further documents and duplicate keys are refused.
 *
 * @throws VibeopsError `<code>.depth|keys|size|yaml-syntax|yaml-tag|yaml-alias|yaml-directive|yaml-multidoc|yaml-dup|type`
 */
export function parseReceivedYaml(text: string, options: ReceivedYamlOptions = {}): ReceivedValue {
  return readReceivedYaml(text, options).value;
}

/** {@link parseReceivedYaml}, and where each key stands. */
export function readReceivedYaml(text: string, options: ReceivedYamlOptions = {}): ReceivedYaml {
  const refuse = refusal(text, options);
  const limits = limitsOf(options);
  checkLimits(text, limits, refuse);
  const built = new Builder(text, readEvents(text, limits, refuse), limits, refuse).build();
  const firstLine = options.firstLine ?? 1;
  return {
    value: built.value,
    lineOf(path) {
      const offset = built.offsets.get(path.join("\0"));
      return offset === undefined ? undefined : firstLine + lineAt(text, offset) - 1;
    },
  };
}

function readEvents(text: string, limits: Limits, refuse: Refuse): Event[] {
  try {
    return withoutStackTraces(() => parseEvents(text, { maxDepth: limits.maxDepth + 1 }));
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const offset = error.mark?.position ?? 0;
    const reason = reasonOf(error.reason);
    throw refuse(
      reason,
      offset,
      `the YAML cannot be read: ${makeVisible(error.reason.slice(0, 200), { newlines: false })}`,
      reason === "yaml-syntax"
        ? "put quotes around values that hold : # [ ] { } or begin with - ? @ `"
        : remove,
    );
  }
}

/** The parser's errors are caught here and told in our words: to collect where they were made costs more than to parse. */
function withoutStackTraces<T>(act: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return act();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const remove = "write the plain value";

function reasonOf(message: string): string {
  if (message.includes("maxDepth")) return "depth";
  if (/\btag\b/.test(message)) return "yaml-tag";
  if (/\b(?:anchor|alias)\b/.test(message)) return "yaml-alias";
  if (/directive|%YAML|YAML version/.test(message)) return "yaml-directive";
  return "yaml-syntax";
}

/** Builds values from the flat list of events, and remembers where each key and item begins. */
class Builder {
  readonly #text: string;
  readonly #events: readonly Event[];
  readonly #limits: Limits;
  readonly #refuse: Refuse;
  readonly #offsets = new Map<string, number>();
  #next = 0;
  #keys = 0;

  constructor(text: string, events: readonly Event[], limits: Limits, refuse: Refuse) {
    this.#text = text;
    this.#events = events;
    this.#limits = limits;
    this.#refuse = refuse;
  }

  build(): { value: ReceivedValue; offsets: ReadonlyMap<string, number> } {
    const start = this.#events[this.#next++];
    if (start === undefined) return { value: "", offsets: this.#offsets };
    if (start.type === EVENT_ID.DOCUMENT && start.directives.length > 0) {
      throw this.#refuse(
        "yaml-directive",
        0,
        "a YAML directive is not allowed here",
        "delete the line with %",
      );
    }
    const value = this.#value([]);
    this.#next += 1;
    if (this.#next < this.#events.length || (start.type === EVENT_ID.DOCUMENT && start.explicitEnd)) {
      throw this.#refuse(
        "yaml-multidoc",
        Math.max(0, this.#text.search(/^(?:---|\.\.\.)/m)),
        "there is more than one YAML document here",
        "keep one document and delete the line with --- or ...",
      );
    }
    return { value, offsets: this.#offsets };
  }

  #value(path: readonly (string | number)[]): ReceivedValue {
    const event = this.#events[this.#next++];
    if (event === undefined || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP) return "";
    this.#refuseProperties(event);
    if (event.type === EVENT_ID.SCALAR) {
      if (event.valueStart !== -1 && path.length > 0) this.#place(path, event.valueStart);
      return getScalarValue(this.#text, event);
    }
    if (event.type === EVENT_ID.SEQUENCE) {
      this.#place(path, event.start);
      return this.#list(path);
    }
    if (event.type === EVENT_ID.MAPPING) {
      this.#place(path, event.start);
      return this.#map(path, event.start);
    }
    return "";
  }

  /** A key's own place wins over its value's, which comes later. */
  #place(path: readonly (string | number)[], offset: number): void {
    const name = path.join("\0");
    if (!this.#offsets.has(name)) this.#offsets.set(name, offset);
  }

  #list(path: readonly (string | number)[]): ReceivedValue[] {
    const items: ReceivedValue[] = [];
    while (!this.#closes()) items.push(this.#value([...path, items.length]));
    return items;
  }

  #map(path: readonly (string | number)[], start: number): ReceivedMap {
    const map: ReceivedMap = Object.create(null);
    while (!this.#closes()) {
      const event = this.#events[this.#next++];
      if (event?.type !== EVENT_ID.SCALAR) {
        if (event !== undefined) this.#refuseProperties(event);
        throw this.#refuse("type", start, "a key must be plain text", "write `key: value`");
      }
      this.#refuseProperties(event);
      const key = getScalarValue(this.#text, event);
      const offset = event.valueStart === -1 ? start : event.valueStart;
      if (Object.hasOwn(map, key)) {
        throw this.#refuse("yaml-dup", offset, `the key ${quote(key)} stands here twice`, "keep one of them");
      }
      this.#keys += 1;
      if (this.#keys > this.#limits.maxKeys) {
        throw this.#refuse(
          "keys",
          offset,
          `the YAML has more than ${this.#limits.maxKeys} keys`,
          "use fewer",
        );
      }
      this.#place([...path, key], offset);
      map[key] = this.#value([...path, key]);
    }
    return map;
  }

  #closes(): boolean {
    const type = this.#events[this.#next]?.type;
    if (type !== EVENT_ID.POP && type !== undefined) return false;
    this.#next += 1;
    return true;
  }

  #refuseProperties(event: Event): void {
    if ("tagStart" in event && event.tagStart !== -1) {
      throw this.#refuse("yaml-tag", event.tagStart, "a YAML tag (!…) is not allowed here", remove);
    }
    if ("anchorStart" in event && event.anchorStart !== -1) {
      throw this.#refuse(
        "yaml-alias",
        event.anchorStart,
        "a YAML anchor (&…) or alias (*…) is not allowed here",
        remove,
      );
    }
  }
}

function quote(key: string): string {
  return `\`${makeVisible(key.slice(0, 60), { newlines: false })}\``;
}
