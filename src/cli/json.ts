import { lazyPattern } from "../text/lazy-pattern.ts";

/**
 * What JSON.stringify leaves raw and a terminal or a person's eye would obey: DEL and the C1 controls, bidirectional
 * controls, all that is invisible, line and paragraph separators.
 */
const RAW = lazyPattern(
  String.raw`[\u007f-\u009f\u2800\ufff9-\ufffb\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]`,
  "gu",
);

/** One JSON document for a program, safe to look at: the same value, with such characters as \uXXXX. */
export function formatJson(value: unknown): string {
  return [...jsonPieces(value)].join("");
}

/** As {@link formatJson}, on one line. */
export function formatJsonLine(value: unknown): string {
  return JSON.stringify(value ?? null).replace(RAW(), escapeCharacter);
}

/** Lists that are longer are formatted item by item. */
const MANY = 1_000;

/** {@link formatJson} in pieces: a list of a hundred thousand never stands in memory as one text. */
export function* jsonPieces(value: unknown, indent = ""): Generator<string> {
  const inner = `${indent}  `;
  if (Array.isArray(value) && value.length > MANY) {
    for (const [i, item] of value.entries())
      yield `${i === 0 ? "[" : ","}\n${inner}${formatPart(item, inner)}`;
    yield `\n${indent}]`;
  } else if (holdsMany(value)) {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined);
    for (const [i, [key, member]] of entries.entries()) {
      yield `${i === 0 ? "{" : ","}\n${inner}${formatPart(key, inner)}: `;
      yield* jsonPieces(member, inner);
    }
    yield `\n${indent}}`;
  } else yield formatPart(value, indent);
}
/** Whether a plain object holds such a list, or one that does. */
function holdsMany(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Array.isArray(value) || "toJSON" in value) return false;
  return Object.values(value).some((member) =>
    Array.isArray(member) ? member.length > MANY : holdsMany(member),
  );
}

function formatPart(value: unknown, indent: string): string {
  const json = JSON.stringify(value ?? null, null, 2);
  return (indent === "" ? json : json.replaceAll("\n", `\n${indent}`)).replace(RAW(), escapeCharacter);
}

function escapeCharacter(character: string): string {
  return Array.from({ length: character.length }, (_, i) => escapeUnit(character.charCodeAt(i))).join("");
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
