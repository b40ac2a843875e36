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

test("variables that grow from line to line are not told, and end nothing", () => {
  const doubled = Array.from({ length: 80 }, (_, i) => `A${i + 1}=\${A${i}}\${A${i}}`);
  const values = readEnvValues(["A0=xxxxxxxx", ...doubled, "LAST=1"].join("\n"));
  expect(values.get("A3")).toBe("x".repeat(64));
  expect(values.has("A80")).toBe(false);
  expect(values.get("LAST")).toBe("1");
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above

test("a megabyte of blanks or of open quotes is read as any other text", () => {
  const blanks = `A=x${" ".repeat(1_000_000)}y`;
  expect(readEnvValues(`${blanks}\nB=1`).get("B")).toBe("1");
  const strange = `A=${" #".repeat(300_000)}\u2028\nB=${" ".repeat(300_000)}\u2028`;
  expect(readEnvLines(strange).map(({ name }) => name)).toEqual(["A", "B"]);
  const singles = "A='x\n".repeat(100_000);
  expect(readEnvLines(singles)).toHaveLength(50_000);
  const doubles = Array.from({ length: 60_000 }, (_, i) => `A${i}="\\"`).join("\n");
  expect(readEnvLines(doubles)).toHaveLength(30_000);
});

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
