import { describe, expect, test } from "vitest";
import { completeMemo } from "../../src/memo/completion.ts";
import { cameAs, isSameMemo } from "../../src/memo/same-memo.ts";
import fc from "../helpers/property.ts";

const memo = [
  "---",
  "id: 20261120T143211Z-7k3qfp2m",
  "from: developer@shop",
  "to: sysadmin@infra",
  "subject: Deploy shop 1.2.0",
  "---",
  "",
  "## Context",
  "",
  "Some words, and [ ] a box that is none.",
  "",
  "## Action items",
  "",
  "- [ ] Prepare it",
  "- [ ] Write the runbook",
  "",
  "## Completion",
  "",
].join("\n");
const finished = completeMemo(memo.replaceAll("- [ ]", "- [x]"), {
  by: "sysadmin@infra",
  date: new Date("2026-11-21T00:00:00Z"),
  done: "Done.",
});

test("a memo that was ticked and completed is the same memo", () => {
  expect(isSameMemo(memo, finished)).toBe(true);
  expect(isSameMemo(memo.replaceAll("\n", "\r\n"), finished.replaceAll("\n", "\r\n"))).toBe(true);
});

test("the text as it was sent is found again in the finished one, with or without its last section", () => {
  const before = memo.slice(0, memo.indexOf("\n## Completion"));
  const without = completeMemo(before, { by: "a@b", date: new Date(0), done: "Done." });
  expect(cameAs(Buffer.from(finished), (sent) => sent.toString() === memo)).toBe(true);
  expect(cameAs(Buffer.from(without), (sent) => sent.toString() === before)).toBe(true);
  expect(cameAs(Buffer.from(finished), () => false)).toBe(false);
});

test("whatever text is asked for is the same memo", () => {
  const piece = fc.constantFrom(
    "- [x] a\n",
    "- [ ] b\n",
    "[x] c\n",
    "```\n",
    "<!--\n",
    "\n## Completion\n",
    "d",
    "\n",
    "\r\n",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = Buffer.from(pieces.join(""));
      cameAs(text, (sent) => {
        expect(isSameMemo(sent, text)).toBe(true);
        return false;
      });
    }),
    { numRuns: 2_000 },
  );
});

test("any other byte that differs before Completion makes it another", () => {
  const end = memo.indexOf("## Completion") - 1;
  const boxes = [...memo.matchAll(/^- \[( )\]/gm)].map((match) => match.index + 3);
  for (let at = 0; at < end; at += 1) {
    if (boxes.includes(at)) continue;
    const changed = `${finished.slice(0, at)}${finished[at] === "q" ? "r" : "q"}${finished.slice(at + 1)}`;
    expect([at, isSameMemo(memo, changed)]).toEqual([at, false]);
  }
});

test("a mark in brackets that begins no list item is a word", () => {
  expect(isSameMemo(memo, finished.replace("and [ ] a box", "and [x] a box"))).toBe(false);
});

test.each([
  ["a fence", "```\n## Completion\n```\nDo it on Monday.\n"],
  ["an HTML comment", "<!--\n## Completion\n-->\nDo it on Monday.\n"],
])("what looks like the heading within %s hides nothing", (_, text) => {
  const sent = memo.replace("## Action items", `${text}\n## Action items`);
  expect(isSameMemo(sent, sent.replace("Monday", "Friday"))).toBe(false);
});

test("the quick answer and the slow one agree, whatever the text", () => {
  const line = fc.constantFrom(
    "## Completion",
    "# Completion",
    "- [ ] a",
    "* [x] b",
    "text [ ]",
    "```",
    "~~~",
    "<!--",
    "-->",
    "    ## Completion",
    "Completion\n---",
    "> ## Completion",
    "",
  );
  const text = fc.array(line, { maxLength: 8 }).map((lines) => `\n${lines.join("\n")}\n`);
  fc.assert(
    fc.property(text, fc.nat(), fc.constantFrom(" ", "x", "y"), (one, where, letter) => {
      const at = where % one.length;
      const other = one.slice(0, at) + letter + one.slice(at + 1);
      // With CRLF the quick way never answers.
      const slow = isSameMemo(one.replaceAll("\n", "\r\n"), other.replaceAll("\n", "\r\n"));
      expect(isSameMemo(one, other)).toBe(slow);
    }),
    { numRuns: 5_000 },
  );
});

describe("a section behind Completion is none of its notes", () => {
  const more = "\n## Deployment\n\nVersion 1.2.0\n";

  test.each([
    ["with marks before it", more],
    ["with a line below it", "\nDeployment\n---\n\nVersion 1.2.0\n"],
    ["of one dash", "\nDeployment\n-\n\nVersion 1.2.0\n"],
    ["set in", "\nLater.\n\n ## Deployment\n\nVersion 1.2.0\n"],
  ])("added afterwards, %s, it makes another memo", (_, section) => {
    expect(isSameMemo(memo, `${finished}${section}`)).toBe(false);
    expect(isSameMemo(memo, `${finished}${section}`.replaceAll("\n", "\r\n"))).toBe(false);
    expect(cameAs(Buffer.from(`${finished}${section}`), () => true)).toBe(false);
  });

  test("it is compared where it came with the memo", () => {
    const sent = `${memo}${more}`;
    const done = completeMemo(sent, { by: "sysadmin@infra", date: new Date(0), done: "Done." });
    expect(done).toContain("Done.");
    expect(isSameMemo(sent, done)).toBe(true);
    expect(isSameMemo(sent, done.replace("Version 1.2.0", "Version 6.6.6"))).toBe(false);
  });

  test("a heading in a note is a note", () => {
    const done = completeMemo(memo, { by: "a@b", date: new Date(0), done: "## What was done\n\n# All" });
    expect(isSameMemo(memo, done)).toBe(true);
  });
});
