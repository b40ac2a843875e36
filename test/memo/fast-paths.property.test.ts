import { expect, test } from "vitest";
import { VibeopsError } from "../../src/errors.ts";
import { parseMemo, parseMemoHeader } from "../../src/memo/memo.ts";
import { isCalendarTime } from "../../src/memo/time.ts";
import { idTime } from "../../src/platform/ids.ts";
import fc from "../helpers/property.ts";

const runs = Number(process.env.VIBEOPS_PROPERTY_RUNS ?? 5_000);
const now = new Date("2026-11-21T00:00:00Z");

const id = "id: 20261120T101500Z-a1b2c3d4";
const lines = fc.constantFrom(
  "from: developer@shop",
  "to: infra",
  "subject: Deploy it",
  'subject: "quoted: yes"',
  "subject: |\n  folded",
  "priority: high",
  "priority: hgih",
  "date: 2026-11-20T10:15:00Z",
  "due: 2026-02-30",
  "refs: [a, b]",
  "x-note: é",
  "---",
  "...",
  "%YAML",
  "unknown: x",
  "\u200b",
);
const memo = fc
  .tuple(
    fc.constantFrom("---\n", "---\n", "---\n", "---\r\n", "--- js\n", "\n---\n", ""),
    fc.array(lines, { maxLength: 3 }),
    fc.constantFrom("\n---\n", "\n---\n", "\n---\r\n", "\n---", "\n--- \n", ""),
    fc.constantFrom("", "\nBody\n", "\n---\nBody\n", "Body \u001b[2J\n", `${"x".repeat(20_001)}\n`),
  )
  .map(([open, keys, close, body]) => {
    const required = [id, "from: api", "to: ops", "subject: restart"];
    const own = required.filter((line) => !keys.some((key) => key.split(":")[0] === line.split(":")[0]));
    return open + [...own, ...keys].join("\n") + close + body;
  });

function outcomeOf<T>(read: () => T): { value: T } | { code: string; line: number | undefined } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof VibeopsError) return { code: error.code, line: error.line };
    throw error;
  }
}

test("the front matter alone says what the whole memo says, and refuses nothing that is a memo", () => {
  let taken = 0;
  fc.assert(
    fc.property(memo, fc.boolean(), (text, isLatin) => {
      const bytes = Buffer.from(text, isLatin ? "latin1" : "utf8");
      const whole = outcomeOf(() => parseMemo(bytes, { now }));
      const header = outcomeOf(() => parseMemoHeader(bytes, { now }));
      if ("value" in whole) {
        taken += 1;
        const { text: _text, body: _body, bodyStart: _start, bodyLine: _line, ...facts } = whole.value;
        const said =
          "value" in header
            ? Object.fromEntries(Object.keys(facts).map((key) => [key, Reflect.get(header.value, key)]))
            : header;
        expect(said).toEqual(facts);
      }
    }),
    { numRuns: runs },
  );
  expect(taken).toBeGreaterThan(runs / 20);
});

const digits = (length: number) =>
  fc
    .array(fc.constantFrom(..."0123459"), { minLength: length, maxLength: length })
    .map((all) => all.join(""));
const field = (most: number) =>
  fc.oneof(
    fc.integer({ min: 0, max: most + 1 }).map((n) => String(n).padStart(2, "0")),
    digits(2),
  );
const moment = fc.tuple(
  fc.oneof(digits(4), fc.constantFrom("2024", "2023", "1900", "2000", "0099")),
  field(12),
  field(31),
  field(23),
  field(59),
  field(59),
);

/** What Date makes of it, written out and compared: slow, and plainly right. */
function exists(year: string, month: string, day: string, time: string): boolean {
  const date = new Date(`${year}-${month}-${day}T${time}Z`);
  return (
    !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 19) === `${year}-${month}-${day}T${time}`
  );
}

test("an id's time is the one that Date reads, and none where no such moment exists", () => {
  fc.assert(
    fc.property(moment, ([year, month, day, hour, minute, second]) => {
      const read = idTime(`${year}${month}${day}T${hour}${minute}${second}Z-a1b2c3d4`);
      const time = `${hour}:${minute}:${second}`;
      const expected = exists(year, month, day, time) ? new Date(`${year}-${month}-${day}T${time}Z`) : null;
      expect(read).toEqual(expected);
    }),
    { numRuns: runs },
  );
});

test("a day or time of the calendar is one that Date reads and writes again", () => {
  fc.assert(
    fc.property(moment, ([year, month, day, hour, minute, second]) => {
      expect(isCalendarTime(`${year}-${month}-${day}`)).toBe(exists(year, month, day, "00:00:00"));
      fc.pre(hour !== "24");
      const time = `${hour}:${minute}:${second}`;
      expect(isCalendarTime(`${year}-${month}-${day}T${time}Z`)).toBe(exists(year, month, day, time));
    }),
    { numRuns: runs },
  );
});
