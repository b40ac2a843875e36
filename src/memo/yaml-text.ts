import { lazyPattern } from "../text/lazy-pattern.ts";

/** Reads the same with quotes and without, in every YAML schema: no number, no boolean, no date, no indicator. */
const plain = /^[A-Za-z][\w@./,;()+!?'-]*(?: [\w@./,;()+!?'-]+)*$/;
const plainInAnyScript = lazyPattern(
  String.raw`^\p{L}[\p{L}\p{M}\p{N}@./_,;()+!?'-]*(?: [\p{L}\p{M}\p{N}@./_,;()+!?'-]+)*$`,
  "u",
);
const plainInFlow = /^[A-Za-z][\w@./-]*$/;
const idOrTime = /^\d{8}T\d{6}Z-[a-z0-9]{8}$|^\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z)?$/;
const reserved = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** One line of text, or a list of them, as YAML on one line; with quotes where a reader could take it for anything else. */
export function yamlText(value: string | readonly string[]): string {
  if (typeof value !== "string")
    return `[${value.map((item) => quoteUnless(plainInFlow.test(item), item)).join(", ")}]`;
  return idOrTime.test(value) ? value : quoteUnless(isPlain(value), value);
}

function isPlain(text: string): boolean {
  return plain.test(text) || (/[^ -~]/.test(text) && plainInAnyScript().test(text));
}

/** A JSON string is a YAML string. */
function quoteUnless(isSafe: boolean, text: string): string {
  return isSafe && !reserved.test(text) ? text : JSON.stringify(text);
}
