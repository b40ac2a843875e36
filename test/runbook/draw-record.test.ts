import { expect, test } from "vitest";
import { drawRecord } from "../../src/runbook/draw-record.ts";
import type { RecordLine } from "../../src/runbook/record.ts";
import type { Runbook } from "../../src/runbook/runbook.ts";
import { findLinks } from "../../src/text/markdown-links.ts";

/** The line of record.md that tells why a walk went back. */
function drawnReason(reason: string): string {
  const runbook = { id: "r", title: "Deploy", steps: [], verification: [] } as unknown as Runbook;
  const event = { event: "rollback", from: 1, reason, seq: 0, time: "2026-11-20T15:00:00Z" };
  const record = { id: "w", file: "w", head: "", length: 0, lastLine: "", torn: Buffer.alloc(0) };
  const drawn = drawRecord(
    runbook,
    [{ ...record, events: [{ ...event, prev: "", hash: "" } as RecordLine] }],
    [],
  );
  return drawn.split("\n").find((line) => line.includes("rolling back")) ?? "";
}

test("a reason that escapes its markup itself is text in record.md all the same", () => {
  const line = drawnReason("see \\[it\\](https://example.com) \\<!-- `code` **passed**");
  expect(line).toContain(
    "see \\\\\\[it\\\\\\](https://example.com) \\\\\\<!-- \\`code\\` \\*\\*passed\\*\\*",
  );
  expect(findLinks(line, () => undefined)).toEqual([]);
});
