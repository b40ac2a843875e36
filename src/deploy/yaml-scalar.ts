/** Words that YAML 1.1 readers (podman-compose's among them) take for something else than text. */
const RESERVED = new Set(["y", "n", "yes", "no", "on", "off", "true", "false", "null"]);
const PLAIN = /^[A-Za-z/][A-Za-z0-9_./@-]*(?::[A-Za-z0-9_./@-]+)*$/;

/**
 * A string as YAML that means exactly this string to every Compose implementation: plain where no reader could
 * take it for something else, otherwise double-quoted with everything but printable ASCII escaped. Compose fills in
 * `$NAME` inside strings, so each `$` is doubled.
 */
export function yamlScalar(text: string): string {
  if (PLAIN.test(text) && !RESERVED.has(text.toLowerCase())) return text;
  return JSON.stringify(text.replaceAll("$", "$$$$")).replace(/[^\x20-\x7e]/gu, escapeCharacter);
}

/** A flow sequence of {@link yamlScalar}s: `["wget", "-q"]`. */
export function yamlList(items: readonly string[]): string {
  return `[${items.map(yamlScalar).join(", ")}]`;
}

function escapeCharacter(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, "0")}` : `\\u${code.padStart(4, "0")}`;
}
