import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../src/platform/hash.ts";
import { loadForGate, requireApproval } from "../../src/runbook/approval.ts";
import { hashCommand } from "../../src/runbook/current-content.ts";
import { latestWalk, passedVerification } from "../../src/runbook/latest-walk.ts";
import { RecordWriter } from "../../src/runbook/record.ts";
import type { RecordEvent } from "../../src/runbook/record-event.ts";
import type { CommandFence } from "../../src/runbook/runbook.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { formatStatement, parseStatement } from "../../src/runbook/statement.ts";
import { gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";

const HASH = "0".repeat(64);
const WALK = "20261120T150500Z-00000001";
const NONCE = "20261120T150400Z-00000002";

/** A runbook with two steps, and a way to write any lines as its record: what an agent could write too. */
function prepare() {
  const space = gateWorkspace();
  const text = runbookText({ steps: letterStep(1, space.host, "A") + letterStep(2, space.host, "B") });
  space.writeRunbook(text.replace("## Steps", "## Before you start\n\n- [ ] Tell the others\n\n## Steps"));
  const loaded = loadRunbook(space.gate().project, ID);
  const [first, second] = loaded.runbook.steps;
  if (first?.run === undefined || second?.run === undefined) throw new Error("the runbook has two steps");
  const hash = (fence: CommandFence) => hashCommand({ ...fence, host: "here" });
  const commands = { 1: hash(first.run), 2: hash(second.run) };
  const start: RecordEvent = {
    ...{ event: "start", runbook: ID, sha256: loaded.sha256, approval: NONCE, statement: HASH },
    ...{ approver: "a", mode: "ssh", operator: "a", head: "none" },
  };
  const started = (step: 1 | 2): RecordEvent => {
    return {
      ...{ event: "started", step, kind: "run", host: "here", by: "local" },
      command: commands[step],
      bytes: HASH,
    };
  };
  const read = (events: readonly RecordEvent[], name = WALK) => {
    space.project.write(`runbooks/${ID}/records/.keep`, "");
    const writer = RecordWriter.create(loaded.folder, name, () => undefined);
    for (const event of events) writer.append(event, space.context.now());
    writer.close();
    return latestWalk(loaded);
  };
  return { space, loaded, start, started, read };
}

const result = { exit: 0, stdout: "", stderr: "" };
const finished = (step: number): RecordEvent => ({
  ...{ event: "finished", step, kind: "run", outcome: "ok", reported: "host" },
  ...result,
});
const checked = (step: number, index = 0): RecordEvent => ({
  ...{ event: "checked", step, index, ok: true, attempts: 1, reported: "host" },
  ...result,
});

type Prepared = ReturnType<typeof prepare>;

test("the lines of a whole walk are in order", () => {
  const { start, started, read } = prepare();
  const walk = read([
    start,
    { event: "confirmed", item: 0, text: "Tell the others" },
    ...[started(1), finished(1), checked(1), started(2), finished(2), checked(2)],
    { event: "completed" },
  ]);
  expect(walk?.state).toMatchObject({ phase: "completed", confirmed: [0] });
});

test.each<[string, number, (parts: Prepared) => RecordEvent[]]>([
  ["no start", 1, ({ started }) => [started(1)]],
  ["two starts", 2, ({ start }) => [start, start]],
  ["the start of another runbook", 1, ({ start }) => [{ ...start, runbook: NONCE } as RecordEvent]],
  ["a start that says it verifies", 1, ({ start }) => [{ ...start, walk: WALK } as RecordEvent]],
  ["an end before its steps", 2, ({ start }) => [start, { event: "completed" }]],
  [
    "a line after the end",
    9,
    ({ start, started }) => [
      ...[start, started(1), finished(1), checked(1), started(2), finished(2), checked(2)],
      ...[{ event: "completed" as const }, { event: "resume" as const, mode: "ssh" as const, operator: "a" }],
    ],
  ],
  ["a step that is not there", 2, ({ start }) => [start, { event: "retry", step: 3 }]],
  ["a check that is not there", 4, ({ start, started }) => [start, started(1), finished(1), checked(1, 1)]],
  ["a point that is not there", 2, ({ start }) => [start, { event: "confirmed", item: 1, text: "x" }]],
  ["an end of what never began", 2, ({ start }) => [start, finished(1)]],
  ["a check before its step", 2, ({ start }) => [start, checked(1)]],
  ["a second step before the first", 2, ({ start, started }) => [start, started(2)]],
  ["a step that begins twice", 3, ({ start, started }) => [start, started(1), started(1)]],
  [
    "another command than the step's",
    2,
    ({ start, started }) => [start, { ...started(1), command: HASH } as RecordEvent],
  ],
  [
    "a rollback that was not decided on",
    2,
    ({ start }) => [start, { event: "rolled-back", failed: [], none: [] }],
  ],
  [
    "a way back that was not gone",
    4,
    ({ start, started }) => [
      ...[start, started(1)],
      { event: "rollback" as const, from: 1, reason: "x" },
      { event: "rolled-back" as const, failed: [], none: [] },
    ],
  ],
  [
    "a walk given up after steps ran",
    3,
    ({ start, started }) => [start, started(1), { event: "abandoned", reason: "x" }],
  ],
  [
    "an answer about what is known",
    2,
    ({ start }) => [start, { event: "answered", step: 1, kind: "run", answer: "ran" }],
  ],
  [
    "a value that no step captures",
    4,
    ({ start, started }) => [
      ...[start, started(1), finished(1)],
      { event: "captured" as const, step: 1, name: "X", value: "y" },
    ],
  ],
  [
    "a lock given up that was not taken",
    2,
    ({ start }) => [start, { event: "unlocked", host: "here", outcome: "released" }],
  ],
  [
    "a lock on a host that is none of the runbook's",
    2,
    ({ start }) => [start, { event: "locked", host: "other", by: "ssh", command: HASH, account: "a" }],
  ],
  ["a verdict", 2, ({ start }) => [start, { event: "verified", ok: true, judged: "checks" }]],
])("a record with %s is refused, and line %i is named", (_, line, events) => {
  const parts = prepare();
  expect(() => parts.read(events(parts))).toThrow(
    expect.objectContaining({ code: "record.broken", exit: 5, line, file: expect.stringContaining(WALK) }),
  );
});

test("a walk of an earlier text of the runbook does not keep the new text from being walked", () => {
  const { space, start, started, read } = prepare();
  read([
    start,
    started(1),
    finished(1),
    checked(1),
    started(2),
    finished(2),
    checked(2),
    { event: "completed" },
  ]);
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "C") }));
  expect(latestWalk(loadRunbook(space.gate().project, ID))?.state.phase).toBe("completed");
});

