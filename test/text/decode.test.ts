import { describe, expect, it } from "vitest";
import { decodeText } from "../../src/text/decode.ts";
import fc from "../helpers/property.ts";

describe("decodeText", () => {
  it("gives back what was encoded, a byte order mark included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(decodeText(Buffer.from(`\ufeff${text}`))).toBe(`\ufeff${text}`);
      }),
    );
  });

  it.each([
    ["an overlong slash", [0xc0, 0xaf]],
    ["an overlong NUL", [0xc0, 0x80]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a stray continuation", [0x80]],
    ["a cut character", [0xe2, 0x82]],
    ["beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["Latin-1", [0xe9, 0x20]],
  ])("refuses %s, with file and line", (_, bytes) => {
    const file = Buffer.concat([Buffer.from("é\nok\n"), Buffer.from(bytes)]);
    expect(() => decodeText(file, "x.md")).toThrow(
      expect.objectContaining({
        code: "text.utf8",
        file: "x.md",
        line: 3,
        message: expect.stringMatching(/^byte [67] is not valid UTF-8$/),
      }),
    );
  });
});
