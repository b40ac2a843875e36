import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { VibeopsError } from "../../src/errors.ts";
import { formatMemo } from "../../src/memo/format-memo.ts";
import { glanceAtMemo } from "../../src/memo/glance.ts";
import { readMemoFile } from "../../src/memo/mailbox.ts";
import { priorities } from "../../src/memo/priority.ts";
import { readCorpus } from "../helpers/corpus.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import fc from "../helpers/property.ts";

const ID = "20261120T101500Z-a1b2c3d4";
const NAME = `${ID}.md`;
const now = new Date("2026-11-21T00:00:00Z");

/** What the parser says of these bytes; null for what it refuses. */
function readWhole(path: string) {
  try {
    const { memo } = readMemoFile(path, NAME, now);
    const isReceipt = memo.extra["x-receipt"] !== undefined;
    return { priority: memo.priority, isReceipt, ...(memo.due === undefined ? {} : { due: memo.due }) };
  } catch (error) {
    if (error instanceof VibeopsError) return null;
    throw error;
  }
}

function expectNoOtherAnswer(bytes: Uint8Array | string, path: string): void {
  writeFileSync(path, bytes);
  const glance = glanceAtMemo(path, ID);
  const whole = readWhole(path);
  if (whole !== null && glance !== null) expect({ isReceipt: false, ...glance }).toEqual(whole);
}

test("sees in a memo of ours what its parser reads", () => {
  const path = join(temporaryDirectory(), NAME);
  const address = { role: "developer", project: "shop" };
  fc.assert(
    fc.property(
      fc.record({
        priority: fc.constantFrom(...priorities),
        due: fc.constantFrom(undefined, "2026-12-01", "2026-12-01T10:00:00Z"),
        subject: fc.string({ minLength: 1, maxLength: 60 }).filter((text) => /^[ -~]*\S[ -~]*$/.test(text)),
        thread: fc.constantFrom(undefined, "20261119T101500Z-a1b2c3d4"),
      }),
      ({ priority, due, subject, thread }) => {
        const text = formatMemo({
          id: ID,
          from: address,
          to: address,
          priority,
          due,
          subject,
          thread,
          body: "",
        });
        writeFileSync(path, text);
        expect(glanceAtMemo(path, ID)).toEqual({ priority, ...(due === undefined ? {} : { due }) });
        expect(readWhole(path)).toMatchObject(glanceAtMemo(path, ID) ?? {});
      },
    ),
  );
});

test("never says otherwise than the parser of what the parser takes for a memo", () => {
  const path = join(temporaryDirectory(), NAME);
  const line = fc.constantFrom(
    ...[
      "from: api",
      "to: ops",
      "subject: restart",
      "subject: |",
      "  priority: high",
      'subject: "a',
      "due: b",
      "x-a: b",
    ],
    ...[
      "priority: high",
      "priority: low",
      "priority: high # really",
      'priority: "low"',
      "priority : urgent",
      "priority:  low",
    ],
    ...[
      "due: 2026-12-01",
      "due: 2026-02-30",
      "due: '2026-12-01'",
      "due:",
      "x-receipt: done",
      "refs: [a]",
      "# due: 2026-01-01",
    ],
    ...[
      "---",
      "...",
      "",
      "thread: 20261119T101500Z-a1b2c3d4",
      "type: info",
      "date: 2026-11-20",
      "tool: x\r",
      "session: é",
    ],
  );
  const header = fc
    .array(line, { maxLength: 10 })
    .map((lines) => ["---", `id: ${ID}`, ...lines, "---", "", ""]);
  fc.assert(
    fc.property(header, (lines) => expectNoOtherAnswer(lines.join("\n"), path)),
    { numRuns: 3000 },
  );
  for (const { bytes } of readCorpus("memo")) expectNoOtherAnswer(bytes, path);
});

test("takes any bytes without failing", () => {
  const path = join(temporaryDirectory(), NAME);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => expectNoOtherAnswer(bytes, path)));
});

test.each<[string, (path: string) => void]>([
  [
    "a receipt",
    (path) => writeFileSync(path, `---\nid: ${ID}\nfrom: a\nto: b\nsubject: c\nx-receipt: done\n---\n`),
  ],
  ["a memo of another id", (path) => writeFileSync(path, "---\nid: x\nfrom: a\nto: b\nsubject: c\n---\n")],
  ["a folder", (path) => mkdirSync(path)],
  ["a pipe", (path) => execFileSync("mkfifo", [path])],
  ["a link", (path) => symlinkSync("/etc/hosts", path)],
  ["nothing", () => undefined],
])("leaves %s to the parser", (_what, make) => {
  const path = join(temporaryDirectory(), NAME);
  make(path);
  expect(glanceAtMemo(path, ID)).toBeNull();
});