test.each<[string, (start: RecordEvent) => RecordEvent[]]>([
  ["no start", () => [{ event: "verified", ok: true, judged: "checks" }]],
  ["a result of a check that did not start", (start) => [start, checked(1)]],
  [
    "a line after the verdict",
    (start) => [
      start,
      { event: "verified", ok: true, judged: "checks" },
      { event: "verified", ok: true, judged: "checks" },
    ],
  ],
  ["a line of a walk", (start) => [start, { event: "retry", step: 1 }]],
])("a verification with %s is refused", (_, events) => {
  const { loaded, start, started, read } = prepare();
  const walk = read([
    ...[start, started(1), finished(1), checked(1), started(2), finished(2), checked(2)],
    { event: "completed" },
  ]);
  if (walk === null) throw new Error("there is a walk");
  const verification = events({ ...start, walk: WALK } as RecordEvent);
  expect(() => {
    read(verification, "verify-20261120T150600Z-00000003");
    passedVerification(loaded, walk);
  }).toThrow(expect.objectContaining({ code: "record.broken" }));
});

test("a folder that is filled with decisions is refused at once, and no signature is looked at", async () => {
  const { space } = prepare();
  for (let i = 0; i < 600; i += 1)
    space.project.write(`runbooks/${ID}/approvals/${i}.yaml`, `approved: ${i}\n`);
  await expect(space.approve()).rejects.toMatchObject({ code: "approval.flood", exit: 5 });
});

test("a signature is verified only where nothing else speaks against a decision", async () => {
  const { space } = prepare();
  await space.approve();
  const folder = join(space.project.root, "runbooks", ID, "approvals");
  const [statement = "", signature = ""] = readdirSync(folder)
    .sort()
    .map((name) => space.project.read(`runbooks/${ID}/approvals/${name}`));
  for (let i = 100; i < 160; i += 1) {
    const nonce = `20261120T143211Z-00000${i}`;
    const other = formatStatement({
      ...parseStatement(Buffer.from(statement), ""),
      nonce,
      policy: sha256(nonce),
    });
    writeFileSync(join(folder, `${nonce}.yaml`), other);
    writeFileSync(join(folder, `${nonce}.yaml.sig`), signature);
  }
  const calls = join(space.space.directory, "calls");
  const bin = join(space.space.directory, "bin");
  space.project.write(
    "../bin/ssh-keygen",
    `#!/bin/sh\necho "$2" >>${calls}\nPATH=\${PATH#*:} exec ssh-keygen "$@"\n`,
  );
  chmodSync(join(bin, "ssh-keygen"), 0o755);
  const gate = space.gate();
  const env = { ...gate.context.env, PATH: `${bin}:${gate.context.env.PATH}` };
  await requireApproval({ ...gate, context: { ...gate.context, env } }, loadForGate(gate.project, ID));
  expect(
    readFileSync(calls, "utf8")
      .split("\n")
      .filter((line) => line === "verify"),
  ).toHaveLength(1);
});
