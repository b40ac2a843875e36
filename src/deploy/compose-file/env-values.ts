import { interpolate } from "../interpolate.ts";

/** One variable that an environment file sets. */
export interface EnvLine {
  readonly name: string;
  /** Null where it depends on a variable that only the machine has; also where a name stands alone. */
  readonly value: string | null;
  readonly line: number;
}

/** The start of `NAME=value`, of `NAME: value` as Compose takes it too, and of `export NAME`. */
const START = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*(?:[=:][ \t]*(.*))?$/s;

const CLOSING: Readonly<Record<string, RegExp>> = { "'": /(?:^|[^\\])'/, '"': /(?:^|[^\\])"/ };

/**
 * The lines of an environment file as Compose reads it: comments, quotes that may go over several lines, and variables
 * that were set above. For names and for interpolation only: values are never told.
 */
export function readEnvLines(text: string): EnvLine[] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const closings = new Closings(lines);
  const known = new Map<string, string>();
  const found: EnvLine[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const [, name, raw] = START.exec(lines[at] ?? "") ?? [];
    if (name === undefined) continue;
    const line = at + 1;
    const quote = /^["']/.exec(raw ?? "")?.[0];
    const end = quote === undefined ? at : closingLine(closings, at, raw ?? "", quote);
    const written = [raw ?? "", ...lines.slice(at + 1, end + 1)].join("\n");
    const value = raw === undefined ? null : readValue(written, quote, known);
    if (value !== null) known.set(name, value);
    found.push({ name, value, line });
    at = end;
  }
  return found;
}

/** The line on which a quoted value ends; its own where no line ends it. */
function closingLine(closings: Closings, start: number, raw: string, quote: string): number {
  if (CLOSING[quote]?.test(raw.slice(1)) === true) return start;
  return closings.after(start, quote) ?? start;
}

/** Where quotes close. Asked from the first line to the last, it looks at each line once for each kind of quote. */
class Closings {
  readonly #lines: readonly string[];
  readonly #next: Record<string, number> = {};

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  /** The first line below `start` on which this quote closes. */
  after(start: number, quote: string): number | undefined {
    let next = Math.max(this.#next[quote] ?? 0, start + 1);
    while (next < this.#lines.length && CLOSING[quote]?.test(this.#lines[next] ?? "") !== true) next += 1;
    this.#next[quote] = next;
    return next < this.#lines.length ? next : undefined;
  }
}

function readValue(
  written: string,
  quote: string | undefined,
  known: ReadonlyMap<string, string>,
): string | null {
  if (quote === "'") return /^'([^']*)'/.exec(written)?.[1] ?? written;
  const plain =
    quote === '"'
      ? (/^"((?:[^"\\]|\\[\s\S])*)"/.exec(written)?.[1]?.replaceAll('\\"', '"') ?? written)
      : written.replace(/(?<=^|\s)#.*$/s, "").trimEnd();
  return interpolate(plain, known).text;
}

/** What an environment file sets, for Compose's interpolation only. */
export function readEnvValues(text: string): Map<string, string> {
  return new Map(
    readEnvLines(text).flatMap(({ name, value }) => (value === null ? [] : [[name, value] as const])),
  );
}
