import { cutOut } from "./cut-out.ts";
import type { SecretValue } from "./secret-values.ts";

const control = String.raw`[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]`;

/**
 * What programs print to colour a text, link it or name a window (ECMA-48 control sequences and strings), and
 * control characters that neither end a line nor part words.
 */
const unseen = new RegExp(
  [
    String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]`,
    String.raw`(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x90\x98\x9c-\x9f\n]*(?:\x07|\x1b\\|\x9c)`,
    String.raw`\x1b[ -/]*[0-~]`,
    control,
  ].join("|"),
  "g",
);
const anyControl = new RegExp(control);

/**
 * Secrets that are known as such only without what a terminal does not show: coloured at their beginning, as
 * `grep --color` prints what it found, or in their middle. `find` looks through the text as it is read.
 */
export function* findStyled(
  text: string,
  find: (read: string) => Iterable<SecretValue>,
): Generator<SecretValue> {
  if (!anyControl.test(text)) return;
  const read = cutOut(text, [...text.matchAll(unseen)]);
  for (const { kind, start, end } of find(read.text)) yield { kind, ...read.place(start, end) };
}
