/** A text of a Compose file after its variables were put in. */
export interface Interpolated {
  /** Null where a variable without a default stands in it: then only who runs it knows. */
  readonly text: string | null;
  /** Variables whose default was taken. */
  readonly defaults: readonly string[];
  readonly variables: readonly InterpolatedVariable[];
}

interface InterpolatedVariable {
  readonly name: string;
  /** Undefined where the file does not say: an unset variable becomes an empty text, with a warning. */
  readonly required: boolean | undefined;
}

const MAX_DEPTH = 8;

const REFERENCE = /\$(?:(\$)|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])|(?=\})))/g;

/**
 * Compose's own interpolation: `$A`, `${A}`, `${A:-default}`, `${A-default}`, `${A:?error}`, `${A:+other}`, `$$`, nested.
 *
 * @param values of `.env`, where the repository keeps one
 */
export function interpolate(text: string, values: ReadonlyMap<string, string>, depth = 0): Interpolated {
  if (!text.includes("$")) return { text, defaults: [], variables: [] };
  const defaults: string[] = [];
  const variables: InterpolatedVariable[] = [];
  const pattern = new RegExp(REFERENCE);
  let result: string | null = "";
  let done = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    result = append(result, text.slice(done, match.index));
    const end = match[3] === undefined ? pattern.lastIndex : closingBrace(text, pattern.lastIndex);
    if (end === -1) return { text: null, defaults, variables };
    const part = expand(
      match,
      text.slice(pattern.lastIndex, Math.max(pattern.lastIndex, end - 1)),
      values,
      depth,
    );
    result = append(result, part.text);
    defaults.push(...part.defaults);
    variables.push(...part.variables);
    done = end;
    pattern.lastIndex = end;
  }
  return { text: append(result, text.slice(done)), defaults, variables };
}

function append(text: string | null, more: string | null): string | null {
  return text === null || more === null ? null : text + more;
}

/** Behind the brace that closes the one opened before `from`; -1 where none does. */
function closingBrace(text: string, from: number): number {
  let open = 1;
  for (let i = from; i < text.length; i += 1) {
    if (text[i] === "{" && text[i - 1] === "$") open += 1;
    else if (text[i] === "}") open -= 1;
    if (open === 0) return i + 1;
  }
  return -1;
}

function expand(
  match: RegExpExecArray,
  rest: string,
  values: ReadonlyMap<string, string>,
  depth: number,
): Interpolated {
  const [, dollar, plain, braced = "", sign = ""] = match;
  if (dollar !== undefined) return { text: "$", defaults: [], variables: [] };
  const name = plain ?? braced;
  const value = values.get(name);
  const isSet = value !== undefined && (value !== "" || !sign.startsWith(":"));
  const required = sign.endsWith("?") ? true : sign.endsWith("-") || sign.endsWith("+") ? false : undefined;
  const variables = [{ name, required }];
  if (sign.endsWith("+")) return { text: isSet ? rest : "", defaults: [], variables };
  if (isSet) return { text: value, defaults: [], variables };
  if (!sign.endsWith("-") || depth >= MAX_DEPTH) return { text: null, defaults: [], variables };
  const inner = interpolate(rest, values, depth + 1);
  return {
    text: inner.text,
    defaults: [name, ...inner.defaults],
    variables: [...variables, ...inner.variables],
  };
}
