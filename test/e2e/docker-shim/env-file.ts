import { ComposeError } from "./compose-error.ts";
import { interpolate, type Variables } from "./interpolate.ts";

const ASSIGNMENT =
  /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*(?:[=:][ \t]*(?:"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'|([^\n]*)))?[ \t]*(?:#[^\n]*)?(?:\n|$)/;
const BLANK = /^[ \t]*(?:#[^\n]*)?(?:\n|$)/;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

/**
 * Reads an environment file as `docker compose` does: quotes are taken off (podman's `--env-file` keeps
 * them), `'single'` is literal, anything else is interpolated, and a name alone takes the value from outside.
 */
export function parseEnvFile(text: string, path: string, outside: Variables): Record<string, string> {
  const values: Record<string, string> = {};
  let rest = text.replaceAll("\r\n", "\n");
  while (rest !== "") {
    const blank = BLANK.exec(rest);
    if (blank) {
      rest = rest.slice(blank[0].length);
      continue;
    }
    const found = ASSIGNMENT.exec(rest);
    if (!found)
      throw new ComposeError(`failed to read ${path}: unexpected text near "${rest.split("\n")[0]}"`);
    rest = rest.slice(found[0].length);
    const name = found[1] ?? "";
    const value = readValue(found, { ...values, ...outside }, outside[name]);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function readValue(
  [, , double, single, plain]: RegExpExecArray,
  variables: Variables,
  outside: string | undefined,
): string | undefined {
  if (single !== undefined) return single;
  if (double !== undefined) {
    const unescaped = double.replace(/\\([\s\S])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
    return interpolate(unescaped, variables, () => {});
  }
  if (plain === undefined) return outside;
  return interpolate(plain.replace(/(^|\s)#.*$/, "").trim(), variables, () => {});
}
