import { describe, expect, it } from "vitest";
import { VibeopsError } from "../../src/errors.ts";
import { formatMemo, type MemoDraft } from "../../src/memo/format-memo.ts";
import { parseMemo } from "../../src/memo/memo.ts";
import fc from "../helpers/property.ts";

const draft: MemoDraft = {
  id: "20261120T143211Z-7k3qfp2m",
  from: { role: "developer", project: "shop" },
  to: { role: "sysadmin", project: "infra" },
  subject: "Deploy shop 1.2.0",
  body: "## Context\n",
};
const now = new Date("2026-11-21T00:00:00Z");

function readBack(text: string): MemoDraft {
  const memo = parseMemo(Buffer.from(text), { now });
  const { text: _text, bodyStart: _start, bodyLine: _line, ...rest } = memo;
  return { ...rest, extra: { ...memo.extra } };
}

describe("formatMemo", () => {
  it("writes what a person would write", () => {
    expect(
      formatMemo({
        ...draft,
        type: "deployment",
        priority: "high",
        refs: ["a", "b c"],
        extra: { "x-cost": "1" },
      }),
    ).toBe(
      `---
id: 20261120T143211Z-7k3qfp2m
from: developer@shop
to: sysadmin@infra
date: 2026-11-20T14:32:11Z
priority: high
type: deployment
subject: Deploy shop 1.2.0
refs: [a, "b c"]
x-cost: "1"
---

## Context
`,
    );
  });

  it("writes nothing that does not read back the same", () => {
    const awkward = fc.constantFrom(
      ...": |#|- |\"|'|\\|[|]|{|}|,|&|*|!|%|@|`|>|?|~|true|no|12|1.10|2026-11-20|é|日本|🚀|❤️|\u00a0|\t|\n|\u001b|\u202e|---|null| ".split(
        "|",
      ),
      "|",
    );
    const text = fc.oneof(
      fc
        .array(fc.oneof(awkward, fc.string({ maxLength: 4 }), fc.string({ unit: "binary", maxLength: 2 })), {
          maxLength: 6,
        })
        .map((parts) => parts.join("")),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }),
      fc.lorem({ maxCount: 6 }),
    );
    const drafts = fc.record(
      {
        id: fc.constant(draft.id),
        from: fc.constant(draft.from),
        to: fc.constantFrom(draft.to, { project: "infra" }),
        subject: text,
        body: fc.oneof(
          text,
          fc.array(text).map((lines) => lines.join("\n")),
        ),
        date: fc.constantFrom("2026-11-20T14:32:11Z", "2026-11-20"),
        priority: fc.constantFrom("low", "normal", "high", "urgent"),
        type: fc.constantFrom("deployment", "request", "info", "security", "incident"),
        thread: fc.constant(draft.id),
        replyTo: fc.constant(draft.id),
        refs: fc.array(text, { minLength: 1, maxLength: 3 }),
        due: fc.constant("2026-12-01"),
        session: text,
        tool: text,
        extra: fc.dictionary(fc.constantFrom("x-a", "x-long-name", "x-1"), text),
      },
      { requiredKeys: ["id", "from", "to", "subject", "body", "date", "priority", "type", "extra"] },
    );
    let written = 0;
    fc.assert(
      fc.property(drafts, (given) => {
        let memo: string;
        try {
          memo = formatMemo(given as MemoDraft);
        } catch (error) {
          if (error instanceof VibeopsError && error.code.startsWith("memo.")) return;
          throw error;
        }
        written += 1;
        expect(readBack(memo)).toEqual({ ...given, extra: { ...given.extra } });
      }),
      { numRuns: Number(process.env.VIBEOPS_PROPERTY_RUNS ?? 3_000) },
    );
    expect(written).toBeGreaterThan(100);
  });

  it.each([
    [{ subject: "two\nlines" }, "control"],
    [{ subject: "" }, "type"],
    [{ body: "a\u001b[2J" }, "control"],
    [{ body: "a\ud800b" }, "invisible"],
    [{ body: "x\n".repeat(200_000) }, "size"],
    [{ id: "x" }, "id"],
    [{ to: { project: "../etc" } }, "route"],
    [{ extra: { "x-a: b\nto": "c" } }, "unknown-key"],
    [{ extra: { to: "c" } }, "unknown-key"],
  ])("refuses %j, as a receiver would", (change, reason) => {
    expect(() => formatMemo({ ...draft, ...change })).toThrow(
      expect.objectContaining({ code: `memo.${reason}` }),
    );
  });
});
