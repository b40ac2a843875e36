import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { addGrant, type GrantWish, revokeGrant } from "../../src/project/grant-edit.ts";
import { grantsType, hasExpired } from "../../src/project/grants.ts";
import { type MemoType, memoTypes } from "../../src/project/memo-types.ts";
import type { Grant } from "../../src/project/project.ts";
import fc from "../helpers/property.ts";

const today = new Date("2026-11-20T14:32:11Z");
const usual = { types: ["request", "info"] as MemoType[], until: "2027-11-20" };
const HEAD = "project: shop   # the name\r\nagents:\r\n    developer: { provider: builtin }\r\n";

const config = (...lines: string[]) =>
  `${HEAD}accepts:\r\n${lines.map((line) => `  - ${line}\r\n`).join("")}`;
const add = (text: string, wish: GrantWish) => addGrant(text, "infra", wish, usual, today);

describe("addGrant", () => {
  test.each<[string, string, GrantWish, string]>([
    [
      "the usual to somebody new",
      `${HEAD}`,
      {},
      `${HEAD}\r\naccepts:\r\n  - { from: infra, types: [request, info], until: 2027-11-20 }\r\n`,
    ],
    [
      "nothing where a line holds",
      config("{ from: infra, types: [info] }"),
      {},
      config("{ from: infra, types: [info] }"),
    ],
    [
      "a type more, to the same day",
      config("{ from: infra, types: [info], until: 2026-12-01 } # c"),
      { types: ["request"] },
      config("{ from: infra, types: [info, request], until: 2026-12-01 } # c"),
    ],
    [
      "a longer time",
      config("{ from: infra, types: [info], until: 2026-12-01 }"),
      { types: ["info"], until: "2027-06-30" },
      config("{ from: infra, types: [info], until: 2027-06-30 }"),
    ],
    [
      "a longer time, by that alone",
      config("{ from: infra, types: [info], until: 2026-12-01 }"),
      { until: "2027-06-30" },
      config("{ from: infra, types: [info], until: 2027-06-30 }"),
    ],
    [
      "no end",
      config("{ from: infra, types: [info], until: 2026-12-01 }"),
      { until: null },
      config("{ from: infra, types: [info] }"),
    ],
    [
      "nothing where a shorter line says it already",
      config("{ from: infra, types: [info] }", "{ from: infra, types: [request], until: 2026-12-01 }"),
      { types: ["request"] },
      config("{ from: infra, types: [info] }", "{ from: infra, types: [request], until: 2026-12-01 }"),
    ],
    [
      "nothing where a line without types lets all in",
      config("{ from: infra, types: [], read: [state] }", "{ from: infra, until: 2026-12-01 }"),
      { types: ["request"], read: ["state"] },
      config("{ from: infra, types: [], read: [state] }", "{ from: infra, until: 2026-12-01 }"),
    ],
    [
      "reading beside mail",
      config("{ from: infra, types: [info] }"),
      { read: ["state"] },
      config("{ from: infra, types: [info], read: [state] }"),
    ],
    [
      "reading alone lets no mail in",
      HEAD,
      { read: ["memos"] },
      `${HEAD}\r\naccepts:\r\n  - { from: infra, types: [], read: [memos], until: 2027-11-20 }\r\n`,
    ],
    [
      "a time again to what has ended",
      config("{ from: infra, types: [info], until: 2026-11-19 }"),
      { types: ["info"] },
      config("{ from: infra, types: [info], until: 2027-11-20 }"),
    ],
    [
      "a line more, where more time for the old one was not asked for",
      config("{ from: infra, types: [info, request], until: 2026-12-01 }"),
      { types: ["info"], until: "2027-06-30" },
      config(
        "{ from: infra, types: [info, request], until: 2026-12-01 }",
        "{ from: infra, types: [info], until: 2027-06-30 }",
      ),
    ],
    [
      "nothing to a line without types, which lets all in",
      config("{ from: infra }"),
      { types: ["security"] },
      config("{ from: infra }"),
    ],
  ])("gives %s", (_, before, wish, after) => {
    expect(add(before, wish)).toBe(after);
  });

  test("refuses an end alone where several lines could be meant", () => {
    const text = config(
      "{ from: infra, types: [info] }",
      "{ from: infra, types: [request], until: 2026-12-01 }",
    );
    expect(() => add(text, { until: "2027-06-30" })).toThrow(
      expect.objectContaining({ code: "grant.which", exit: 2 }),
    );
  });

  test("refuses a shorter time for a part of a line instead of adding a line that says nothing", () => {
    const text = config("{ from: infra, types: [info, request], until: 2027-06-30 }");
    expect(() => add(text, { types: ["info"], until: "2026-12-01" })).toThrow(
      expect.objectContaining({ code: "grant.longer" }),
    );
  });

  test("leaves what only a rewrite could change to the person", () => {
    const text = `${HEAD}accepts:\r\n  - { from: infra, types: &all [info] }\r\n  - { from: docs, types: *all }\r\n`;
    expect(() => addGrant(text, "docs", { types: ["request"] }, usual, today)).toThrow(
      expect.objectContaining({ code: "config.by-hand", fix: "add to accepts.1.types: request" }),
    );
  });
});

