import { describe, expect, it, test } from "vitest";
import { findSection, findSections, scanBlocks } from "../../src/text/blocks.ts";

describe("scanBlocks", () => {
  it("tells a heading's depth, text, line and place", () => {
    const text = "# One #\n\nTwo\nlines\n===\n\n##\ttab ##x\n";
    const { headings } = scanBlocks(text);
    expect(headings.map(({ depth, text: title, line }) => [depth, title, line])).toEqual([
      [1, "One", 1],
      [1, "Two lines", 3],
      [2, "tab ##x", 7],
    ]);
    expect(headings.map(({ start, end }) => text.slice(start, end))).toEqual([
      "# One #",
      "Two\nlines\n===",
      "##\ttab ##x",
    ]);
  });

  it("skips front matter, which would be a heading otherwise", () => {
    expect(scanBlocks("---\nid: x\n---\n# One\n").headings).toMatchObject([{ text: "One", line: 4 }]);
    expect(scanBlocks("---\r\nid: x\r\n---\r\n# One\r\n").headings).toMatchObject([{ text: "One", line: 4 }]);
  });

  it("gives a fence's content byte for byte, with where it lies", () => {
    const text = "a\r\n```yaml action  \r\nx: 1\r\n\r\ny: 2\r\n```\r\nb";
    const [fence] = scanBlocks(text).fences;
    expect(fence).toMatchObject({ info: "yaml action", line: 2, closed: true, topLevel: true });
    expect(fence?.content).toBe("x: 1\r\n\r\ny: 2");
    expect(text.slice(fence?.contentStart, fence?.contentEnd)).toBe("x: 1\r\n\r\ny: 2\r\n");
    expect(text.slice(fence?.start, fence?.end)).toBe("```yaml action  \r\nx: 1\r\n\r\ny: 2\r\n```");
  });

  it("lets a longer run of marks hold shorter ones, and an unclosed fence run to the end", () => {
    const { fences, headings } = scanBlocks("````\n```\n# no\n````\n~~~ sh\n# no\n```\n");
    expect(fences.map(({ content, closed }) => [content, closed])).toEqual([
      ["```\n# no", true],
      ["# no\n```", false],
    ]);
    expect(headings).toEqual([]);
  });

  it("takes the indentation of a fence from its content, in list items too", () => {
    const { fences } = scanBlocks("- item\n\n  ```sh\n  one\n    two\n  ```\n");
    expect(fences).toMatchObject([{ content: "one\n  two", topLevel: false }]);
  });

  it("finds boxes of every list kind, nested ones too, and points between the brackets", () => {
    const text = "- [ ] one\n  - [x] two\n* [X] three\n1. [ ] four\n";
    const { tasks } = scanBlocks(text);
    expect(tasks.map(({ checked, text: label, line }) => [checked, label, line])).toEqual([
      [false, "one", 1],
      [true, "two", 2],
      [true, "three", 3],
      [false, "four", 4],
    ]);
    expect(tasks.map(({ boxOffset }) => text[boxOffset])).toEqual([" ", "x", "X", " "]);
  });

  it("finds no box in code, comments, quotes and plain text", () => {
    const text =
      "```\n- [ ] fence\n```\n\n    - [ ] indented\n\n<!--\n- [ ] comment\n-->\n\n> - [ ] quote\n\n[ ] text\n\n- a [ ] b\n";
    expect(scanBlocks(text).tasks).toEqual([]);
  });

  it("reads a hundred thousand nested markers in one pass, as text below 32 levels", () => {
    const { tasks } = scanBlocks(`${"- ".repeat(100_000)}[ ] deep\n${"\n".repeat(100_000)}- [ ] after\n`);
    expect(tasks.map((task) => task.text)).toEqual(["after"]);
  });
});

describe("findSection", () => {
  const text =
    "# Memo\n\n## Action ITEMS\n\n- [ ] a\n\n### Sub\n\n- [ ] b\n\n## Next\n\n## action items\n\n- [ ] c\n";

  it("compares titles without case, and ends before the next heading of its level", () => {
    const section = findSection(text, "Action items");
    expect(text.slice(section?.bodyStart, section?.end)).toBe("\n- [ ] a\n\n### Sub\n\n- [ ] b\n\n");
  });

  it("finds every section of that name, the last to the end of the text", () => {
    const sections = findSections(text, "action items", 2);
    expect(sections).toHaveLength(2);
    expect(sections[1]?.end).toBe(text.length);
    expect(findSection(text, "Action items", 3)).toBeNull();
  });
});

test("a lone tag continues an item's paragraph as a lazy line, so the fence after it is a fence", () => {
  const { fences, tasks } = scanBlocks("- [ ] open\n\n\t.\n<span>\n<span>\n```");
  expect(fences.map(({ line }) => line)).toEqual([6]);
  expect(tasks).toHaveLength(1);
});
