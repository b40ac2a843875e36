import { expect, it } from "vitest";
import { unifiedDiff } from "../../src/text/diff.ts";

it("shows the changed lines as git does", () => {
  expect(unifiedDiff("a\nb\nc\n", "a\nB\nc\n", "deploy/compose.yaml")).toBe(
    "--- a/deploy/compose.yaml\n+++ b/deploy/compose.yaml\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n",
  );
});

it("says when the last line has no line ending", () => {
  expect(unifiedDiff("a", "b", "x")).toContain("\\ No newline at end of file");
});

it("is empty when nothing changed", () => {
  expect(unifiedDiff("a\n", "a\n", "x")).toBe("");
});
