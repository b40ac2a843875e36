import { expect, test } from "vitest";
import { readEnvLines, readEnvValues } from "../../../src/deploy/compose-file/env-values.ts";
import fc from "../../helpers/property.ts";

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of the environment file, and no template of ours.
test("quotes, comments, export and variables are read as Compose reads them", () => {
  const text = [
    "# comment",
    "PLAIN=a b # said",
    "HASH=a#b",
    'export QUOTED="x $PLAIN" # said',
    "SINGLE='$PLAIN'",
    "EMPTY=",
    "YAML: like",
    "DEFAULT=${GONE:-d}",
    "LATER=${GONE}",
    "ALONE",
  ].join("\r\n");
  expect([...readEnvValues(text)]).toEqual([
    ["PLAIN", "a b"],
    ["HASH", "a#b"],
    ["QUOTED", "x a b"],
    ["SINGLE", "$PLAIN"],
    ["EMPTY", ""],
    ["YAML", "like"],
    ["DEFAULT", "d"],
  ]);
  expect(readEnvLines(text).map(({ name, line }) => `${name}:${line}`)).toContain("ALONE:10");
});

test("a value over several lines holds no further name, and the next one keeps its line", () => {
  const text = 'KEY="-----BEGIN-----\nNOT_A_NAME=1\n-----END-----"\nNEXT=2\n';
  expect(readEnvLines(text).map(({ name, line }) => ({ name, line }))).toEqual([
    { name: "KEY", line: 1 },
    { name: "NEXT", line: 4 },
  ]);
});

test("a quote that nobody closes ends with its line", () => {
  expect([...readEnvValues('A="open\nB=2\n')].map(([name]) => name)).toEqual(["A", "B"]);
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above

test("any text gives names with lines that are there", () => {
  const piece = fc.constantFrom(
    "A=",
    "B: ",
    "'",
    '"',
    "\\",
    "\n",
    "\r\n",
    "#",
    "$A",
    "${",
    "}",
    " ",
    "x",
    "export ",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join("");
      const last = text.split("\n").length;
      for (const { line } of readEnvLines(text)) {
        expect(line).toBeGreaterThanOrEqual(1);
        expect(line).toBeLessThanOrEqual(last);
      }
    }),
  );
});
