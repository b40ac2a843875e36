import { expect, test } from "vitest";
import { displayWidth, wrapProse } from "../../src/text/wrap.ts";
import fc from "../helpers/property.ts";

test.each([
  ["plain", 5],
  ["größer", 6],
  ["e\u0301", 1],
  ["漢字", 4],
  ["🙂", 2],
])("%s takes %i columns", (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test("breaks between words, indents below a list's mark, and goes on behind a quotation's", () => {
  const text = ["- one two three four", "> one two three four", "short"].join("\n");
  expect(wrapProse(text, 12)).toBe(
    ["- one two", "  three four", "> one two", "> three four", "short"].join("\n"),
  );
});

test("a command stays on one line, however long", () => {
  const wrapped = wrapProse("- 3 memos wait: `vibeops memo list --json` → vibeops memo show 7k3qfp2m", 20);
  expect(wrapped.split("\n").map((line) => line.trim())).toEqual([
    "- 3 memos wait:",
    "`vibeops memo list --json`",
    "→ vibeops memo show 7k3qfp2m",
  ]);
});

test("loses no word, and no line that could be broken is longer than the terminal is wide", () => {
  const words = fc.array(fc.constantFrom("a", "bb", "漢字", "longer-word", "`x y`", "→ z z"), {
    minLength: 1,
  });
  fc.assert(
    fc.property(
      words,
      fc.constantFrom("", "- ", "> ", "  1. "),
      fc.integer({ min: 20, max: 60 }),
      (all, lead, columns) => {
        const text = lead + all.join(" ");
        const lines = wrapProse(text, columns).split("\n");
        const strip = (line: string) => line.replace(/^[\s>]*/, "");
        expect(lines.map(strip).join(" ")).toBe(strip(text));
        for (const line of lines)
          if (!line.includes("→")) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      },
    ),
  );
});
