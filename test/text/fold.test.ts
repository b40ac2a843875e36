import { describe, expect, it, test } from "vitest";
import { foldText } from "../../src/text/fold.ts";
import fc from "../helpers/property.ts";

describe("foldText", () => {
  it.each([
    ["Caddy", "CADDY"],
    ["Straße", "STRASSE"],
    ["ΟΔΟΣ", "οδος"],
    ["ΟΔΟΣ", "οδοσ"],
    ["É", "e\u0301"],
    ["Ångström", "\u212bNGSTRO\u0308M"],
    ["ﬁle", "FILE"],
  ])("takes %s and %s for the same", (one, other) => {
    expect(foldText(one)).toBe(foldText(other));
  });

  it("keeps letters apart that a person keeps apart", () => {
    expect(foldText("resume")).not.toBe(foldText("résumé"));
  });
});

test("folding twice is folding once, and keeps every line break", () => {
  const text = fc.string({
    unit: fc.oneof(fc.constantFrom("\n", "\r", "A", "ß", "Σ"), fc.string({ unit: "binary" })),
  });
  fc.assert(
    fc.property(text, (value) => {
      const once = foldText(value);
      expect(foldText(once)).toBe(once);
      expect(once.split("\n").length).toBe(value.split("\n").length);
    }),
  );
});
