import { expect, test } from "vitest";
import { BlockScanner } from "../../src/text/block-scanner.ts";
import { readPlainBlocks } from "../../src/text/plain-blocks.ts";
import fc from "../helpers/property.ts";

const runs = Number(process.env.VIBEOPS_PROPERTY_RUNS ?? 20_000);

const plainLine = fc.constantFrom(
  "",
  "",
  "text",
  "Text with # and | and <b>",
  "**Bold** text",
  "`code` first",
  '"quoted"',
  "(in brackets)",
  "über",
  "日本語",
  "12 monkeys",
  "# Title",
  "## Action items",
  "### Sub  ",
  "- [ ] open",
  "- [x] done  ",
  "* [X] done",
  "+ [ ] plus",
  "- item",
  "* item",
);
const otherLine = fc.constantFrom(
  "## Closed ##",
  "#no heading",
  "===",
  "---",
  "***",
  "```",
  "~~~",
  "- [ ]  two spaces",
  "- [ ]",
  "- [ ]\u3000",
  "- \u2003[ ] x",
  "-\t[ ] tab",
  "- - [ ] nested",
  "- 1. [ ] nested",
  "- # heading",
  "- ```",
  "1. [ ] numbered",
  "12. text",
  "> quote",
  "<div>",
  "<!--",
  "[a]: b",
  "[^1]: note",
  "|---|",
  ":-:",
  "a | b",
  "  - [ ] indented",
  "    code",
  "\u00a0text",
  "\u2028- [ ] x",
  "...",
);
const line = fc.oneof({ weight: 12, arbitrary: plainLine }, { weight: 1, arbitrary: otherLine });
const page = fc
  .tuple(
    fc.constantFrom(
      "",
      "",
      "---\nid: x\n---\n",
      "---\r\nid: x\r\n---\r\n",
      "---\nid: x\n---x\n---",
      "---\n---\n",
    ),
    fc.array(fc.tuple(line, fc.constantFrom("\n", "\n", "\n", "\r\n", "\r")), { maxLength: 8 }),
    fc.constantFrom("", "text", "- [ ] last", "123"),
  )
  .map(([front, lines, end]) => front + lines.map((parts) => parts.join("")).join("") + end);

test("what is read as a plain page is what the whole scanner reads", () => {
  let taken = 0;
  fc.assert(
    fc.property(page, (text) => {
      const plain = readPlainBlocks(text);
      if (plain === null) return;
      taken += 1;
      expect(plain).toEqual(new BlockScanner(text).scan());
    }),
    { numRuns: runs },
  );
  expect(taken).toBeGreaterThan(runs / 5);
});

test("a memo as we write it needs no more than that", () => {
  const text =
    "---\nid: x\n---\n\n## Context\n\nWhy it is wanted.\n\n## Action items\n\n- [ ] One\n- [x] Two\n\n## Completion\n";
  expect(readPlainBlocks(text)?.tasks).toMatchObject([{ text: "One" }, { text: "Two", checked: true }]);
});
