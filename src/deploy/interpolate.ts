/** A text of a Compose file after its variables were put in. */
export interface Interpolated {
  /** Null where a variable without a default stands in it: then only who runs it knows. */
  readonly text: string | null;
  /** Variables whose default was taken. */
  readonly defaults: readonly string[];
  readonly variables: readonly InterpolatedVariable[];
  /** A `${` that begins no reference, which Compose refuses, stands in it as it is. */
  readonly isMalformed: boolean;
}

interface InterpolatedVariable {
  readonly name: string;
  /** Undefined where the file does not say: an unset variable becomes an empty text, with a warning. */
  readonly required: boolean | undefined;
}

const MAX_DEPTH = 8;
/** Characters that variables may add to a text: a few lines of them, each twice in the next, would fill any memory. */
const MAX_GROWTH = 65_536;

const REFERENCE = /\$(?:(\$)|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-?+])|(?=\}))|(\{))/g;

const NOTHING: Interpolated = { text: "", defaults: [], variables: [], isMalformed: false };
const NO_VALUES: ReadonlyMap<string, string> = new Map();

/**
 * A value as Compose would read it with no variable set: defaults are filled in, `$$` is a dollar. Null where a
 * variable has no default, what stands there only whoever starts it knows, and where Compose would refuse it.
 */
export function fillDefaults(text: string): string | null {
  const read = interpolate(text, NO_VALUES);
  return read.isMalformed ? null : read.text;
}

/**
 * Compose's own interpolation: `$A`, `${A}`, `${A:-default}`, `${A-default}`, `${A:?error}`, `${A:+other}`, `$$`, nested.
 * What becomes longer by more than 64 Ki characters is not told.
 *
 * @param values of `.env`, where the repository keeps one
 */
export function interpolate(text: string, values: ReadonlyMap<string, string>, depth = 0): Interpolated {
  if (!text.includes("$")) return { ...NOTHING, text };
  const defaults: string[] = [];
  const variables: InterpolatedVariable[] = [];
  const pattern = new RegExp(REFERENCE);
  let result: string | null = "";
  let isMalformed = false;
  let done = 0;
  const append = appenderTo(text);
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    result = append(result, text.slice(done, match.index));
    const end = match[3] === undefined ? pattern.lastIndex : closingBrace(text, pattern.lastIndex);
    if (end === -1) return { text: null, defaults, variables, isMalformed };
    const part = expand(
      match,
      text.slice(pattern.lastIndex, Math.max(pattern.lastIndex, end - 1)),
      values,
      depth,
    );
    result = append(result, part.text);
    for (const name of part.defaults) defaults.push(name);
    for (const variable of part.variables) variables.push(variable);
    isMalformed ||= part.isMalformed;
    done = end;
    pattern.lastIndex = end;
  }
  return { text: append(result, text.slice(done)), defaults, variables, isMalformed };
}

/** Null from where a part is unknown, or all of it becomes too long. */
function appenderTo(text: string): (start: string | null, more: string | null) => string | null {
  const most = text.length + MAX_GROWTH;
  return (start, more) =>
    start === null || more === null || start.length + more.length > most ? null : start + more;
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
  const [, dollar, plain, braced = "", sign = "", brace] = match;
  if (dollar !== undefined) return { ...NOTHING, text: "$" };
  if (brace !== undefined) return { ...NOTHING, text: "${", isMalformed: true };
  const name = plain ?? braced;
  const value = values.get(name);
  const isSet = value !== undefined && (value !== "" || !sign.startsWith(":"));
  const required = sign.endsWith("?") ? true : sign.endsWith("-") || sign.endsWith("+") ? false : undefined;
  const variables = [{ name, required }];
  if (sign.endsWith("+")) return { ...NOTHING, text: isSet ? rest : "", variables };
  if (isSet) return { ...NOTHING, text: value, variables };
  if (!sign.endsWith("-") || depth >= MAX_DEPTH) return { ...NOTHING, text: null, variables };
  const inner = interpolate(rest, values, depth + 1);
  return {
    ...inner,
    defaults: [name, ...inner.defaults],
    variables: [...variables, ...inner.variables],
  };
}
