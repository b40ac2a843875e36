import { expect, it } from "vitest";
import { formatAddress, parseAddress } from "../../src/memo/address.ts";

it.each(["shop", "developer@shop", "a.b-c_d@x1"])("reads and writes %s", (text) => {
  expect(formatAddress(parseAddress(text))).toBe(text);
});

it.each([
  "",
  "@",
  "a@",
  "@b",
  "a@b@c",
  "A",
  "a b",
  "/a",
  "../a",
  "a/b",
  "a\\b",
  ".a",
  "a.",
  "a..b",
  "-a",
  "~a",
  "é",
  "a\n",
  "c:",
  "x".repeat(65),
])("refuses %j", (text) => {
  expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: "memo.route" }));
});
