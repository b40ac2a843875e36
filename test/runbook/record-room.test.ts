import { mkdirSync } from "node:fs";
import { expect, test } from "vitest";
import { RecordWriter, readRecord } from "../../src/runbook/record.ts";
import type { RecordEvent } from "../../src/runbook/record-event.ts";
import { runbookFolder } from "../../src/runbook/runbook-paths.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

const NAME = "20261120T160000Z-m2x9vaq5";

test("however much its commands print, a record can be read again, and it says when it is full", () => {
  const folder = runbookFolder({ root: temporaryDirectory() }, "20261120T150000Z-m2x9vaq4");
  mkdirSync(folder.records, { recursive: true });
  const now = new Date("2026-11-20T16:00:00Z");
  const writer = RecordWriter.create(folder, NAME, () => undefined);
  const common = { step: 1, kind: "run", host: "web1" } as const;
  const hash = "0".repeat(64);
  // Each of these characters takes six bytes in JSON.
  const output = "\u0001".repeat(64 * 1024);
  const started: RecordEvent = { event: "started", ...common, by: "ssh", command: hash, bytes: hash };
  const finished = { event: "finished", ...common, outcome: "failed", exit: 1, reported: "host" } as const;
  const go = () => {
    for (let line = 0; line < 800; line += 1) {
      writer.append(started, now);
      writer.append({ ...finished, stdout: output, stderr: output }, now);
    }
  };
  expect(go).toThrow(expect.objectContaining({ code: "record.full" }));
  writer.append({ event: "stopped", reason: "the record is full" }, now);
  writer.close();
  const { events } = readRecord(folder, NAME);
  expect(events.length).toBe(writer.events.length);
  expect(events[1]).toMatchObject({ stdout: output });
  const last = events.findLast(({ event }) => event === "finished");
  expect(last).toMatchObject({ stdout: expect.stringContaining("characters left out") });
});
