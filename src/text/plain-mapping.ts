import { lineAt } from "./lines.ts";
import type { ReceivedMap, ReceivedYaml } from "./yaml-received.ts";

/** Keys, each with a plain scalar on its line, of letters, digits, spaces and marks that YAML gives no meaning alone. */
const plainLines = /^\n(?:[a-z][a-z0-9_-]*: +[A-Za-z0-9][\w.,;/@+()=~!?$%'"*& :-]*\r?\n)+$/;
/** Where a colon or a space in a scalar has a meaning, or none that we would want to know of. */
const meaningful = /: |[ :]$| :/;
const mostCharacters = 4_096;

/**
 * The front matter that we write ourselves, `key: value` line by line, read at a twentieth of the cost of the
 * parser, which a list of memos pays for each of them. It takes only scalars that no YAML reader could take for
 * anything else. Null for whatever is more than that: the parser decides there.
 */
export function readPlainMapping(yaml: string, firstLine: number, maxKeys: number): ReceivedYaml | null {
  if (yaml.length > mostCharacters) return null;
  // A string of its own: V8 keeps the whole of a text for the sake of a piece of it, and these pieces are kept.
  const page = `\n${yaml}`;
  if (!plainLines.test(page)) return null;
  const value: ReceivedMap = Object.create(null);
  let keys = 0;
  for (let start = 1; start < page.length; keys += 1) {
    const newline = page.indexOf("\n", start);
    const colon = page.indexOf(":", start);
    const key = page.slice(start, colon);
    let from = colon + 1;
    while (page[from] === " ") from += 1;
    const scalar = page.slice(from, page[newline - 1] === "\r" ? newline - 1 : newline);
    if (value[key] !== undefined || keys >= maxKeys || meaningful.test(scalar)) return null;
    value[key] = scalar;
    start = newline + 1;
  }
  return {
    value,
    lineOf([key, ...deeper]) {
      if (deeper.length > 0 || value[String(key)] === undefined) return undefined;
      return firstLine + lineAt(page, page.indexOf(`\n${key}:`)) - 1;
    },
  };
}
