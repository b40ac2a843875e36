import { expect, test } from "vitest";
import { linearPattern } from "../../src/text/linear-pattern.ts";
import { PatternError } from "../../src/text/pattern-syntax.ts";
import fc from "../helpers/property.ts";

const atom = fc.constantFrom(
  ...[
    "a",
    "b",
    "c",
    ".",
    "[ab]",
    "[^a]",
    "[a-c\\d]",
    "\\d",
    "\\w",
    "\\.",
    "\\u{61}",
    "\\x62",
    "\\p{L}",
    "\\]",
    "[\\]a]",
    "é",
    "💥",
    "-",
  ],
);
const quantifier = fc.constantFrom("", "", "", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "+?", "{0}");
const { pattern } = fc.letrec<{ pattern: string; sequence: string; part: string }>((tie) => ({
  pattern: fc.array(tie("sequence"), { minLength: 1, maxLength: 2 }).map((parts) => parts.join("|")),
  sequence: fc.array(tie("part"), { maxLength: 4 }).map((parts) => parts.join("")),
  part: fc
    .tuple(
      fc.oneof(
        { maxDepth: 2 },
        atom,
        atom,
        tie("pattern").map((inner) => `(${inner})`),
        tie("pattern").map((inner) => `(?:${inner})`),
      ),
      quantifier,
    )
    .map(([inner, times]) => inner + times),
}));
const LONGEST = 500;
const allowed = pattern.filter((source) => source.length <= LONGEST);
const text = fc.string({
  unit: fc.constantFrom("a", "b", "c", "1", ".", "]", "é", "💥", "\n"),
  maxLength: 7,
});

test("says what JavaScript says of the same pattern", () => {
  fc.assert(
    fc.property(allowed, text, (source, value) => {
      expect(linearPattern(source)(value), source).toBe(new RegExp(`^(?:${source})$`, "u").test(value));
    }),
    { numRuns: 3000 },
  );
});

test.each(["^a$", "^a|b$", "a^b", "(^a)*b", "$a", "^$"])("anchors mean what they mean: %s", (source) => {
  for (const value of ["", "a", "b", "ab", "aab"]) {
    expect(linearPattern(source)(value), value).toBe(new RegExp(`^(?:${source})$`, "u").test(value));
  }
});

test.each([
  "(a+)+",
  "(a|a)*",
  "(a|aa)+",
  "([^!]*)*",
  "a*a*a*a*a*a*a*a*a*b",
  "(([a-z])+.)+[A-Z]([a-z])+",
  "(a?){30}a{30}",
])("%s is matched in time linear in the text", (source) => {
  const matches = linearPattern(source);
  // Backtracking would not come to an end here within a lifetime.
  expect(matches(`${"a".repeat(1000)}!`)).toBe(false);
});

test.each(["(?=a)", "(?!a)", "(?<=a)", "(?<!a)", "(?<n>a)", "(a)\\1", "\\bword", "\\B"])(
  "%s is refused: it is more than a linear matcher can hold",
  (source) => {
    expect(() => linearPattern(source)).toThrow(PatternError);
  },
);

test.each([
  "[",
  "(",
  "a{2",
  "*",
  "a**",
  "\\",
  "[b-a]",
  "((a{1000}){1000}){1000}",
  "(((){999999}){999999}){999999}",
  "(a{0}){999999999}",
  "a".repeat(501),
  "(a{99}){99}",
])("%s is refused: no pattern, or too large a one", (source) => {
  expect(() => linearPattern(source)).toThrow(PatternError);
});
