import { expect, test } from "vitest";
import { formatJson, formatJsonLine, jsonPieces } from "../../src/cli/json.ts";
import fc from "../helpers/property.ts";

const RAW =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\p{Cs}]/u;

test("a JSON document holds the same value and no character that a terminal obeys or nobody sees", () => {
  const unit = fc.constantFrom(
    "\u0000",
    "\u001b[31m",
    "\u007f",
    "\u009b2J",
    "\u202e",
    "\u200b",
    "\u2028",
    "\u{e0041}",
    "\ufeff",
    "é",
    "😀",
    "a",
  );
  const text = fc.oneof(fc.string({ unit }), fc.string({ unit: "binary" }));
  fc.assert(
    fc.property(fc.dictionary(text, fc.oneof(text, fc.integer(), fc.array(text))), (value) => {
      const json = formatJson(value);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(json.replaceAll("\n", "")).not.toMatch(RAW);
      const line = formatJsonLine(value);
      expect(JSON.parse(line)).toEqual(JSON.parse(json));
      expect(line).not.toMatch(RAW);
    }),
    { numRuns: 500 },
  );
});

test("a long list in pieces is the document that it is as a whole", () => {
  const text = fc.string();
  const item = fc.oneof(
    fc.record({ id: text, "a\nb": fc.constant(undefined), c: fc.array(text, { maxLength: 2 }) }),
    fc.constant(undefined),
    text,
  );
  const count = fc.oneof(fc.constant(0), fc.integer({ min: 999, max: 1_002 }));
  fc.assert(
    fc.property(fc.array(item, { minLength: 1, maxLength: 3 }), count, (items, length) => {
      const memos = Array.from({ length }, (_, i) => items[i % items.length]);
      const value = { ok: true, result: { none: undefined, memos, deeper: { memos, empty: {} } }, "\n": 1 };
      expect([...jsonPieces(value)].join("")).toBe(JSON.stringify(value, null, 2));
    }),
    { numRuns: 100 },
  );
});
