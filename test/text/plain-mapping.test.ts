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
const name = fc.oneof(
  fc.constantFrom("web1", "deploy/shop/compose.yaml", "1", "null"),
  fc.array(piece).map((all) => all.join("")),
);
const list = fc
  .tuple(fc.constantFrom(", ", ",", " , "), fc.array(name, { minLength: 1, maxLength: 3 }))
  .map(([comma, names]) => `[${names.join(comma)}]`);
const text = fc
  .tuple(fc.constantFrom("", "", "a", "0", "Z"), fc.array(piece, { maxLength: 6 }))
  .map(([first, pieces]) => first + pieces.join(""));
const value = fc.oneof({ weight: 3, arbitrary: text }, { weight: 1, arbitrary: list });
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

test("a list of names on one line is read without the parser", () => {
  expect(readPlainMapping("hosts: [web1, web2]\nfiles: [deploy/a.yaml]\n", 2, 64)?.value).toEqual({
    hosts: ["web1", "web2"],
    files: ["deploy/a.yaml"],
  });
});

test.each([
  ["a comment", "a: b #c\n"],
  ["a nested key", "a: b: c\n"],
  ["a list in a list", "a: [[b]]\n"],
  ["a list of something else than names", 'a: [b, "c"]\n'],
  ["a list with a mapping in it", "a: [b: c]\n"],
  ["a list with an empty place", "a: [b, , c]\n"],
  ["a list that goes on", "a: [b,\n  c]\n"],
  ["a quoted value", 'a: "b"\n'],
  ["a key that stands twice", "a: b\na: c\n"],
  ["a value on the next line", "a:\n  b\n"],
  ["a folded value", "a: b\n  c\n"],
  ["nothing", ""],
  ["a space at the end", "a: b \n"],
])("%s is left to the parser", (_, text) => {
  expect(readPlainMapping(text, 2, 64)).toBeNull();
});
