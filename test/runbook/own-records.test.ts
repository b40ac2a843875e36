import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { requireGit } from "../../src/platform/git.ts";
import { stateDirectory } from "../../src/platform/person.ts";
import { loadProject } from "../../src/project/project.ts";
import { closeRunbook } from "../../src/runbook/close.ts";
import { spendNonce } from "../../src/runbook/nonce.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

const facts = { terminal: true };

function letters({ host }: GateWorkspace): string {
  const file = join(host, "letters");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

async function ready(): Promise<GateWorkspace> {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") + letterStep(2, space.host, "B") }));
  await space.approve();
  return space;
}

async function run(
  space: GateWorkspace,
  answers: readonly string[],
  more: { takeOver?: boolean; onQuestion?: (question: string) => void } = {},
) {
  const operator = scriptedOperator(answers, more.onQuestion);
  const { takeOver = false } = more;
  const outcome = await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts, takeOver });
  return { ...outcome, operator };
}

async function verify(space: GateWorkspace, answers: readonly string[] = []) {
  return await verifyRunbook(space.gate(), ID, { mode: "ssh", operator: scriptedOperator(answers), facts });
}

async function close(space: GateWorkspace, reason?: string) {
  const request = { principal: ADA, facts, sign: space.sign, ...(reason === undefined ? {} : { reason }) };
  return await closeRunbook(space.gate(), ID, request);
}

function records(space: GateWorkspace): string {
  return join(space.project.root, "runbooks", ID, "records");
}

function recordFile(space: GateWorkspace): string {
  const name = readdirSync(records(space)).find((one) => !one.startsWith("verify-"));
  return join(records(space), name ?? "none");
}

/** As another machine sees it, or another person: the project is there, this person's own notes are not. */
function elsewhere(space: GateWorkspace): void {
  rmSync(stateDirectory(space.context.env), { recursive: true, force: true });
}

/** The records that a real walk left, brought to a machine where nothing of it happened: a record made up whole. */
async function madeUp(answers: readonly string[], verified = false): Promise<GateWorkspace> {
  const space = await ready();
  await run(space, answers);
  if (verified) await verify(space);
  elsewhere(space);
  rmSync(join(space.host, "letters"));
  return space;
}

const foreign = { code: "record.foreign", exit: 5, fix: expect.stringContaining("--take-over") };

test("a record made up whole resumes nothing: no step of it is believed, and none runs", async () => {
  const space = await madeUp(["run", "stop"]);
  await expect(run(space, ["run"])).rejects.toMatchObject(foreign);
  expect(letters(space)).toBe("");
});

test("a record made up whole verifies nothing and closes nothing", async () => {
  const space = await madeUp(["run", "run"], true);
  await expect(close(space)).rejects.toMatchObject(foreign);
  await expect(verify(space)).rejects.toMatchObject(foreign);
  expect(existsSync(join(space.project.root, "runbooks", ID, "seal.yaml"))).toBe(false);
});

test("one approval does not run again for a record that names another walk than this person's note", async () => {
  const space = await ready();
  await run(space, ["run", "stop"]);
  const copy = readFileSync(recordFile(space));
  await run(space, ["run"]);
  unlinkSync(recordFile(space));
  writeFileSync(join(records(space), "20261121T150500Z-f0rged00.jsonl"), copy);
  await expect(run(space, ["run"])).rejects.toMatchObject({ exit: 5 });
  expect(letters(space)).toBe("AB");
});

test("an approval whose walk was cut off before its first line is used up, and nobody is sent to a walk that is not there", async () => {
  const space = await ready();
  const approvals = readdirSync(join(space.project.root, "runbooks", ID, "approvals"));
  const nonce = approvals.find((name) => name.endsWith(".yaml"))?.replace(".yaml", "") ?? "";
  // All that a walk leaves that is killed there.
  spendNonce(space.context.env, nonce, "20261120T143500Z-k1113d00");
  const refusal = await run(space, ["run"]).catch((error: unknown) => error);
  expect(refusal).toMatchObject({
    code: "approval.lapsed",
    message: expect.stringMatching(/walk \S+ was to use it, and ended before it began: nothing ran/),
    fix: `vibeops runbook approve ${ID}`,
  });
  space.space.context.setNow("2026-11-20T14:40:00Z");
  await space.approve();
  expect((await run(space, ["run", "run"])).phase).toBe("completed");
  const again = await run(space, ["run"]).catch((error: unknown) => error);
  expect(again).toMatchObject({ fix: expect.stringContaining("vibeops runbook verify") });
});

test("an approval that a record in the project names is used up, whoever wrote that record", async () => {
  const space = await ready();
  await run(space, ["run", "run"]);
  elsewhere(space);
  await expect(run(space, ["run", "run"])).rejects.toMatchObject({ facts: { reason: "replay" } });
  expect(letters(space)).toBe("AB");
});

const REMOVALS: readonly [string, (space: GateWorkspace) => void][] = [
  ["removed", (space) => unlinkSync(recordFile(space))],
  ["removed, and that committed", (space) => commitRemoval(space)],
  ["made empty", (space) => truncateSync(recordFile(space))],
  ["given another name", (space) => renameSync(recordFile(space), join(records(space), "notes.txt"))],
];

