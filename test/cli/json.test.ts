import { expect, test } from "vitest";
import { formatJson } from "../../src/cli/json.ts";
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
    }),
    { numRuns: 500 },
  );
});
