import { expect, test } from "vitest";
import { parse } from "yaml";
import { formatCanonicalYaml } from "../../src/runbook/canonical-yaml.ts";
import { readCanonicalYaml } from "../../src/runbook/read-canonical-yaml.ts";
import fc from "../helpers/property.ts";

const key = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,5}$/).filter((name) => name !== "__proto__");
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.string({ unit: "grapheme", maxLength: 12 }),
    fc.nat(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(key, tie("value"), { maxKeys: 3, noNullPrototype: true }),
  ),
}));
const map = fc.dictionary(key, value, { minKeys: 1, maxKeys: 4, noNullPrototype: true });

test("what was written is read again, whatever it holds", () => {
  fc.assert(
    fc.property(map, (written) => {
      expect(readCanonicalYaml(formatCanonicalYaml(written as never))).toEqual(written);
    }),
    { numRuns: 500 },
  );
});

const piece = fc.constantFrom(
  ...'ab:-"[]{}#&*!|>%@ \n1',
  "a: ",
  "- ",
  "\n",
  "\n  ",
  '"a"',
  "a:\n",
  "\\u0041",
);

test("a text that is its own canonical form is read as the YAML parser reads it", () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = `a: ${pieces.join("")}\n`;
      const read = readCanonicalYaml(text);
      if (read === null || formatCanonicalYaml(read) !== text) return;
      taken += 1;
      expect(read).toEqual(parse(text));
    }),
    { numRuns: 20_000 },
  );
  expect(taken).toBeGreaterThan(10);
});
