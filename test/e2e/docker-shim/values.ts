import { ComposeError } from "./compose-error.ts";

export type Mapping = Record<string, unknown>;

/** What stands at a place in the Compose file, read as a mapping. An empty value is an empty mapping. */
export function readMapping(value: unknown, place: string): Mapping {
  if (value === undefined || value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw new ComposeError(`${place} must be a mapping`);
  return value as Mapping;
}

export function readList(value: unknown, place: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new ComposeError(`${place} must be a array`);
  return value;
}

/** A scalar as text. Throws for anything that is not a string, a number or a boolean. */
export function readText(value: unknown, place: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new ComposeError(`${place} must be a string`);
}

export function readTexts(value: unknown, place: string): string[] {
  if (typeof value === "string") return [value];
  return readList(value, place).map((item, index) => readText(item, `${place}.${index}`));
}

/** `KEY=value` items or a mapping; a key without a value is `undefined`. */
export function readPairs(value: unknown, place: string): Record<string, string | undefined> {
  if (Array.isArray(value)) {
    return Object.fromEntries(
      readTexts(value, place).map((item) => {
        const at = item.indexOf("=");
        return at < 0 ? [item, undefined] : [item.slice(0, at), item.slice(at + 1)];
      }),
    );
  }
  return Object.fromEntries(
    Object.entries(readMapping(value, place)).map(([key, item]) => [
      key,
      item === null ? undefined : readText(item, `${place}.${key}`),
    ]),
  );
}

/** A command: a list as it is; text is split as a shell would (no expansion). */
export function readWords(value: unknown, place: string): string[] {
  if (typeof value !== "string") return readTexts(value, place);
  const words = value.match(/(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return words.map((word) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g, (_, double, single, escaped) =>
      double !== undefined ? double.replace(/\\(["\\$`])/g, "$1") : (single ?? escaped),
    ),
  );
}

/** A Compose duration (`1m30s`, `500ms`) in milliseconds. */
export function readDuration(value: unknown, place: string): number {
  const text = readText(value, place);
  const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1, us: 0.001 };
  if (!/^(\d+(?:\.\d+)?(?:ms|us|h|m|s))+$/.test(text)) throw new ComposeError(`${place} must be a duration`);
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|us|h|m|s)/g)) {
    total += Number(amount) * (units[unit ?? ""] ?? 0);
  }
  return total;
}

/** Refuses keys outside the Compose specification, and those that this stand-in cannot honour. */
export function checkKeys(
  mapping: Mapping,
  place: string,
  carriedOut: readonly string[],
  known: readonly string[],
  refuse: (what: string) => Error,
): void {
  for (const [key, value] of Object.entries(mapping)) {
    if (carriedOut.includes(key) || key.startsWith("x-")) continue;
    if (!known.includes(key)) {
      throw new ComposeError(`${place || "(root)"} additional properties '${key}' not allowed`);
    }
    if (value !== null && value !== undefined) throw refuse(place === "" ? key : `${place}.${key}`);
  }
}
