import { expect, test } from "vitest";
import { VibeopsError } from "../../src/errors.ts";
import { formatMemo } from "../../src/memo/format-memo.ts";
import { readHeader } from "../../src/memo/memo-header.ts";
import { readOrdinaryHeader } from "../../src/memo/ordinary-header.ts";
import { parseFrontMatter } from "../../src/text/front-matter.ts";
import fc from "../helpers/property.ts";

const runs = Number(process.env.VIBEOPS_PROPERTY_RUNS ?? 20_000);
const now = new Date("2026-11-21T00:00:00Z");

/** Mostly what is in order, so that all of a page often is. */
const mostly = (good: readonly string[], bad: readonly string[]) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom(...bad) },
  );
const id = mostly(
  ["20261120T101500Z-a1b2c3d4"],
  [
    "20261131T101500Z-a1b2c3d4",
    "20261120T101500Z-a1b2c3dl",
    "20261201T101500Z-a1b2c3d4",
    "20261120T101500Z-a1b2c3d45",
  ],
);
const address = mostly(
  ["developer@shop", "infra", "a.b", "42"],
  ["a..b", "a@b@c", "x-", "@x", "shop ", "Infra"],
);
const piece = mostly([..."aZ09 ,;/@()=~!?$%'\"*&-", "Deploy it"], [..."#:\\\té\r|>", ": ", " #"]);
const subject = fc.tuple(mostly(["a", "Z", "0"], ["", "-", '"']), fc.array(piece, { maxLength: 5 }));
const line = (key: string, good: readonly string[], bad: readonly string[]) =>
  fc.option(
    mostly(good, bad).map((value) => `${key}: ${value}\n`),
    { nil: "", freq: 2 },
  );

const page = fc
  .tuple(
    id.map((value) => `id: ${value}\n`),
    address.map((value) => `from: ${value}\n`),
    address.map((value) => `to: ${value}\n`),
    line(
      "date",
      ["2026-11-20T14:32:11Z", "2026-11-20T14:32:11.123Z", "2026-11-20"],
      ["2026-02-30", "2026-11-00", "24:00", "."],
    ),
    line("priority", ["low", "normal", "high", "urgent"], ["hgih"]),
    line("type", ["deployment", "request", "info"], ["memo"]),
    subject.map(([first, rest]) => `subject: ${first}${rest.join("")}\n`),
    mostly([""], ["thread: 20261120T101500Z-a1b2c3d4\n", "thread: x\n"]),
    mostly(["---\n"], ["--- \n", "---\r\n", "...\n", ""]),
    fc.constantFrom("", "\n", "\nBody\n", "---\n", "\n---\n"),
  )
  .map((parts) => `---\n${parts.join("")}`);

test("what is read as an ordinary header is what YAML and schema say, and begins the body in the same place", () => {
  let taken = 0;
  fc.assert(
    fc.property(page, (text) => {
      const ordinary = readOrdinaryHeader(text, { now });
      if (ordinary === null) return;
      taken += 1;
      const frontMatter = parseFrontMatter(text, { code: "memo" });
      const { header, bodyStart, bodyLine } = ordinary;
      expect(header).toEqual(readHeader(frontMatter, { now }));
      expect([bodyStart, bodyLine]).toEqual([frontMatter.bodyStart, frontMatter.bodyLine]);
    }),
    { numRuns: runs },
  );
  expect(taken).toBeGreaterThan(runs / 10);
});

test("a memo as we write it is ordinary", () => {
  const draft = { id: "20261120T101500Z-a1b2c3d4", from: { project: "shop" }, to: { project: "infra" } };
  const text = formatMemo({ ...draft, subject: "Deploy shop 1.2.0", body: "Please.\n" });
  expect(readOrdinaryHeader(text, { now })?.header.subject).toBe("Deploy shop 1.2.0");
});

test("what has a fault is refused with its name", () => {
  const text = "---\nid: 20261120T101500Z-a1b2c3d4\nfrom: a..b\nto: infra\nsubject: x\n---\n";
  expect(readOrdinaryHeader(text, { now })).toBeNull();
  expect(() => readHeader(parseFrontMatter(text, { code: "memo" }), { now })).toThrow(VibeopsError);
});
