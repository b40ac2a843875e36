import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { spliceYaml, type YamlEdit } from "../../src/text/yaml-splice.ts";
import fc from "../helpers/property.ts";

const append = (...to: (string | number)[]): YamlEdit => ({ kind: "append", to, value: "new" });
const remove = (...at: (string | number)[]): YamlEdit => ({ kind: "remove", at });

describe("spliceYaml", () => {
  test.each<[string, YamlEdit, string, string]>([
    ["an item behind a comma", append("a"), "a: [x, ]  # c\n", "a: [x, new ]  # c\n"],
    [
      "an item on the line of the last one",
      append("a"),
      "a: [\n  x, # 1\n  y  # 2\n]\n",
      "a: [\n  x, # 1\n  y, new  # 2\n]\n",
    ],
    ["an item in an empty list", append("a"), "a: []\n", "a: [new]\n"],
    [
      "a line below the last one",
      append("a"),
      "a:\n  - x # 1\n  # end\nb: 1\n",
      "a:\n  - x # 1\n  - new\n  # end\nb: 1\n",
    ],
    [
      "a key behind the others",
      { kind: "set", in: ["a", 0], key: "k", value: 1 },
      "a: [{ x: 1 }]\n",
      "a: [{ x: 1, k: 1 }]\n",
    ],
    [
      "a key below the others",
      { kind: "set", in: ["a", 0], key: "k", value: 1 },
      "a:\n- x: 1 # c\n- y: 2\n",
      "a:\n- x: 1 # c\n  k: 1\n- y: 2\n",
    ],
    ["another value", { kind: "set", in: [], key: "a", value: "t" }, 'a:   "s"  # c\n', "a:   t  # c\n"],
    ["less at the start of a list", remove("a", 0), "a: [x, y]\n", "a: [y]\n"],
    ["less at its end", remove("a", 1), "a: [x, y]\n", "a: [x]\n"],
    [
      "less, and the comment of the other one",
      remove("a", 1),
      "a: [\n  x, # 1\n  y\n]\n",
      "a: [\n  x, # 1\n  \n]\n",
    ],
    ["a line less", remove("a", 0), "a:\n  # why\n  - x # 1\n  - y\n", "a:\n  # why\n  - y\n"],
    [
      "an entry of several lines less",
      remove("a", 0),
      "a:\n  - x: 1\n    y:\n      - 2\n  # of z\n  - z: 3\n",
      "a:\n  # of z\n  - z: 3\n",
    ],
    ["nothing left", remove("a", 0), "a: # who\n  # note\n  - x\nb: 1\n", "a: [] # who\n  # note\nb: 1\n"],
    ["nothing left in brackets", remove("a", 0), "a: [ x ]\n", "a: [  ]\n"],
    ["the first key of an entry", remove("a", 0, "x"), "a:\n  - x: 1\n    y: 2\n", "a:\n  - y: 2\n"],
  ])("writes %s", (_, edit, before, after) => {
    expect(spliceYaml(before, edit)).toBe(after);
  });

  test.each([
    ["an alias", "b: &x [1]\na: *x\n"],
    ["no collection", "a: 1\n"],
    ["broken YAML", "a: [\n"],
  ])("finds no place in %s, and says so", (_, text) => {
    expect(spliceYaml(text, append("a"))).toBeNull();
  });

  test("means what was asked for, whatever the text, or finds no place", () => {
    const scalar = fc.constantFrom("x", '"y, #z"', "2027-06-30", "'it''s'", "~");
    const comment = fc.constantFrom("", " # a, [comment]");
    const flow = fc
      .tuple(fc.array(scalar, { maxLength: 4 }), fc.constantFrom(", ", ",", ",\n   ", " , "), fc.boolean())
      .map(([items, comma, trailing]) => `[${items.join(comma)}${trailing && items.length > 0 ? "," : ""}]`);
    const block = fc
      .array(fc.tuple(scalar, comment), { minLength: 1, maxLength: 4 })
      .map((items) => items.map(([item, note]) => `\n  - ${item}${note}`).join(""));
    const newline = fc.constantFrom("\n", "\r\n");
    const index = fc.nat(4);
    fc.assert(
      fc.property(
        fc.oneof(flow, block),
        comment,
        newline,
        index,
        fc.boolean(),
        (list, note, line, i, adds) => {
          const text =
            `first: 1${note}\na:${list.startsWith("[") ? ` ${list}${note}` : `${list}`}\nlast: [a ,b]\n`.replaceAll(
              "\n",
              line,
            );
          const before = parse(text) as { a: unknown[] };
          const after = spliceYaml(text, adds ? append("a") : remove("a", i));
          if (!adds && i >= before.a.length) {
            expect(after).toBeNull();
            return;
          }
          const wanted = adds ? [...before.a, "new"] : before.a.filter((_, n) => n !== i);
          expect(parse(after ?? "")).toEqual({ ...before, a: wanted });
          expect(after?.startsWith(`first: 1${note}${line}a:`)).toBe(true);
          expect(after?.endsWith(`${line}last: [a ,b]${line}`)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
