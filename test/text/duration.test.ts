import { expect, test } from "vitest";
import { parseAge } from "../../src/text/duration.ts";

test.each([
  ["30m", 1_800_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
  ["2w", 1_209_600_000],
  ["0d", 0],
])("%s is an age of %i milliseconds", (text, milliseconds) => {
  expect(parseAge(text)).toBe(milliseconds);
});

test.each(["", "7", "d", "7 d", "-7d", "7s", "1.5d", "7days", "1000000d", "７d"])(
  "'%s' is no age",
  (text) => {
    expect(parseAge(text)).toBeNull();
  },
);
