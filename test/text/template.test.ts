import { describe, expect, it } from "vitest";
import { renderTemplate } from "../../src/text/template.ts";

describe("renderTemplate", () => {
  it("puts text in as it is", () => {
    expect(renderTemplate("a {{x}} <{{ x }}>\n", { x: "{{y}} & <b>" }, "t")).toBe(
      "a {{y}} & <b> <{{y}} & <b>>\n",
    );
  });

  it("repeats a section for each item, and leaves no line behind for its marks", () => {
    const template = "env:\n{{#env}}\n  {{name}}: {{#items}}{{.}},{{/items}} of {{service}}\n{{/env}}\nend\n";
    const env = [
      { name: "A", items: ["1", "2"] },
      { name: "B", items: [] },
    ];
    expect(renderTemplate(template, { env, service: "shop" }, "t")).toBe(
      "env:\n  A: 1,2, of shop\n  B:  of shop\nend\n",
    );
  });

  it("shows a section once for true, a map and text, and its opposite for nothing", () => {
    const template = "{{#a}}yes {{b}}{{/a}}{{^a}}no{{/a}}";
    const render = (a: string | boolean | { b: string } | string[]) =>
      renderTemplate(template, { a, b: "B" }, "t");
    expect([render(true), render({ b: "own" }), render("x"), render(false), render(""), render([])]).toEqual([
      "yes B",
      "yes own",
      "yes B",
      "no",
      "no",
      "no",
    ]);
  });

  it("keeps CRLF", () => {
    expect(renderTemplate("a\r\n{{#x}}\r\nb\r\n{{/x}}\r\nc\r\n", { x: true }, "t")).toBe("a\r\nb\r\nc\r\n");
  });

  it.each([
    ["a\n{{servce}}", "template.unknown-name", 2, "write service"],
    ["a\n\n{{#service}}b", "template.unclosed", 3, "add {{/service}}"],
    ["{{#service}}\n{{/list}}", "template.unclosed", 2, "nest the sections"],
    ["{{list}}", "template.kind", 1, "use {{#list}}…{{/list}}"],
  ])("refuses %j with the line", (template, code, line, fix) => {
    expect(() => renderTemplate(template, { service: "shop", list: [] }, "t.md")).toThrow(
      expect.objectContaining({ code, file: "t.md", line, fix }),
    );
  });

  it("does not take names from the prototype", () => {
    expect(() => renderTemplate("{{constructor}}", {}, "t")).toThrow(
      expect.objectContaining({ code: "template.unknown-name" }),
    );
  });
});
