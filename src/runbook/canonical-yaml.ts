/** What a statement may hold. Keys keep their order; `undefined` is left out. */
export type CanonicalValue =
  | string
  | number
  | readonly CanonicalValue[]
  | { readonly [key: string]: CanonicalValue | undefined };

/**
 * YAML of which there is exactly one for each value: two spaces, every text in double quotes, everything but
 * printable ASCII escaped. So the bytes that were signed can be made again and compared, and none of them is a
 * character that a terminal obeys.
 */
export function formatCanonicalYaml(value: { readonly [key: string]: CanonicalValue | undefined }): string {
  return mapLines(value).join("\n").concat("\n");
}

function mapLines(map: { readonly [key: string]: CanonicalValue | undefined }): string[] {
  return Object.entries(map).flatMap(([key, value]) => (value === undefined ? [] : entryLines(key, value)));
}

function entryLines(key: string, value: CanonicalValue): string[] {
  const lines = valueLines(value);
  return typeof lines === "string" ? [`${key}: ${lines}`] : [`${key}:`, ...lines.map((line) => `  ${line}`)];
}

/** A text for what fits on the key's own line, lines for the rest. */
function valueLines(value: CanonicalValue): string | string[] {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quoteText(value);
  if (isList(value)) return value.length === 0 ? "[]" : value.flatMap(itemLines);
  const lines = mapLines(value);
  return lines.length === 0 ? "{}" : lines;
}

function isList(value: CanonicalValue): value is readonly CanonicalValue[] {
  return Array.isArray(value);
}

function itemLines(value: CanonicalValue): string[] {
  const lines = valueLines(value);
  if (typeof lines === "string") return [`- ${lines}`];
  return lines.map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`));
}

/** A JSON text is a YAML double-quoted one. */
function quoteText(text: string): string {
  const json = JSON.stringify(text);
  if (/^[\x20-\x7e]*$/.test(json)) return json;
  return json.replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
