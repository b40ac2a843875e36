import { lineAt } from "./lines.ts";
import type { ReceivedMap, ReceivedYaml } from "./yaml-received.ts";

/**
 * A key, and a plain scalar on the same line that no YAML reader could take for anything else: it begins with a
 * letter or digit, and a colon or a number sign in it never stands where YAML gives it a meaning.
 */
const plainLine = /^([a-z][a-z0-9_-]*): +([A-Za-z0-9](?:[\w.,;/@+()=~!?$%'"*&-]|:(?=[^\s])| +(?=[^\s#:]))*)$/;
/** A key, and on the same line a list of names and paths. */
const listLine = /^([a-z][a-z0-9_-]*): +\[([A-Za-z0-9][\w./@+-]*(?:, *[A-Za-z0-9][\w./@+-]*)*)\]$/;
const mostCharacters = 4_096;

/**
 * The front matter that we write ourselves, `key: value` line by line, read at a twentieth of the cost of the
 * parser, which a list of memos pays for each of them. Null for whatever is more than that: the parser decides there.
 */
export function readPlainMapping(yaml: string, firstLine: number, maxKeys: number): ReceivedYaml | null {
  if (yaml.length > mostCharacters) return null;
  const value: ReceivedMap = Object.create(null);
  const offsets = new Map<string, number>();
  let start = 0;
  while (start < yaml.length) {
    const newline = yaml.indexOf("\n", start);
    if (newline === -1) return null;
    const line = yaml.slice(start, yaml[newline - 1] === "\r" ? newline - 1 : newline);
    const [, key, scalar] = plainLine.exec(line) ?? listLine.exec(line) ?? [];
    if (key === undefined || scalar === undefined || offsets.has(key) || offsets.size >= maxKeys) return null;
    value[key] = line.endsWith(`[${scalar}]`) ? scalar.split(/, */) : scalar;
    offsets.set(key, start);
    start = newline + 1;
  }
  if (offsets.size === 0) return null;
  return {
    value,
    lineOf(path) {
      const offset = path.length === 1 ? offsets.get(String(path[0])) : undefined;
      return offset === undefined ? undefined : firstLine + lineAt(yaml, offset) - 1;
    },
  };
}