describe("revokeGrant", () => {
  test.each<[string, string, Parameters<typeof revokeGrant>[2], string]>([
    ["everything", config("{ from: infra } # c", "{ from: docs }"), {}, config("{ from: docs }")],
    ["the last line", config("{ from: infra }"), {}, `${HEAD}accepts: []\r\n`],
    [
      "a type",
      config("{ from: infra, types: [info, request] }"),
      { types: ["info"] },
      config("{ from: infra, types: [request] }"),
    ],
    [
      "a type out of all",
      config("{ from: infra }"),
      { types: ["deployment"] },
      config("{ from: infra, types: [request, info, security, incident] }"),
    ],
    [
      "the last type, and the line with it",
      config("{ from: infra, types: [info], until: 2027-06-30 }", "{ from: docs }"),
      { types: ["info"] },
      config("{ from: docs }"),
    ],
    [
      "mail, and leaves reading",
      config("{ from: infra, types: [info], read: [state] }"),
      { types: ["info"] },
      config("{ from: infra, types: [], read: [state] }"),
    ],
    [
      "reading, and leaves mail",
      config("{ from: infra, types: [info], read: [state] }"),
      { read: ["state"] },
      config("{ from: infra, types: [info] }"),
    ],
    [
      "from every line about the peer",
      config("{ from: infra, types: [info, request] }", "{ from: docs }", "{ from: infra, types: [info] }"),
      { types: ["info"] },
      config("{ from: infra, types: [request] }", "{ from: docs }"),
    ],
    [
      "nothing that was not granted",
      config("{ from: infra, types: [info] }"),
      { types: ["request"], read: ["memos"] },
      config("{ from: infra, types: [info] }"),
    ],
  ])("takes %s", (_, before, what, after) => {
    expect(revokeGrant(before, "infra", what)).toBe(after);
  });
});

/** How a person may have written an entry; the comment behind it is theirs. */
function written(grant: Grant, style: string, comment: string): string {
  const list = (items: readonly string[]) =>
    style === "tight" ? `[${items.join(",")}]` : `[ ${items.join(" , ")} ]`;
  const pairs = Object.entries(grant).map(
    ([key, value]) => [key, Array.isArray(value) ? value : [String(value)]] as const,
  );
  if (style !== "block") {
    const parts = pairs.map(
      ([key, value]) => `${key}: ${Array.isArray(grant[key as keyof Grant]) ? list(value) : value[0]}`,
    );
    return style === "tight"
      ? `  - {${parts.join(",")}}${comment}\n`
      : `  - {   ${parts.join(",  ")} }${comment}\n`;
  }
  const lines = pairs.map(([key, value]) => {
    if (!Array.isArray(grant[key as keyof Grant])) return `${key}:   ${value[0]}${comment}\n`;
    return value.length === 0
      ? `${key}: []\n`
      : `${key}:\n${value.map((item) => `      - ${item}${comment}\n`).join("")}`;
  });
  return `  - ${lines.join("    ")}`;
}

const types = fc.uniqueArray(fc.constantFrom(...memoTypes), { maxLength: 5 });
const read = fc.uniqueArray(fc.constantFrom("state" as const, "memos" as const), { maxLength: 2 });
const until = fc.constantFrom("2026-11-19", "2026-11-20", "2026-12-01", "2027-06-30");
const entry = fc.record(
  { from: fc.constantFrom("infra", "docs", "office"), types, read, until },
  { requiredKeys: ["from"] },
);
const style = fc.constantFrom("tight", "wide", "block");
const comment = fc.constantFrom("", "  # why, [really] {from: x}", " #");
const listed = fc
  .tuple(entry, style, comment)
  .map(([grant, how, note]) => ({ grant, text: written(grant, how, note) }));
const project = fc.record({
  head: fc.constantFrom("project: shop\n", "# top\nproject:   'shop'  # name\n\n"),
  entries: fc.array(listed, { minLength: 1, maxLength: 4 }),
  between: fc.constantFrom("", "  # a note\n", "\n"),
  tail: fc.constantFrom(
    "agents: {developer: {provider: builtin}}\n",
    "\n# end\nagents:\n    developer: { provider: builtin }   # who\n",
  ),
  newline: fc.constantFrom("\n", "\r\n"),
});

