/** Deeper defaults within defaults are nobody's configuration. */
const MAX_DEPTH = 16;

/**
 * A value as Compose would read it with no variable set: defaults are filled in, `$$` is a dollar. Null where a
 * variable has no default: what stands there only whoever starts it knows.
 */
export function fillDefaults(text: string): string | null {
  return text.includes("$") ? fill(text, 0) : text;
}

function fill(text: string, depth: number): string | null {
  if (depth > MAX_DEPTH) return null;
  let result = "";
  let at = 0;
  for (let dollar = text.indexOf("$"); dollar >= 0; dollar = text.indexOf("$", at)) {
    const read = readDollar(text, dollar, depth);
    if (read === null) return null;
    result += text.slice(at, dollar) + read.value;
    at = read.end;
  }
  return result + text.slice(at);
}

/** What stands at a dollar sign, and where it ends; null where only whoever starts it knows. */
function readDollar(text: string, dollar: number, depth: number): { value: string; end: number } | null {
  const next = text[dollar + 1] ?? "";
  if (next === "{") {
    const end = closingBrace(text, dollar + 2);
    const value = end < 0 ? null : fillVariable(text.slice(dollar + 2, end), depth);
    return value === null ? null : { value, end: end + 1 };
  }
  if (/[A-Za-z_]/.test(next)) return null;
  return { value: "$", end: dollar + (next === "$" ? 2 : 1) };
}

function fillVariable(inside: string, depth: number): string | null {
  const parts = /^[A-Za-z_]\w*(:?[-+?])?/.exec(inside);
  if (parts === null) return null;
  const rest = inside.slice(parts[0].length);
  const operator = parts[1]?.at(-1);
  if (operator === "-") return fill(rest, depth + 1);
  // Its other value stands only where the variable is set.
  return operator === "+" ? "" : null;
}

function closingBrace(text: string, from: number): number {
  let open = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "{" && text[at - 1] === "$") open += 1;
    else if (text[at] === "}") open -= 1;
    if (open === 0) return at;
  }
  return -1;
}
