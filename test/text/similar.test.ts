import { expect, it } from "vitest";
import { nearest } from "../../src/text/similar.ts";

it.each([
  ["peeers", "peers"],
  ["acepts", "accepts"],
  ["commnads", "commands"],
  ["PROJECT", "project"],
])("takes %s for %s", (word, meant) => {
  expect(nearest(word, ["project", "agents", "peers", "accepts", "commands"])).toBe(meant);
});

it("says nothing when no candidate is near", () => {
  expect(nearest("banana", ["project", "agents"])).toBeUndefined();
  expect(nearest("x", [])).toBeUndefined();
});
