import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { readYaml } from "../../src/text/yaml-own.ts";

const schema = z.strictObject({
  project: z.string(),
  peers: z._default(
    z.record(
      z.string(),
      z.union([z.strictObject({ path: z.string() }), z.strictObject({ git: z.string() })]),
    ),
    {},
  ),
  accepts: z._default(
    z.array(z.strictObject({ from: z.string(), types: z.optional(z.array(z.enum(["info", "request"]))) })),
    [],
  ),
});

describe("readYaml", () => {
  it("gives the value, the document, and the line of each key", () => {
    const file = readYaml(
      "# who\nproject: shop # here\npeers:\n  infra: { path: ../infra }\n",
      schema,
      "vibeops.yaml",
    );
    expect(file.value).toEqual({ project: "shop", peers: { infra: { path: "../infra" } }, accepts: [] });
    expect(file.lineOf(["peers", "infra"])).toBe(4);
    expect(String(file.document)).toContain("# here");
  });

  it("sets the words of a rule apart from the name that they are about", () => {
    const day = z.strictObject({
      until: z.iso.date({ error: "a day is written 2027-06-30" }),
      size: z.optional(z.number().check(z.minimum(1, { error: "must be above 0" }))),
    });
    const said = (text: string) => () => readYaml(text, day, "vibeops.yaml");
    expect(said("until: soon\n")).toThrow("until: a day is written 2027-06-30");
    expect(said("until: 2027-06-30\nsize: 0\n")).toThrow("size must be above 0");
  });

  it.each([
    ["project: a\nproject: b\n", 2, 'the key "project" stands here twice', "keep one of them"],
    [
      "project: a\npeers:\n  infra: { path: x }\n  infra: { path: y }\n",
      4,
      'the key "infra" stands here twice',
      "keep one of them",
    ],
    [
      "project: a\n---\nproject: b\n",
      2,
      "there is more than one YAML document here",
      "keep one: delete the lines ---",
    ],
    ["project: a\npeers:\n\tinfra: {}\n", 3, "Tabs are not allowed as indentation", "indent with spaces"],
  ])(
    "names what is wrong with YAML, not what its parser would have called: %j",
    (text, line, message, fix) => {
      expect(() => readYaml(text, schema, "vibeops.yaml")).toThrow(
        expect.objectContaining({ code: "yaml.syntax", line, message, fix }),
      );
    },
  );

  it.each([
    ["project: a\npeeers: {}\n", 2, "unknown key peeers; did you mean peers?", "write peers"],
    ["prject: a\n", 1, "unknown key prject; did you mean project?", "write project"],
    ["project: a\nbanana: 1\n", 2, "unknown key banana; known: project, peers, accepts", "delete it"],
    [
      "project: a\npeers:\n  infra: { pth: x }\n",
      3,
      "unknown key peers.infra.pth; did you mean path?",
      "write path",
    ],
    [
      "project: a\naccepts:\n  - { frm: x }\n",
      3,
      "unknown key accepts[0].frm; did you mean from?",
      "write from",
    ],
    [
      "project: a\naccepts:\n  - { from: x, types: [inof] }\n",
      3,
      "accepts[0].types[0] must be one of info, request",
      "",
    ],
    ["project: 3\n", 1, "project must be text", ""],
    ["peers: {}\n", 1, "project is missing", "add project"],
    ["- a\n", 1, "the document must be `key: value` lines", ""],
  ])("refuses %j with the line and the nearest right key", (text, line, message, fix) => {
    expect(() => readYaml(text, schema, "vibeops.yaml")).toThrow(
      expect.objectContaining({
        code: "schema.invalid",
        file: "vibeops.yaml",
        line,
        message,
        fix: expect.stringContaining(fix),
      }),
    );
  });

  it("refuses YAML that cannot be read, with the line", () => {
    expect(() => readYaml("project: a\npeers: [\n", schema, "f")).toThrow(
      expect.objectContaining({ code: "yaml.syntax", file: "f", line: expect.any(Number) }),
    );
    expect(() => readYaml("project: a\nproject: b\n", schema, "f")).toThrow(
      expect.objectContaining({ code: "yaml.syntax", line: 2 }),
    );
  });

  it("refuses a file of more than 256 KB", () => {
    expect(() => readYaml(`# ${"x".repeat(300_000)}`, schema, "f")).toThrow(
      expect.objectContaining({ code: "yaml.size" }),
    );
  });

  it("refuses aliases that lead nowhere, or multiply without measure", () => {
    const times = (name: string) => `[${Array(10).fill(`*${name}`).join(", ")}]`;
    const bomb = `a: &a [x]\nb: &b ${times("a")}\nc: &c ${times("b")}\nd: ${times("c")}\n`;
    for (const text of ["project: *nobody\n", bomb]) {
      expect(() => readYaml(text, schema, "f")).toThrow(
        expect.objectContaining({ code: "yaml.syntax", file: "f", fix: expect.any(String) }),
      );
    }
  });

  it("refuses what is nested so deep that reading it would take minutes: a peer's file is read too", () => {
    for (const text of [`project: a\npeers:\n${"? ".repeat(500)}`, `peers: ${"[".repeat(100)}`]) {
      expect(() => readYaml(text, schema, "f")).toThrow(
        expect.objectContaining({ code: "yaml.depth", file: "f", line: expect.any(Number) }),
      );
    }
  });
});
