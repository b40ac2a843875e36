import { expect, test } from "vitest";
import { RecordWriter } from "../../src/runbook/record.ts";
import { runbookFolder } from "../../src/runbook/runbook-folder.ts";
import { gateWorkspace, ID } from "./gate-workspace.ts";

const WALK = "20261120T150500Z-00000001";

test("of two walks that write the same record at once, since somebody removed the lock, one goes on", () => {
  const { project, context } = gateWorkspace();
  project.write(`runbooks/${ID}/records/.keep`, "");
  const folder = runbookFolder(project, ID);
  const event = { event: "confirmed", item: 0, text: "Yes" } as const;
  const first = RecordWriter.create(folder, WALK, () => undefined);
  first.append(event, context.now());
  first.close();
  const quick = RecordWriter.resume(folder, WALK, context.now(), () => undefined);
  // Both have looked at the file; then each writes.
  const slow = RecordWriter.resume(folder, WALK, context.now(), () => {
    quick.append(event, context.now());
  });
  expect(() => slow.append(event, context.now())).toThrowError(
    expect.objectContaining({ code: "record.changed" }),
  );
  slow.close();
  quick.close();
});