function textOf({
  head,
  entries,
  between,
  tail,
  newline,
}: typeof project extends fc.Arbitrary<infer T> ? T : never) {
  const body = entries.map(({ text }) => text).join(between);
  return `${head}accepts:\n${body}${tail}`.replaceAll("\n", newline);
}

/** All that comes in from a peer on a day. */
function comesIn(text: string, from: string, now = today): string[] {
  const lines = ((parse(text) as { accepts: Grant[] | null }).accepts ?? []).filter(
    (grant) => grant.from === from && !hasExpired(grant, now),
  );
  const mail = memoTypes.filter((type) => lines.some((grant) => grantsType(grant, type)));
  const reads = (["state", "memos"] as const).filter((what) =>
    lines.some((grant) => grant.read?.includes(what)),
  );
  return [...mail, ...reads];
}

/** What the edit may not touch: all around the list, and every entry about others. */
function expectRest(before: string, after: string, sample: Parameters<typeof textOf>[0]) {
  const end = (text: string) => text.replaceAll("\n", sample.newline);
  expect(after.startsWith(end(`${sample.head}accepts:`))).toBe(true);
  expect(after.endsWith(end(sample.tail))).toBe(true);
  let at = 0;
  for (const { text } of sample.entries.filter(({ grant }) => grant.from !== "infra")) {
    at = after.indexOf(end(text), at);
    expect(at, `${before}\n---\n${after}`).toBeGreaterThan(0);
    at += end(text).length;
  }
  expect(after.includes("\r\n") ? after.replaceAll("\r\n", "").includes("\n") : false).toBe(false);
}

/** All that was asked for comes in, and nothing for longer that was not. */
function expectWished(before: string, after: string, wished: GrantWish) {
  if (wished.types === undefined && wished.read === undefined) return;
  const asked = [...(wished.types ?? []), ...(wished.read ?? [])];
  expect(comesIn(after, "infra").sort()).toEqual(
    [...new Set([...comesIn(before, "infra"), ...asked])].sort(),
  );
  const far = new Date("2027-07-01T00:00:00Z");
  const longer = comesIn(after, "infra", far).filter((one) => !comesIn(before, "infra", far).includes(one));
  for (const one of longer) expect(asked).toContain(one);
}

function addOrNull(text: string, wish: GrantWish): string | null {
  try {
    return add(text, wish);
  } catch (error) {
    expect(["grant.which", "grant.longer"]).toContain((error as { code: string }).code);
    return null;
  }
}

describe("an edit of grants", () => {
  test("grants just what was wished, widens nothing else, and leaves every other byte", () => {
    const wish = fc.record(
      { types, read, until: fc.constantFrom("2026-12-01", "2027-06-30", null) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(project, wish, (sample, wished) => {
        const before = textOf(sample);
        const after = addOrNull(before, wished);
        if (after === null) return;
        expectWished(before, after, wished);
        for (const other of ["docs", "office"]) expect(comesIn(after, other)).toEqual(comesIn(before, other));
        expectRest(before, after, sample);
      }),
      { numRuns: 200 },
    );
  });

  test("takes just what was named, and leaves every other byte", () => {
    const named = fc.record({ types, read }, { requiredKeys: [] });
    fc.assert(
      fc.property(project, named, (sample, what) => {
        const before = textOf(sample);
        const after = revokeGrant(before, "infra", what);
        const all = what.types === undefined && what.read === undefined;
        const gone: readonly string[] = [...(what.types ?? []), ...(what.read ?? [])];
        const left = all ? [] : comesIn(before, "infra").filter((one) => !gone.includes(one));
        expect(comesIn(after, "infra")).toEqual(left);
        expectRest(before, after, sample);
      }),
      { numRuns: 200 },
    );
  });
});

describe("what several lines share by an anchor", () => {
  const shared = `${HEAD}accepts:
  - { from: infra, types: &some [request, info], until: &day 2026-12-01 }
  - { from: other, types: *some, until: *day }
`;
  const byHand = expect.objectContaining({ code: "config.by-hand" });

  test("no other peer gets or loses a type with the one that is named", () => {
    expect(() => add(shared, { types: ["deployment"] })).toThrow(byHand);
    expect(() => revokeGrant(shared, "infra", { types: ["info"] })).toThrow(byHand);
  });

  test("nor another end, and no line is left with an alias of nothing", () => {
    expect(() => add(shared, { until: "2027-06-30" })).toThrow(byHand);
    expect(() => revokeGrant(shared, "infra", {})).toThrow(byHand);
    expect(revokeGrant(shared, "other", {})).toBe(shared.replace(/ {2}- \{ from: other.*\n/, ""));
  });
});
