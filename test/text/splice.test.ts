import { describe, expect, it } from "vitest";
import { newlineOf, splice } from "../../src/text/splice.ts";
import fc from "../helpers/property.ts";

describe("splice", () => {
  it("changes the named ranges, in whatever order they are given", () => {
    const edits = [
      { start: 4, end: 7, text: "2" },
      { start: 0, end: 3, text: "1" },
    ];
    expect(splice("one two three", edits)).toBe("1 2 three");
  });

  it("keeps the order of insertions at one place", () => {
    const edits = ["b", "c"].map((text) => ({ start: 1, end: 1, text }));
    expect(splice("ad", edits)).toBe("abcd");
  });

  it("refuses ranges that overlap or lie outside", () => {
    expect(() =>
      splice("abc", [
        { start: 0, end: 2, text: "" },
        { start: 1, end: 3, text: "" },
      ]),
    ).toThrow(RangeError);
    expect(() => splice("abc", [{ start: 2, end: 4, text: "" }])).toThrow(RangeError);
    expect(() => splice("abc", [{ start: 2, end: 1, text: "" }])).toThrow(RangeError);
  });

  it("changes nothing when every range is replaced by itself", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.nat(40), { maxLength: 8 }), (text, cuts) => {
        const points = [...new Set(cuts.map((cut) => Math.min(cut, text.length)))].toSorted((a, b) => a - b);
        const edits = points
          .slice(1)
          .map((end, index) => ({ start: points[index] ?? 0, end, text: text.slice(points[index], end) }));
        expect(splice(text, edits)).toBe(text);
      }),
    );
  });
});

describe("newlineOf", () => {
  it.each([
    ["a\r\nb\n", "\r\n"],
    ["a\nb\r\n", "\n"],
    ["a", "\n"],
    ["", "\n"],
    ["\r\n", "\r\n"],
  ])("of %j is %j", (text, newline) => {
    expect(newlineOf(text)).toBe(newline);
  });
});
