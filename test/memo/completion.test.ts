import { describe, expect, it } from "vitest";
import { completeMemo } from "../../src/memo/completion.ts";
import { findSection } from "../../src/text/blocks.ts";
import fc from "../helpers/property.ts";

const completion = {
  by: "sysadmin@infra",
  date: new Date("2026-11-20T15:00:00Z"),
  done: "Deployed.\nAll well.",
};
const notes = "- By: sysadmin@infra\n- Date: 2026-11-20T15:00:00Z\n- Done: Deployed.\n  All well.";

describe("completeMemo", () => {
  it("fills an empty section", () => {
    expect(completeMemo("# M\n\n## Completion\n", completion)).toBe(`# M\n\n## Completion\n\n${notes}\n`);
    expect(completeMemo("# M\n\n## Completion", completion)).toBe(`# M\n\n## Completion\n\n${notes}\n`);
    expect(completeMemo("## Completion\n\n\n## Next\n", completion)).toBe(
      `## Completion\n\n${notes}\n\n## Next\n`,
    );
    expect(completeMemo("## Completion\n## Next\n", completion)).toBe(
      `## Completion\n\n${notes}\n\n## Next\n`,
    );
  });

  it("writes below what stands there", () => {
    expect(completeMemo("## Completion\n\nearlier\n\n## Next\n", completion)).toBe(
      `## Completion\n\nearlier\n\n${notes}\n\n## Next\n`,
    );
  });

  it("makes the section where there is none", () => {
    expect(completeMemo("# M\n", completion)).toBe(`# M\n\n## Completion\n\n${notes}\n`);
    expect(completeMemo("# M", completion)).toBe(`# M\n\n## Completion\n\n${notes}\n`);
  });

  it("is not misled by a fence that nobody closed", () => {
    const text = completeMemo("# M\n\n```\n## Completion\n", completion);
    expect(findSection(text, "Completion")).not.toBeNull();
  });

  it("says what was not done", () => {
    expect(completeMemo("", { ...completion, unfinished: "no DNS yet" })).toBe(
      `## Completion\n\n${notes}\n- Not done: no DNS yet\n`,
    );
  });

  it("ends its lines as the file does", () => {
    const text = "# M\r\n\r\n## Completion\r\n\r\n## Next\r\n";
    const completed = completeMemo(text, completion);
    expect(completed.replaceAll("\r\n", "")).not.toContain("\n");
  });

  it("leaves every other byte as it was", () => {
    const line = fc.constantFrom(
      "",
      "",
      "text",
      "## Completion",
      "## Next",
      "# M",
      "- [ ] a",
      "```",
      "- By: x",
      "  ",
    );
    const newline = fc.constantFrom("\n", "\r\n");
    const page = fc.tuple(fc.array(line, { maxLength: 8 }), newline, fc.boolean());
    fc.assert(
      fc.property(page, ([lines, end, ended]) => {
        const text = lines.join(end) + (ended ? end : "");
        const completed = completeMemo(text, completion);
        let start = 0;
        while (start < text.length && text[start] === completed[start]) start += 1;
        const rest = text.length - start;
        expect(completed.endsWith(text.slice(start)) || rest === 0).toBe(true);
        const section = findSection(completed, "Completion");
        expect(completed.slice(section?.bodyStart, section?.end)).toContain("- By: sysadmin@infra");
      }),
      { numRuns: 2_000 },
    );
  });
});
