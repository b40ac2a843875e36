import { expect, test } from "vitest";
import { readPlainMapping } from "../../src/text/plain-mapping.ts";
import { readReceivedYaml } from "../../src/text/yaml-received.ts";
import fc from "../helpers/property.ts";

const runs = Number(process.env.VIBEOPS_PROPERTY_RUNS ?? 20_000);

const piece = fc.constantFrom(
  ..."abz019 _.,;:/@+()=~!?$%'\"*&-#|>{}[]`\\\t<^é",
  ": ",
  " #",
  "- ",
  "? ",
  "'",
  "T14:32:11Z",
  "developer@shop",
);
const value = fc
  .tuple(fc.constantFrom("", "", "a", "0", "Z"), fc.array(piece, { maxLength: 6 }))
  .map(([first, pieces]) => first + pieces.join(""));
const key = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("id", "from", "to", "subject", "x-note", "reply-to", "y", "null") },
  fc.array(fc.constantFrom(..."abz09_-:'\" "), { maxLength: 4 }).map((letters) => letters.join("")),
);
const line = fc
  .tuple(
    key,
    fc.constantFrom(": ", ": ", ": ", ": ", ":  ", ":", " : ", ":\t"),
    value,
    fc.constantFrom("\n", "\n", "\n", "\n", "\n", "\r\n", ""),
  )
  .map((parts) => parts.join(""));

test("what is read as plain lines is what the YAML parser reads, with the same lines", () => {
  let taken = 0;
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 3 }), (lines) => {
      const text = lines.join("");
      const plain = readPlainMapping(text, 2, 64);
      if (plain === null) return;
      taken += 1;
      const parsed = readReceivedYaml(text, { firstLine: 2, maxKeys: 64 });
      expect(plain.value).toEqual(parsed.value);
      for (const name of Object.keys(plain.value)) expect(plain.lineOf([name])).toBe(parsed.lineOf([name]));
    }),
    { numRuns: runs },
  );
  expect(taken).toBeGreaterThan(runs / 100);
});

test("front matter as we write it is read without the parser", () => {
  const text = [
    "id: 20261120T143211Z-7k3qfp2m",
    "from: developer@shop",
    "date: 2026-11-20T14:32:11Z",
    "subject: Deploy shop 1.2.0 (it's urgent!)",
    "",
  ].join("\n");
  expect(readPlainMapping(text, 2, 64)?.value).toEqual({
    id: "20261120T143211Z-7k3qfp2m",
    from: "developer@shop",
    date: "2026-11-20T14:32:11Z",
    subject: "Deploy shop 1.2.0 (it's urgent!)",
  });
});

test.each([
  ["a comment", "a: b #c\n"],
  ["a nested key", "a: b: c\n"],
  ["a list", "a: [b]\n"],
  ["a quoted value", 'a: "b"\n'],
  ["a key that stands twice", "a: b\na: c\n"],
  ["a value on the next line", "a:\n  b\n"],
  ["a folded value", "a: b\n  c\n"],
  ["nothing", ""],
  ["a space at the end", "a: b \n"],
])("%s is left to the parser", (_, text) => {
  expect(readPlainMapping(text, 2, 64)).toBeNull();
});
