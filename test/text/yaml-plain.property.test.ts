import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { readPlainYaml } from "../../src/text/yaml-plain.ts";
import fc from "../helpers/property.ts";

const PIECES = [
  ..."{}[],:-?#&*!|>'\"%@`~\\ \n",
  ...["a", "b: ", "key: ", "- ", ": ", ", ", "# c", " #c", "it's", "\n  ", "\n    ", "\n- ", "\n  - ", "\\n"],
  ...[
    "'it''s'",
    '"q\\n"',
    "''",
    '""',
    "|\n",
    "> \n",
    ">-\n",
    "|2\n",
    "---\n",
    "...\n",
    "--- ",
    "%YAML 1.2\n",
  ],
  ...[
    "&a ",
    "*a",
    "!t ",
    "!!str ",
    "<<: ",
    "__proto__: ",
    "é",
    "\t",
    "\r\n",
    "\ufeff",
    "\u2028",
    "http://a/b",
  ],
  ...[
    "null",
    "True",
    "no",
    "1",
    "-1",
    "+1",
    "1.5",
    "01",
    "0x1",
    "0o7",
    "1e3",
    ".5",
    ".inf",
    "1_000",
    "1.2.3",
  ],
  ...["2026-01-01", "12:30", "{a: 1}", "[1, 2]", "{a, b: c}", "- - x\n", "key:\n  sub: 1\n", "k: a\n  b\n"],
  ...["k: |\n  text\n  more\n", "k: >\n  text\n\n  more\n", "k: 'a\n  b'\n", "a: {b: [c, {d: e}]}\n"],
];

const FILE = `# who
project: shop
agents:
  developer: { provider: claude, price: { input: 3, output: 15.5 } }
peers:
  infra: { path: "../infra" }
  far:
    git: ssh://git@host/mail.git
accepts:
  - from: infra
    types: [info, request]
    until: 2027-06-30
  - from: 'far'
actions:
  assets.upload:
    description: |
      Two lines,
      as they are.
    run: [rclone, copy, "\${from}"]
`;

/** Pieces of YAML in any order, and a file as people write it with some of them put in its midst. */
const texts = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join("")),
  fc
    .array(fc.tuple(fc.nat(FILE.length), fc.nat(6), fc.constantFrom("", ...PIECES)), {
      minLength: 1,
      maxLength: 3,
    })
    .map((edits) =>
      edits.reduce((text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut), FILE),
    ),
);

test("what is read plainly is what the YAML package reads", () => {
  let plain = 0;
  fc.assert(
    fc.property(texts, (text) => {
      const read = readPlainYaml(text, 64);
      if (read === undefined) return;
      plain += 1;
      const document = parseDocument(text, { prettyErrors: false });
      expect(document.errors, text).toEqual([]);
      expect(read.value, text).toEqual(document.toJS());
    }),
    { numRuns: 10_000 },
  );
  expect(plain).toBeGreaterThan(500);
  expect(readPlainYaml(FILE, 64)?.value).toEqual(parseDocument(FILE).toJS());
});

test.each([
  ["an anchor", "a: &x 1\nb: *x\n"],
  ["a tag", "a: !!str 1\n"],
  ["a merge", "<<: { a: 1 }\n"],
  ["a key that is no string", "1: a\n"],
  ["an unusual number", "a: 0x10\n"],
  ["a key twice", "a: 1\na: 2\n"],
  ["two documents", "a: 1\n---\nb: 2\n"],
  ["a directive", "%YAML 1.1\n---\na: 1\n"],
  ["a tab", "a:\t1\n"],
  ["no map", "- a\n"],
  ["what is no YAML", "a: [1\n"],
])("%s is left to the YAML package", (_, text) => {
  expect(readPlainYaml(text, 64)).toBeUndefined();
});
