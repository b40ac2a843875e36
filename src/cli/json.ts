/**
 * What JSON.stringify leaves raw and a terminal or a person's eye would obey: DEL and the C1 controls, bidirectional
 * controls, all that is invisible, line and paragraph separators.
 */
const RAW =
  /[\u007f-\u009f\u2800\ufff9-\ufffb\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;

/** One JSON document for a program, safe to look at: the same value, with such characters as \uXXXX. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(RAW, (character) =>
    Array.from({ length: character.length }, (_, i) => escapeUnit(character.charCodeAt(i))).join(""),
  );
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
