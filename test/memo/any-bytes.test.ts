import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { scanChecklist, tickItem } from "../../src/memo/checklist.ts";
import { deliver } from "../../src/memo/delivery.ts";
import { formatMemo } from "../../src/memo/format-memo.ts";
import { ARCHIVED, INCOMING, readInbox } from "../../src/memo/mailbox.ts";
import { parseMemo } from "../../src/memo/memo.ts";
import { searchMemos } from "../../src/memo/search.ts";
import { parseTerms } from "../../src/memo/search-query.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import fc from "../helpers/property.ts";

const now = new Date("2026-11-21T00:00:00Z");
const ID = "20261120T143211Z-7k3qfp2m";
const NAME = `${ID}-look.md`;
const runs = (most: number) => ({
  numRuns: Math.min(most, Number(process.env.VIBEOPS_PROPERTY_RUNS ?? most)),
});

const good = formatMemo({
  id: ID,
  from: { project: "shop" },
  to: { project: "infra" },
  subject: "Look",
  body: "## Action items\n\n- [ ] One\n",
});

/** Bytes of every kind: noise, what looks like a memo, and a good memo with a piece changed. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 400 }).map((noise) => Buffer.from(noise)),
  fc
    .uint8Array({ maxLength: 60 })
    .map((noise) => Buffer.concat([Buffer.from("---\n"), noise, Buffer.from("\n---\n")])),
  fc
    .tuple(fc.nat(good.length), fc.nat(8), fc.uint8Array({ maxLength: 6 }))
    .map(([at, gone, noise]) =>
      Buffer.concat([Buffer.from(good.slice(0, at)), noise, Buffer.from(good.slice(at + gone))]),
    ),
  fc.constantFrom(
    Buffer.alloc(0),
    Buffer.alloc(300_000, "x\n"),
    Buffer.alloc(30_000, "-"),
    Buffer.from(good),
  ),
);

/** Names that a file system takes, ours among them. */
const name = fc.oneof(
  fc.constantFrom(
    NAME,
    `${ID}.md`,
    `${NAME}.lock`,
    "note.txt",
    ".vibeops-0123456789abcdef.tmp",
    "CON",
    "-rf",
  ),
  fc
    .string({ minLength: 1, maxLength: 20, unit: "binary" })
    .filter((text) => !/[/\0\ud800-\udfff]|^\.{1,2}$/.test(text)),
);

describe("any bytes in an inbox, under any name", () => {
  test("are a memo, a note or refused with a reason, and hide no other memo", async () => {
    const root = temporaryDirectory();
    const inbox = join(root, INCOMING);
    await fc.assert(
      fc.asyncProperty(name, bytes, async (given, content) => {
        rmSync(inbox, { recursive: true, force: true });
        mkdirSync(inbox, { recursive: true });
        const other = `${ID.slice(0, -1)}n-other.md`;
        writeFileSync(join(inbox, given), content);
        writeFileSync(join(inbox, other), good.replace(ID, `${ID.slice(0, -1)}n`));
        const { memos, refused } = readInbox(root, now);
        expect(memos.map((memo) => memo.name)).toContain(other);
        for (const { error } of refused) expect(error.message).not.toBe("");
        for (const found of memos)
          if (found.name === given) expect(Buffer.from(found.memo.text)).toEqual(content);
        await searchMemos([root], { terms: parseTerms(["look"]), filter: {}, sort: "date", limit: 0 }, now);
      }),
      runs(2_000),
    );
  });

  test("a memo that is delivered is read back byte for byte, and repeating it changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 200 }), async (words) => {
        const root = temporaryDirectory();
        const text = writeIfAllowed(words);
        fc.pre(text !== null);
        const content = Buffer.from(text ?? "");
        expect(await deliver(root, NAME, content, process.env)).toBe("delivered");
        expect(await deliver(root, NAME, content, process.env)).toBe("duplicate");
        expect(readdirSync(join(root, INCOMING))).toEqual([NAME]);
        const [read] = readInbox(root, now).memos;
        expect(Buffer.from(read?.memo.text ?? "")).toEqual(content);
        expect(read?.memo.body).toBe(words);
        mkdirSync(join(root, ARCHIVED, "2026-11"), { recursive: true });
        writeFileSync(join(root, ARCHIVED, "2026-11", NAME), content);
        rmSync(join(root, INCOMING, NAME));
        expect(await deliver(root, NAME, content, process.env)).toBe("duplicate");
        expect(readdirSync(join(root, INCOMING))).toEqual([]);
      }),
      runs(60),
    );
  });
});

function writeIfAllowed(body: string): string | null {
  try {
    return formatMemo({ id: ID, from: { project: "shop" }, to: { project: "infra" }, subject: "Look", body });
  } catch {
    return null;
  }
}

test("a tick changes one byte, and it is the box's", () => {
  const line = fc.constantFrom(
    "- [ ] One",
    "* [ ] two",
    "1. [ ] three",
    "- [x] four",
    "words",
    "",
    "```",
    "> - [ ] quoted",
    "## Action items",
    "\t- [ ] nested",
    "<!--",
    "-->",
    "é🙂 [ ]",
  );
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 14 }),
      fc.constantFrom("\n", "\r\n"),
      fc.nat(20),
      (lines, newline, which) => {
        const text = `${good.replaceAll("\n", newline)}${lines.join(newline)}${newline}`;
        const open = scanChecklist(text).filter((item) => !item.checked);
        const item = open[which % Math.max(1, open.length)];
        fc.pre(item !== undefined);
        if (item === undefined) return;
        const ticked = tickItem(text, item);
        expect(ticked).toHaveLength(text.length);
        const changed = [...text].flatMap((character, i) => (character === [...ticked][i] ? [] : [i]));
        expect(changed).toHaveLength(1);
        expect(scanChecklist(ticked).filter(({ checked }) => !checked)).toHaveLength(open.length - 1);
        expect(parseMemo(Buffer.from(ticked), { now }).subject).toBe("Look");
      },
    ),
    runs(1_000),
  );
});
