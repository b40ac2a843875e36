/** What a statement may hold. Keys keep their order; `undefined` is left out. */
type CanonicalValue = string | number | CanonicalList | CanonicalMap;
type CanonicalList = readonly CanonicalValue[];
type CanonicalMap = { readonly [key: string]: CanonicalValue | undefined };

/**
 * YAML of which there is exactly one for each value: two spaces, every text in double quotes, everything but
 * printable ASCII escaped. So the bytes that were signed can be made again and compared, and none of them is a
 * character that a terminal obeys.
 */
export function formatCanonicalYaml(value: CanonicalMap): string {
  return formatLines(value, "");
}

/** A list or a map, each of its lines indented so. */
function formatLines(value: CanonicalList | CanonicalMap, indent: string): string {
  const further = `${indent}  `;
  let text = "";
  if (isList(value)) {
    for (const item of value) {
      const word = wordOf(item);
      // The first line of what is in an item stands beside its mark.
      text += `${indent}- ${typeof word === "string" ? `${word}\n` : formatLines(word, further).slice(further.length)}`;
    }
    return text;
  }
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item === undefined) continue;
    const word = wordOf(item);
    text += `${indent}${key}:${typeof word === "string" ? ` ${word}\n` : `\n${formatLines(word, further)}`}`;
  }
  return text;
}

/** A text for what fits on one line, itself for the rest. */
function wordOf(value: CanonicalValue): string | CanonicalList | CanonicalMap {
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return quoteText(value);
  if (isList(value)) return value.length === 0 ? "[]" : value;
  return Object.values(value).every((item) => item === undefined) ? "{}" : value;
}

function isList(value: CanonicalValue): value is CanonicalList {
  return Array.isArray(value);
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
