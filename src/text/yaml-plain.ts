import { EVENT_ID, type Event, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from "js-yaml";

/** What nearly every configuration consists of. Tabs, other line ends and marks of byte order are left to others. */
const TEXT = /^[\n -~\u00a0-\u2027\u202a-\ud7ff]*$/;

/**
 * What the two parsers have been seen to read differently, or stands next to it: directives, and marks of a document's
 * beginning and end but for a beginning that has its line to itself; keys behind a question mark; blocks that say their
 * indentation; and whatever begins where a list or a map on one line ends.
 */
const UNUSUAL = /^(?: *\.\.\.| +---|---(?!$)|%|[ -]*\?(?:\s|$))|[|>][-+]?\d|[\]}][^\s,\]}"']/m;

/** What a plain scalar of YAML 1.2's core schema is, other than a string; and the usual ones among its numbers. */
const TYPED =
  /^(?:~|null|true|false|0o[0-7]+|0x[\da-f]+|[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|[-+]?\.(?:inf|nan))?$/i;
const NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,9})?$/;

/** One of the two parsers lets other characters follow. */
const AFTER_QUOTES = /[\s,\]}:]/;

/**
 * The value of a map in YAML 1.2's core schema, at a fraction of what it takes to build a document that can be edited;
 * undefined for whatever is not plain: anchors, aliases, tags, directives, several documents, keys that are no strings,
 * unusual numbers, and all that is wrong. Who gets nothing here asks the `yaml` package, which says the same of the rest.
 */
export function readPlainYaml(text: string, maxDepth: number): { readonly value: unknown } | undefined {
  if (!TEXT.test(text) || UNUSUAL.test(text)) return undefined;
  try {
    return { value: new Reader(text, parseEvents(text, { maxDepth })).read() };
  } catch (error) {
    if (error instanceof YAMLException || error instanceof NotPlain) return undefined;
    throw error;
  }
}

class NotPlain extends Error {}

class Reader {
  readonly #text: string;
  readonly #events: readonly Event[];
  #next = 0;

  constructor(text: string, events: readonly Event[]) {
    this.#text = text;
    this.#events = events;
  }

  read(): unknown {
    const start = this.#take();
    const top = this.#events[this.#next];
    if (start?.type !== EVENT_ID.DOCUMENT || top?.type !== EVENT_ID.MAPPING) throw new NotPlain();
    const value = this.#value(this.#take());
    if (!this.#closes() || this.#next < this.#events.length) throw new NotPlain();
    return value;
  }

  #take(): Event | undefined {
    this.#next += 1;
    return this.#events[this.#next - 1];
  }

  /** Whether what is open ends here. */
  #closes(): boolean {
    if (this.#events[this.#next]?.type !== EVENT_ID.POP) return false;
    this.#next += 1;
    return true;
  }

  #value(event: Event | undefined): unknown {
    if (event === undefined || !("tagStart" in event) || event.tagStart !== -1 || event.anchorStart !== -1) {
      throw new NotPlain();
    }
    if (event.type === EVENT_ID.SCALAR) {
      const text = getScalarValue(this.#text, event);
      if (event.style === SCALAR_STYLE.PLAIN) return resolve(text);
      if (isQuoted(event) && !AFTER_QUOTES.test(this.#text[event.valueEnd + 1] ?? "\n")) throw new NotPlain();
      return text;
    }
    return event.type === EVENT_ID.SEQUENCE ? this.#list() : this.#map();
  }

  #list(): unknown[] {
    const items: unknown[] = [];
    while (!this.#closes()) items.push(this.#value(this.#take()));
    return items;
  }

  #map(): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    while (!this.#closes()) {
      const key = this.#value(this.#take());
      if (typeof key !== "string" || key === "__proto__" || key === "<<" || Object.hasOwn(map, key)) {
        throw new NotPlain();
      }
      map[key] = this.#value(this.#take());
    }
    return map;
  }
}

function isQuoted({ style }: { style: number }): boolean {
  return style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED;
}

/** A plain scalar. */
function resolve(text: string): unknown {
  if (!TYPED.test(text)) return text;
  if (text === "" || text === "~" || text === "null") return null;
  if (text === "true" || text === "false") return text === "true";
  if (NUMBER.test(text)) return Number(text);
  throw new NotPlain();
}