function commitRemoval(space: GateWorkspace): void {
  const options = { cwd: space.project.root, env: { ...process.env, ...space.context.env } };
  execFileSync("git", ["rm", "--quiet", "--", recordFile(space)], options);
  execFileSync("git", ["commit", "--quiet", "--message", "tidy"], options);
}

test.each(REMOVALS)(
  "an approval is used up by a record that was committed, on another machine too, also where it was %s",
  async (_, remove) => {
    const space = await ready();
    await run(space, ["run", "run"]);
    elsewhere(space);
    remove(space);
    const before = await run(space, ["run", "run"]).catch((error: unknown) => error);
    expect(before).toMatchObject({ exit: 5 });
    expect(letters(space)).toBe("AB");
  },
);

test("whoever has tidied up the records of a walk approves again, and walks", async () => {
  const space = await ready();
  const { walk } = await run(space, ["run", "run"]);
  elsewhere(space);
  commitRemoval(space);
  await expect(run(space, ["run", "run"])).rejects.toMatchObject({
    facts: { reason: "replay" },
    message: expect.stringContaining(`${walk} used it, whose record was committed since`),
    fix: `vibeops runbook approve ${ID}`,
  });
  space.space.context.setNow("2026-11-20T14:40:00Z");
  await space.approve();
  expect((await run(space, ["run", "run"])).phase).toBe("completed");
});

test("a record that was deleted or cut off by a line or more stops what comes after", async () => {
  const space = await ready();
  await run(space, ["run", "stop"]);
  const file = recordFile(space);
  const whole = readFileSync(file, "utf8");
  unlinkSync(file);
  await expect(run(space, ["run"])).rejects.toMatchObject({ code: "record.gone", file });
  const lines = whole.split("\n");
  writeFileSync(file, `${lines.slice(0, 2).join("\n")}\n`);
  await expect(run(space, ["run"])).rejects.toMatchObject({ code: "record.changed" });
  writeFileSync(file, whole);
  expect((await run(space, ["run"])).phase).toBe("completed");
  expect(letters(space)).toBe("AB");
});

test("the last line, cut off, is written again: what was started is not forgotten", async () => {
  const space = await ready();
  await run(space, ["run", "run"]);
  const file = recordFile(space);
  const whole = readFileSync(file, "utf8");
  const lines = whole.split("\n");
  writeFileSync(file, `${lines.slice(0, -2).join("\n")}\n`);
  expect((await verify(space)).ok).toBe(true);
  expect(readFileSync(file, "utf8")).toBe(whole);
  writeFileSync(file, `${lines.slice(0, -2).join("\n")}\n${(lines.at(-2) ?? "").slice(0, 20)}`);
  await close(space);
  expect(readFileSync(file, "utf8")).toBe(whole);
});

test.each<[string, (file: string) => void]>([
  ["deleted", (file) => unlinkSync(file)],
  ["truncated", (file) => truncateSync(file, 100)],
  ["written to", (file) => appendFileSync(file, "\n")],
  [
    "replaced by its own copy",
    (file) => {
      cpSync(file, `${file}.copy`);
      renameSync(`${file}.copy`, file);
    },
  ],
])("a record that is %s during the walk stops it: nothing more runs", async (_, change) => {
  const space = await ready();
  let asked = 0;
  const onQuestion = () => {
    asked += 1;
    if (asked === 2) change(recordFile(space));
  };
  await expect(run(space, ["run", "run"], { onQuestion })).rejects.toMatchObject({
    code: "record.changed",
    exit: 5,
  });
  expect(letters(space)).toBe("A");
});

test("a person may take over a walk from elsewhere: they see what it claims, say yes, and it goes on once", async () => {
  const space = await ready();
  await run(space, ["run", "stop"]);
  elsewhere(space);
  await expect(run(space, ["run"])).rejects.toMatchObject(foreign);
  await expect(run(space, ["no"], { takeOver: true })).rejects.toMatchObject({ code: "record.foreign" });
  const { phase, operator, walk } = await run(space, ["yes", "run"], { takeOver: true });
  expect(phase).toBe("completed");
  expect(letters(space)).toBe("AB");
  const said = operator.seen.join("\n");
  expect(said).toContain("ada@example.com");
  expect(said).toContain("step 1, Write A: done");
  expect(said).toContain("step 2, Write B: not begun");
  expect(readFileSync(recordFile(space), "utf8")).toMatch(
    /"event":"taken-over","operator":"ada@example.com"/,
  );
  await verify(space);
  await close(space);
  expect(space.project.read(`runbooks/${ID}/record.md`)).toContain("took this over");
  expect(walk).toBeTruthy();
});

test("a walk that was completed and verified elsewhere is closed here once it is taken over", async () => {
  const space = await ready();
  await run(space, ["run", "run"]);
  await verify(space);
  elsewhere(space);
  await expect(close(space)).rejects.toMatchObject(foreign);
  expect((await run(space, ["yes"], { takeOver: true })).phase).toBe("completed");
  expect(letters(space)).toBe("AB");
  expect((await close(space)).outcome).toBe("completed");
});

