import { describe, expect, test } from "vitest";
import { editState } from "../../src/state/edit-state.ts";
import { STATE_SECTIONS, type StateSection } from "../../src/state/sections.ts";
import { parseState } from "../../src/state/state.ts";
import fc from "../helpers/property.ts";

/** Lines as people write them, with what could be taken for structure. */
const line = fc.constantFrom(
  "",
  "words",
  "- item",
  "  - nested",
  "* star",
  "1. one",
  "> quote",
  "    code",
  "### small heading",
  "| a | b |",
  "text with trailing spaces  ",
  "⟨unicode⟩ ü 🙂",
  "\tTab",
);
const body = fc.array(line, { maxLength: 6 });
const newline = fc.constantFrom("\n", "\r\n");
const key = fc.constantFrom<StateSection>("status", "progress", "next", "handover");

interface Draft {
  preamble: string[];
  sections: { title: string; lines: string[] }[];
  newline: string;
}

const draft: fc.Arbitrary<Draft> = fc.record({
  preamble: body,
  sections: fc
    .shuffledSubarray([...STATE_SECTIONS.map(({ title }) => title), "Notes of my own", "More"], {
      minLength: 1,
    })
    .chain((titles) => fc.tuple(...titles.map((title) => body.map((lines) => ({ title, lines }))))),
  newline,
});

function write({ preamble, sections, newline: end }: Draft): string {
  const parts = sections.flatMap(({ title, lines }) => ["", `## ${title}`, ...lines]);
  return [...preamble, ...parts, ""].join(end);
}

function expectOnlyOneSectionChanged(before: string, after: string, edited: StateSection) {
  const old = parseState(before, "STATE.md");
  const now = parseState(after, "STATE.md");
  for (const { key: other } of STATE_SECTIONS) {
    if (other !== edited) expect(now.sections[other]).toBe(old.sections[other]);
  }
  expect(now.others).toEqual(old.others);
}

function expectSameLineEnds(before: string, after: string, newline: string) {
  if (newline === "\n") expect(after).not.toContain("\r");
  else if (before.includes("\n")) expect(after).not.toMatch(/[^\r]\n/);
}

describe("editState", () => {
  test("changes only the section that it is told to, whatever the file looks like", () => {
    fc.assert(
      fc.property(draft, key, body, (file, edited, lines) => {
        const value = lines.join("\n");
        const text = write(file);
        const after = editState(text, { [edited]: value }, { keep: 3 });
        expectOnlyOneSectionChanged(text, after, edited);
        expectSameLineEnds(text, after, file.newline);
        if (edited === "progress") return;
        const { sections } = parseState(after, "STATE.md");
        expect(sections[edited]).toBe(value.trim().replaceAll("\n", file.newline));
      }),
      { numRuns: 500 },
    );
  });

  test("leaves all characters before and after the section as they were", () => {
    fc.assert(
      fc.property(draft, body, (file, lines) => {
        const text = write(file);
        const title = "## Current status";
        const start = text.split(file.newline).indexOf(title);
        fc.pre(start >= 0);
        const after = editState(text, { status: lines.join("\n") }, { keep: 3 });
        const head = text.slice(0, text.indexOf(`${title}${file.newline}`) + title.length);
        const next = text.indexOf(`${file.newline}## `, head.length);
        expect(after.startsWith(head)).toBe(true);
        if (next >= 0) expect(after.endsWith(text.slice(next + file.newline.length))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test("never lets recent progress grow beyond what it is told to keep", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 12 }),
        (items, keep) => {
          const lines = items.map((item, i) => `2026-11-20 ${i} ${item}`);
          const text = lines.reduce((state, item) => editState(state, { progress: item }, { keep }), "");
          const kept = parseState(text, "STATE.md").sections.progress.split("\n");
          expect(kept).toHaveLength(Math.min(keep, items.length));
          expect(kept[0]).toMatch(new RegExp(`^- 2026-11-20 ${items.length - 1}(?: |$)`));
        },
      ),
    );
  });
});
