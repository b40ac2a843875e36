import { describe, expect, it } from "vitest";
import { parseReceivedYaml, readReceivedYaml } from "../../src/text/yaml-received.ts";

function codeOf(text: string, options: Parameters<typeof parseReceivedYaml>[1] = {}): string {
  try {
    parseReceivedYaml(text, options);
    return "accepted";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("parseReceivedYaml", () => {
  it("gives strings, lists and maps without a prototype, and nothing else", () => {
    const value = parseReceivedYaml("a: 1\nb: [true, null, 1.10]\nc:\n  __proto__: x\n  d:\ne: ~\n");
    expect(JSON.stringify(value)).toBe(
      '{"a":"1","b":["true","null","1.10"],"c":{"__proto__":"x","d":""},"e":"~"}',
    );
    expect(Object.getPrototypeOf(value)).toBeNull();
  });

  it.each([
    ["a: !!binary aGk=", "yaml-tag"],
    ["a: !x b", "yaml-tag"],
    ["!!map {a: b}", "yaml-tag"],
    ["a: &x b", "yaml-alias"],
    ["a: &x [1]\nb: *x", "yaml-alias"],
    ["a: *x", "yaml-alias"],
    ["&x a: b", "yaml-alias"],
    ["%YAML 1.1\n---\na: b", "yaml-directive"],
    ["%TAG ! tag:x,2000:\n---\na: b", "yaml-directive"],
    ["a: b\n---\nc: d", "yaml-multidoc"],
    ["a: b\n...\nc: d", "yaml-multidoc"],
    ["a: b\na: c", "yaml-dup"],
    ["a: b\n'a': c", "yaml-dup"],
    ["x: {a: b, a: c}", "yaml-dup"],
    ["a: [1", "yaml-syntax"],
    ["a: b: c", "yaml-syntax"],
    ["\ta: b", "yaml-syntax"],
    ["? [a]\n: b", "type"],
    [`a: ${"[".repeat(40)}${"]".repeat(40)}`, "depth"],
    ["? ".repeat(40), "depth"],
    ["- ".repeat(40), "depth"],
    [Array.from({ length: 40 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"), "depth"],
    [Array.from({ length: 300 }, (_, key) => `k${key}: v`).join("\n"), "keys"],
    [`{${Array.from({ length: 300 }, (_, key) => `"k${key}":v`).join(",")}}`, "keys"],
    [`{${Array.from({ length: 300 }, (_, key) => `k${key}`).join(",")}}`, "keys"],
    [`a: "${"x".repeat(40_000)}"`, "size"],
    ["#\n".repeat(2_000), "size"],
  ])("refuses %j", (text, reason) => {
    expect(codeOf(text)).toBe(`text.${reason}`);
  });

  it("names the file, the line in the file, and the fix", () => {
    expect(() => parseReceivedYaml("a: b\nc: &x d\n", { file: "m.md", firstLine: 10, code: "memo" })).toThrow(
      expect.objectContaining({
        code: "memo.yaml-alias",
        file: "m.md",
        line: 11,
        fix: "write the plain value",
      }),
    );
  });

  it("gives the same answer each time", () => {
    expect([1, 2, 3].map(() => codeOf("a: [1"))).toEqual([
      "text.yaml-syntax",
      "text.yaml-syntax",
      "text.yaml-syntax",
    ]);
  });
});

describe("readReceivedYaml", () => {
  it("knows the line of each key and item", () => {
    const { lineOf } = readReceivedYaml("a: 1\nports:\n  - 80\n  - container: 3000\n    host: 1\n", {
      firstLine: 5,
    });
    expect(lineOf(["a"])).toBe(5);
    expect(lineOf(["ports"])).toBe(6);
    expect(lineOf(["ports", 0])).toBe(7);
    expect(lineOf(["ports", 1, "host"])).toBe(9);
    expect(lineOf(["none"])).toBeUndefined();
  });
});
