import { expect, test } from "vitest";
import { parse } from "yaml";
import { yamlList, yamlScalar } from "../../src/deploy/yaml-scalar.ts";
import fc from "../helpers/property.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "yes",
    "Off",
    "null",
    "1e3",
    "0x1f",
    "1:30",
    "2026-11-20",
    "<<",
    "=",
    "~",
    "a: b",
    "a #b",
    "/x:",
    "a:1",
  ),
);

test("every text reads back as that text in YAML 1.1 and 1.2, once Compose has halved the dollars", () => {
  fc.assert(
    fc.property(fc.array(text), (items) => {
      for (const version of ["1.1", "1.2"] as const) {
        expect(undouble(parse(yamlList(items), { version }))).toEqual(items);
        for (const item of items)
          expect(undouble([parse(`key: ${yamlScalar(item)}\n`, { version }).key])).toEqual([item]);
      }
    }),
  );
});

test("no dollar is left single, so Compose fills in nothing", () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is Compose's own
  expect(yamlScalar("a${HOME}$b$$")).toBe('"a$${HOME}$$b$$$$"');
});

function undouble(values: string[]): string[] {
  return values.map((value) => value.replaceAll("$$", "$"));
}
