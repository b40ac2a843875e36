import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { latestWalk } from "../../src/runbook/latest-walk.ts";
import { listWalkIds, RecordWriter, readRecord } from "../../src/runbook/record.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { bundleChild } from "./child.ts";
import { type GateWorkspace, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

const facts = { terminal: true };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(20);
}

function letters({ host }: GateWorkspace): string {
  const file = join(host, "letters");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

async function startChild(space: GateWorkspace): Promise<ChildProcess> {
  const program = await bundleChild("walk-child", space.space.directory);
  const env = space.context.env as NodeJS.ProcessEnv;
  return spawn(process.execPath, [program, space.project.root, ID], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** A walk that was killed in the middle of its second step: the letter is there, the end of the step is not. */
async function killedInStepTwo(): Promise<GateWorkspace> {
  const space = gateWorkspace();
  const second = letterStep(2, space.host, "B").replace(
    "letters\n```\n\n```sh check",
    "letters; sleep 600\n```\n\n```sh check",
  );
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") + second }));
  await space.approve();
  const child = await startChild(space);
  const ended = new Promise((resolve) => child.on("exit", resolve));
  await until(() => letters(space) === "AB");
  child.kill("SIGKILL");
  await ended;
  return space;
}

function loaded(space: GateWorkspace) {
  return loadRunbook(space.gate().project, ID);
}

async function resume(space: GateWorkspace, answers: readonly string[]) {
  const operator = scriptedOperator(answers);
  const outcome = await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts });
  return { ...outcome, operator };
}

test("killed between started and finished: the state is unknown, the host's process ends, nothing runs again unasked", async () => {
  const space = await killedInStepTwo();
  expect(latestWalk(loaded(space))?.state.steps.map((step) => step.run)).toEqual(["ok", "unknown"]);
  const { operator } = await resume(space, []);
  expect(operator.seen[0]).toContain("nothing says how it ended");
  expect(letters(space)).toBe("AB");
  const done = await resume(space, ["ran", "run"]);
  expect(done.phase).toBe("completed");
  expect(letters(space)).toBe("AB");
  const { events } = readRecord(loaded(space).folder, done.walk);
  expect(events.filter((event) => event.event === "answered")).toMatchObject([{ step: 2, answer: "ran" }]);
});

test("an unknown step can be said not to have run, and is then confirmed like any other", async () => {
  const space = await killedInStepTwo();
  const { operator, phase } = await resume(space, ["not-run", "skip", "done by hand"]);
  expect(phase).toBe("completed");
  expect(operator.steps.map((view) => view.number)).toEqual([2, 2]);
  expect(letters(space)).toBe("AB");
});

test("an unknown step is rolled back with the others", async () => {
  const space = await killedInStepTwo();
  const { phase } = await resume(space, ["roll-back", "power cut", "run", "run"]);
  expect(phase).toBe("rolled-back");
  expect(letters(space)).toBe("ABba");
});

test("a last line that was cut off is noticed, kept, and nothing of the record is lost", async () => {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") + letterStep(2, space.host, "B") }));
  await space.approve();
  const { walk } = await resume(space, ["run", "stop"]);
  const file = join(space.project.root, "runbooks", ID, "records", `${walk}.jsonl`);
  const whole = readFileSync(file, "utf8");
  appendFileSync(file, '{"seq":99,"time":"2026');
  expect(readRecord(loaded(space).folder, walk).torn.toString()).toBe('{"seq":99,"time":"2026');
  expect((await resume(space, ["run"])).phase).toBe("completed");
  const text = readFileSync(file, "utf8");
  expect(text.startsWith(whole)).toBe(true);
  expect(readRecord(loaded(space).folder, walk).events.some((event) => event.event === "torn")).toBe(true);
});

test("every changed, moved or missing line of a record is found, with its line", async () => {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  await space.approve();
  const { walk } = await resume(space, ["run"]);
  const { folder } = loaded(space);
  const file = join(folder.records, `${walk}.jsonl`);
  const whole = readFileSync(file);
  expect(readRecord(folder, walk).events.at(-1)).toMatchObject({ event: "completed" });
  for (let at = 0; at < whole.length - 1; at += 7) {
    const flipped = Buffer.from(whole);
    flipped[at] = (flipped[at] ?? 0) ^ 1;
    writeFileSync(file, flipped);
    expect(() => readRecord(folder, walk), `byte ${at}`).toThrow();
  }
  const lines = whole.toString("utf8").trimEnd().split("\n");
  writeFileSync(file, `${lines.toSpliced(2, 1).join("\n")}\n`);
  expect(() => readRecord(folder, walk)).toThrow(expect.objectContaining({ code: "record.broken", line: 3 }));
  writeFileSync(file, `${[lines[0], lines[2], lines[1], ...lines.slice(3)].join("\n")}\n`);
  expect(() => readRecord(folder, walk)).toThrow(expect.objectContaining({ code: "record.broken", line: 2 }));
});

test("where the record cannot be written the step does not start", async () => {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  await space.approve();
  const { folder } = loaded(space);
  // A disk that is full after the first line.
  const create = RecordWriter.create;
  RecordWriter.create = (folder, name, note) => {
    let lines = 0;
    return create.call(RecordWriter, folder, name, (line) => {
      lines += 1;
      if (lines > 1) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
      note(line);
    });
  };
  try {
    await expect(resume(space, ["run"])).rejects.toMatchObject({
      code: "record.unwritable",
      fix: expect.stringContaining(`vibeops runbook run ${ID}`),
    });
  } finally {
    RecordWriter.create = create;
  }
  expect(letters(space)).toBe("");
  expect(listWalkIds(folder)).toHaveLength(1);
});

/** A step whose output a later one uses, killed at one line of its record. */
async function killedAtCapture(killAt: string): Promise<GateWorkspace> {
  const space = gateWorkspace();
  const steps = `### 1. Look
\`\`\`sh run host=here capture=WORD pattern="[a-z]+"
echo hello
\`\`\`
No rollback: it only looks.

### 2. Use
\`\`\`sh run host=here
printf %s "$WORD" >>${space.host}/letters
\`\`\`
No rollback: it is a test.
`;
  space.writeRunbook(runbookText({ steps }));
  await space.approve();
  const program = await bundleChild("walk-child", space.space.directory);
  const env = space.context.env as NodeJS.ProcessEnv;
  const child = spawn(process.execPath, [program, space.project.root, ID, killAt], { env, stdio: "ignore" });
  await new Promise((resolve) => child.on("exit", resolve));
  return space;
}

test("killed between a step's end and what it captured: the value is taken from the record, and nothing runs again", async () => {
  const space = await killedAtCapture("4:written");
  const { phase, walk } = await resume(space, ["run"]);
  expect(phase).toBe("completed");
  expect(letters(space)).toBe("hello");
  const { events } = readRecord(loaded(space).folder, walk);
  expect(events.filter(({ event }) => event === "started")).toHaveLength(2);
});

test("of a step that a person says ran, the person says what it captured", async () => {
  const space = await killedAtCapture("3:written");
  const { phase, walk, operator } = await resume(space, ["ran", "value", "NOT THIS", "hello", "run"]);
  expect(phase).toBe("completed");
  expect(letters(space)).toBe("hello");
  expect(operator.seen).toContain("That is not what WORD must be: [a-z]+");
  const { events } = readRecord(loaded(space).folder, walk);
  expect(events.find(({ event }) => event === "captured")).toMatchObject({
    value: "hello",
    reported: "human",
  });
});
