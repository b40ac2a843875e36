import { describe, expect, it } from "vitest";
import { parseFrontMatter } from "../../src/text/front-matter.ts";

const options = { file: "x.md", code: "memo" };

function codeOf(text: string): string {
  try {
    parseFrontMatter(text, options);
    return "accepted";
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe("parseFrontMatter", () => {
  it.each(["\n", "\r\n"])("reads the keys and says where the body begins (%j)", (newline) => {
    const text = ["---", "id: x", "# a comment", "refs: [a, b]", "---", "", "body", ""].join(newline);
    const read = parseFrontMatter(text, options);
    expect(read.data).toEqual(Object.assign(Object.create(null), { id: "x", refs: ["a", "b"] }));
    expect(text.slice(read.bodyStart)).toBe(["", "body", ""].join(newline));
    expect(read.bodyLine).toBe(6);
    expect(read.lineOf("refs")).toBe(4);
  });

  it("accepts no keys at all, and a file that ends with the closing line", () => {
    expect(parseFrontMatter("---\n---\n", options).data).toEqual(Object.create(null));
    expect(parseFrontMatter("---\n# nothing\n\n---", options)).toMatchObject({ bodyStart: 18, bodyLine: 5 });
  });

  it.each([
    ["---js\n{}\n---\n", "fm-language"],
    ["---JS\n{}\n---\n", "fm-language"],
    ["---javascript\nprocess.exit()\n---\n", "fm-language"],
    ["--- js\n{}\n---\n", "fm-language"],
    ["---coffee\nx\n---\n", "fm-language"],
    ["---toml\nx\n---\n", "fm-language"],
    ["--- \nid: x\n---\n", "fm-delimiter"],
    [" ---\nid: x\n---\n", "fm-delimiter"],
    ["\n---\nid: x\n---\n", "fm-delimiter"],
    ["---\nid: x\n--- \nbody\n", "fm-delimiter"],
    ["---\nid: x\n----\nbody\n", "fm-delimiter"],
    ["---\nid: x\n---js\nbody\n", "fm-delimiter"],
    ["---\nid: x\n", "fm-unclosed"],
    ["---", "fm-unclosed"],
    ["", "fm-missing"],
    ["# A note\n\n---\n", "fm-missing"],
    ["-----\nA note\n", "fm-missing"],
    [";;;\nid: x\n;;;\n", "fm-missing"],
    ["---\n%YAML 1.1\n---\n", "yaml-directive"],
    ["---\na: b\n...\n---\n", "yaml-multidoc"],
    ["---\n- a\n---\n", "type"],
    ["---\ntext\n---\n", "type"],
    [`---\n${"\n".repeat(5_000)}---\n`, "size"],
  ])("refuses %j", (text, reason) => {
    expect(codeOf(text)).toBe(`memo.${reason}`);
    expect(codeOf(text)).toBe(`memo.${reason}`);
  });

  it("reads a key that gray-matter itself would act on as any other", () => {
    expect(
      parseFrontMatter("---\nexcerpt_separator: {a: b}\n---\nx", options).data.excerpt_separator,
    ).toEqual(Object.assign(Object.create(null), { a: "b" }));
  });

  it("runs nothing in a body that begins like front matter", () => {
    const text = "---\nid: x\n---\n---js\nglobalThis.ran = true\n---\n";
    expect(parseFrontMatter(text, options).data).toMatchObject({ id: "x" });
    expect(globalThis).not.toHaveProperty("ran");
  });
});