test("a walk that went on elsewhere is taken over again where it began; one that was cut off there is not", async () => {
  const space = await ready();
  await run(space, ["run", "stop"]);
  const state = stateDirectory(space.context.env);
  const kept = join(space.space.directory, "kept-state");
  cpSync(state, kept, { recursive: true });
  await run(space, ["run"]);
  rmSync(state, { recursive: true });
  cpSync(kept, state, { recursive: true });
  await expect(verify(space)).rejects.toMatchObject({ code: "record.changed" });
  await run(space, ["yes"], { takeOver: true });
  expect((await verify(space)).ok).toBe(true);
  writeFileSync(recordFile(space), `${readFileSync(recordFile(space), "utf8").split("\n")[0]}\n`);
  await expect(run(space, ["yes"], { takeOver: true })).rejects.toMatchObject({ code: "record.changed" });
});

test("a record whose approval nobody in allowed_signers signed is not taken over", async () => {
  const space = await madeUp(["run", "stop"]);
  const folder = join(space.project.root, "runbooks", ID, "approvals");
  for (const name of readdirSync(folder)) if (name.endsWith(".sig")) unlinkSync(join(folder, name));
  await expect(run(space, ["yes", "run"], { takeOver: true })).rejects.toMatchObject({
    code: "approval.invalid",
  });
  expect(letters(space)).toBe("");
});

test("a later change of the inventory, or an approval that ran out, does not keep a finished walk from being closed", async () => {
  const space = await ready();
  await run(space, ["run", "run"]);
  await verify(space);
  space.context.setNow("2027-02-01T00:00:00Z");
  space.project.write("inventory.yaml", `${space.project.read("inventory.yaml")}  other: {}\n`);
  expect((await close(space)).outcome).toBe("completed");
});

test("a runbook whose approval is gone, or is no longer about these bytes, is not closed", async () => {
  const space = await ready();
  await run(space, ["run", "run"]);
  await verify(space);
  const document = `runbooks/${ID}/runbook.md`;
  const text = space.project.read(document);
  space.project.write(document, text.replace("What it does.", "What it did."));
  await expect(close(space)).rejects.toMatchObject({ exit: 5 });
  space.project.write(document, text);
  const folder = join(space.project.root, "runbooks", ID, "approvals");
  mkdirSync(join(space.space.directory, "aside"));
  for (const name of readdirSync(folder))
    renameSync(join(folder, name), join(space.space.directory, "aside", name));
  await expect(close(space)).rejects.toMatchObject({ code: "approval.invalid" });
});

test("taking over is an act of a person at a terminal: an agent and a pipe are refused", async () => {
  const space = await madeUp(["run", "stop"]);
  const take = (env: Record<string, string>, terminal: boolean) => {
    const gate = space.gate();
    const other = { ...gate, context: { ...gate.context, env: { ...gate.context.env, ...env } } };
    const operator = scriptedOperator(["yes", "run"]);
    return walkRunbook(other, ID, { mode: "ssh", operator, facts: { terminal }, takeOver: true });
  };
  await expect(take({ CLAUDECODE: "1" }, true)).rejects.toMatchObject({ code: "human.agent" });
  await expect(take({}, false)).rejects.toMatchObject({ code: "human.terminal" });
  const piped = await space.project.vibeops("runbook", "run", ID, "--take-over", "--json");
  expect(piped.exit).toBe(6);
  expect(letters(space)).toBe("");
});

test("a walk that is gone on with in two clones at once goes on in one of them: nothing runs twice unasked", async () => {
  const space = await ready();
  await run(space, ["run", "stop"]);
  const clone = join(space.space.directory, "clone");
  execFileSync("git", ["clone", "--quiet", space.project.root, clone]);
  const there = { ...space.gate(), project: loadProject(clone), git: requireGit(clone, space.context.env) };
  let said: unknown;
  const operator = scriptedOperator(["run"], async () => {
    const options = { mode: "ssh", operator: scriptedOperator(["run"]), facts } as const;
    said = await walkRunbook(there, ID, options).catch((error: unknown) => error);
  });
  const here = await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts }).catch(
    (error: unknown) => error,
  );
  // The one that came later knows what the first had noted and goes on from there; the first is told.
  expect(said).toMatchObject({ phase: "completed" });
  expect(here).toMatchObject({
    code: "record.changed",
    message: expect.stringContaining("another work tree"),
  });
  expect(letters(space)).toBe("AB");
});

test("settings of the repository's own hide no committed record from the gate", async () => {
  const space = await ready();
  await run(space, ["run", "run"]);
  elsewhere(space);
  commitRemoval(space);
  const log = "[log]\n\tdiffMerges = off\n\tfollow = true\n[format]\n\tpretty = fuller\n";
  const diff = "[diff]\n\trenames = copies\n\torderFile = /nowhere\n\trelative = true\n";
  appendFileSync(join(space.project.root, ".git/config"), `${log}${diff}[color]\n\tui = always\n`);
  await expect(run(space, ["run", "run"])).rejects.toMatchObject({ facts: { reason: "replay" } });
});
