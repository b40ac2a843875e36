import { expect, test } from "vitest";
import { interpolate } from "../../src/deploy/interpolate.ts";

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of a Compose file, and no template of ours.
test("what variables make too long is not told", () => {
  const values = new Map([["A", "x".repeat(10_000)]]);
  expect(interpolate("${A}${A}", values).text).toHaveLength(20_000);
  expect(interpolate("${A}".repeat(200_000), values).text).toBeNull();
});

test("a text is as long as it is where its variables add little", () => {
  const text = "$$".repeat(200_000);
  expect(interpolate(text, new Map()).text).toBe("$".repeat(200_000));
});

test("any number of variables may stand in one default", () => {
  const { text, defaults } = interpolate(`\${A:-${"${B:-}".repeat(140_000)}}`, new Map());
  expect(text).toBe("");
  expect(defaults).toHaveLength(140_001);
});
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: see above
