import { ComposeError } from "./compose-error.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;

/**
 * Replaces `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME-default}`, `${NAME:?message}`, `${NAME?message}`,
 * `${NAME:+other}`, `${NAME+other}` and `$$`, nested too, as the Compose specification has it.
 * `onUnset` hears of each plain variable that nobody has set.
 */
export function interpolate(text: string, variables: Variables, onUnset: (name: string) => void): string {
  let result = "";
  let rest = text;
  for (;;) {
    const dollar = rest.indexOf("$");
    if (dollar < 0) return result + rest;
    result += rest.slice(0, dollar);
    rest = rest.slice(dollar + 1);
    if (rest.startsWith("$")) {
      result += "$";
      rest = rest.slice(1);
    } else if (rest.startsWith("{")) {
      const end = findClosingBrace(rest, text);
      result += expandBraced(rest.slice(1, end), text, variables, onUnset);
      rest = rest.slice(end + 1);
    } else {
      const name = NAME.exec(rest)?.[0];
      if (name === undefined) throw invalidFormat(text);
      result += lookUp(name, variables, onUnset);
      rest = rest.slice(name.length);
    }
  }
}

function expandBraced(
  inside: string,
  text: string,
  variables: Variables,
  onUnset: (name: string) => void,
): string {
  const name = NAME.exec(inside)?.[0];
  if (name === undefined) throw invalidFormat(text);
  const operator = /^(:?[-?+])?/.exec(inside.slice(name.length))?.[0] ?? "";
  const argument = inside.slice(name.length + operator.length);
  if (operator === "") {
    if (argument !== "") throw invalidFormat(text);
    return lookUp(name, variables, onUnset);
  }
  const value = variables[name];
  const present = operator.startsWith(":") ? value !== undefined && value !== "" : value !== undefined;
  if (operator.endsWith("+")) return present ? interpolate(argument, variables, onUnset) : "";
  if (present) return value ?? "";
  if (operator.endsWith("-")) return interpolate(argument, variables, onUnset);
  throw new ComposeError(`required variable ${name} is missing a value: ${argument}`);
}

function lookUp(name: string, variables: Variables, onUnset: (name: string) => void): string {
  const value = variables[name];
  if (value === undefined) onUnset(name);
  return value ?? "";
}

function findClosingBrace(rest: string, text: string): number {
  let depth = 0;
  for (let index = 0; index < rest.length; index++) {
    if (rest[index] === "{" && (index === 0 || rest[index - 1] === "$")) depth++;
    else if (rest[index] === "}" && --depth === 0) return index;
  }
  throw invalidFormat(text);
}

function invalidFormat(text: string): ComposeError {
  return new ComposeError(
    `invalid interpolation format for "${text}"\nYou may need to escape any $ with another $`,
  );
}
