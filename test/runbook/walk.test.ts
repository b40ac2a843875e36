import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { stateDirectory } from "../../src/platform/person.ts";
import { closeRunbook } from "../../src/runbook/close.ts";
import { drawRecord } from "../../src/runbook/draw-record.ts";
import { RecordWriter, readRecord } from "../../src/runbook/record.ts";
import { loadRunbook, runbookFolder } from "../../src/runbook/runbook-folder.ts";
import { summarize } from "../../src/runbook/store.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { type WalkOutcome, walkRunbook } from "../../src/runbook/walk.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";
import { type ScriptedOperator, scriptedOperator } from "./scripted-operator.ts";

const facts = { terminal: true };

/** As somebody writes a record who cannot write the person's own state folder. */
const unnoted = () => undefined;

function letters({ host }: GateWorkspace): string {
  const file = join(host, "letters");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

async function walk(
  space: GateWorkspace,
  answers: readonly string[],
  mode: "ssh" | "paste" = "ssh",
  onQuestion?: (question: string) => void,
): Promise<WalkOutcome & { operator: ScriptedOperator }> {
  const operator = scriptedOperator(answers, onQuestion);
  const outcome = await walkRunbook(space.gate(), ID, { mode, operator, facts });
  return { ...outcome, operator };
}

async function ready(steps: (space: GateWorkspace) => string, extra: { verification?: string } = {}) {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: steps(space), ...extra }));
  await space.approve();
  return space;
}

const twoSteps = ({ host }: GateWorkspace) => letterStep(1, host, "A") + letterStep(2, host, "B");

test("from approval to a sealed record: every step confirmed, verified apart, and told by git log", async () => {
  const space = await ready(twoSteps);
  const { phase, operator } = await walk(space, ["run", "run"]);
  expect(phase).toBe("completed");
  expect(letters(space)).toBe("AB");
  expect(operator.steps.map((view) => [view.number, view.tier, view.run?.script])).toEqual([
    [1, "staging", `printf A >>${space.host}/letters`],
    [2, "staging", `printf B >>${space.host}/letters`],
  ]);
  expect((await summarize(space.gate().project, space.context, ID)).state).toBe("walked");
  const verification = await verifyRunbook(space.gate(), ID, {
    mode: "ssh",
    operator: scriptedOperator([]),
    facts,
  });
  expect(verification.ok).toBe(true);
  expect((await summarize(space.gate().project, space.context, ID)).state).toBe("verified");
  const closed = await closeRunbook(space.gate(), ID, { principal: ADA, facts, sign: space.sign });
  expect(closed).toMatchObject({ outcome: "completed", title: "Deploy shop" });
  expect((await summarize(space.gate().project, space.context, ID)).state).toBe("closed");
  expect(space.project.git("log", "--format=%s").trim().split("\n")).toEqual([
    `Close runbook ${ID}: completed`,
    `Verify runbook ${ID}: passed`,
    `Walk runbook ${ID}: completed`,
    `Approve runbook ${ID}: Deploy shop`,
    "Write a runbook",
    "Start",
  ]);
  expect(space.project.git("status", "--porcelain", "runbooks")).toBe("");
  expect(space.project.read(`runbooks/${ID}/record.md`)).toContain("step 2, Write B: check passed");
});

test("without an approval nothing runs, and the error says what to type", async () => {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: twoSteps(space) }));
  await expect(walk(space, ["run", "run"])).rejects.toMatchObject({
    code: "approval.none",
    exit: 6,
    fix: `vibeops runbook approve ${ID}`,
  });
  expect(letters(space)).toBe("");
});

test("an agent's environment and the lack of a terminal are refused before anything happens", async () => {
  const space = await ready(twoSteps);
  const gate = space.gate();
  const operator = scriptedOperator(["run", "run"]);
  const agent = { ...gate, context: { ...gate.context, env: { ...gate.context.env, CLAUDECODE: "1" } } };
  await expect(walkRunbook(agent, ID, { mode: "ssh", operator, facts })).rejects.toMatchObject({ exit: 5 });
  await expect(
    walkRunbook(gate, ID, { mode: "ssh", operator, facts: { terminal: false } }),
  ).rejects.toMatchObject({ exit: 6 });
  expect(letters(space)).toBe("");
});

test("exit status 0 with a failing check is a failed step; it may be retried, checked again or skipped with a reason", async () => {
  const space = await ready(({ host }) => letterStep(1, host, "A", { check: `test -e ${host}/healthy` }));
  const { phase, operator } = await walk(space, ["run", "retry", "run", "check", "skip", "known fault"]);
  expect(phase).toBe("completed");
  expect(letters(space)).toBe("AA");
  expect(operator.seen.filter((line) => line.includes("The check failed"))).toHaveLength(3);
});

test("roll back keeps the evidence, goes backwards, asks at each step, and says what failed", async () => {
  const space = await ready(
    ({ host }) =>
      letterStep(1, host, "A") +
      letterStep(2, host, "B").replace(`printf b >>${host}/letters`, "false") +
      letterStep(3, host, "C", { check: `echo sick; false` }),
  );
  const answers = ["run", "run", "run", "roll-back", "it is sick", "run", "run", "skip", "cannot", "run"];
  const { phase, walk: id, operator } = await walk(space, answers);
  expect(phase).toBe("rolled-back");
  expect(letters(space)).toBe("ABCca");
  const { events } = readRecord(runbookFolder(space.project, ID), id);
  const order = events.map((event) => event.event);
  expect(order.indexOf("evidence")).toBeLessThan(order.lastIndexOf("started"));
  expect(events.find((event) => event.event === "evidence" && event.stdout === "sick\n")).toBeDefined();
  expect(events.at(-1)).toMatchObject({ event: "rolled-back", failed: [2] });
  expect(operator.seen).toContain("Not rolled back: step 2.");
});

test("in paste mode too the evidence can be kept before the way back, and what was left is in the outcome", async () => {
  const space = await ready(twoSteps);
  const forwards = ["lock: taken\naccount: ada", "run", "worked", "", "failed", "sick"];
  const evidence = ["yes", "failed", "still sick"];
  const back = ["run", "not-run", "skip", "it cannot be", "lock: released"];
  const answers = [...forwards, "roll-back", "it is sick", ...evidence, ...back];
  const { phase, walk: id, notRolledBack } = await walk(space, answers, "paste");
  expect({ phase, notRolledBack }).toEqual({ phase: "rolled-back", notRolledBack: [1] });
  const { events } = readRecord(runbookFolder(space.project, ID), id);
  expect(events.find(({ event }) => event === "evidence")).toMatchObject({
    ...{ step: 1, stdout: "still sick", reported: "human" },
  });
});

test("a walk that was rolled back closes only after a person says that the old state works", async () => {
  const space = await ready(twoSteps);
  await walk(space, ["run", "roll-back", "changed my mind", "run"]);
  const request = { principal: ADA, facts, sign: space.sign, reason: "postponed" };
  await expect(closeRunbook(space.gate(), ID, request)).rejects.toMatchObject({ code: "close.unverified" });
  const operator = scriptedOperator(["yes", "looked at the page"]);
  await verifyRunbook(space.gate(), ID, { mode: "ssh", operator, facts });
  expect(await closeRunbook(space.gate(), ID, request)).toMatchObject({ outcome: "rolled-back" });
});

test("a secret in the reason for closing reaches neither the seal nor the record", async () => {
  const secret = ["ghp", "16C7e42F292c6912E7710c838347Ae178B4a"].join("_");
  const space = await ready(twoSteps);
  await walk(space, ["stop"]);
  const request = { principal: ADA, facts, sign: space.sign, reason: `it printed ${secret}` };
  expect(await closeRunbook(space.gate(), ID, request)).toMatchObject({ outcome: "abandoned" });
  const folder = join(space.project.root, "runbooks", ID);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  const all = files.map((file) => readFileSync(join(file.parentPath, file.name), "utf8")).join("\n");
  expect(all).toContain("[redacted github-token]");
  expect(all).not.toContain(secret);
});

test("closing without a verification that passed is refused", async () => {
  const space = await ready(twoSteps, { verification: "```sh check host=here\nfalse\n```" });
  await walk(space, ["run", "run"]);
  const request = { principal: ADA, facts, sign: space.sign };
  await expect(closeRunbook(space.gate(), ID, request)).rejects.toMatchObject({
    code: "close.unverified",
    exit: 5,
  });
  const operator = scriptedOperator([]);
  expect((await verifyRunbook(space.gate(), ID, { mode: "ssh", operator, facts })).ok).toBe(false);
  await expect(closeRunbook(space.gate(), ID, request)).rejects.toMatchObject({ code: "close.unverified" });
});

test("a walk that was left resumes at the right step, on its own approval, even after that ran out", async () => {
  const space = await ready(twoSteps);
  const first = await walk(space, ["run", "stop"]);
  expect(first).toMatchObject({ phase: "walking", stopped: "stopped" });
  space.context.setNow("2026-11-25T00:00:00Z");
  const second = await walk(space, ["run"]);
  expect(second).toMatchObject({ walk: first.walk, phase: "completed" });
  expect(letters(space)).toBe("AB");
});

test("an approval is good for one walk", async () => {
  const space = await ready(twoSteps);
  await walk(space, ["run", "run"]);
  await expect(walk(space, ["run", "run"])).rejects.toMatchObject({
    code: "approval.lapsed",
    exit: 5,
    fix: expect.stringMatching(/^vibeops runbook verify .*; to walk again: vibeops runbook approve /),
  });
  await space.approve();
  expect((await walk(space, ["run", "run"])).phase).toBe("completed");
  expect(letters(space)).toBe("ABAB");
});

test("what is swapped after the approval does not run, at the start and between two steps", async () => {
  const space = await ready(twoSteps);
  const path = `runbooks/${ID}/runbook.md`;
  const text = space.project.read(path);
  const swapped = text.replaceAll("printf B", "printf X");
  space.project.write(path, swapped);
  await expect(walk(space, ["run"])).rejects.toMatchObject({ code: "approval.lapsed", exit: 5 });
  space.project.write(path, text);
  const swap = (question: string) =>
    void (question.startsWith("Run this step") && space.project.write(path, swapped));
  await expect(walk(space, ["run", "run"], "ssh", swap)).rejects.toMatchObject({
    code: "approval.lapsed",
    message: expect.stringContaining("step 2's command changed"),
  });
  expect(letters(space)).toBe("");
});

test("a walk whose history was rewritten says how to go on, and that way leads to its end", async () => {
  const space = await ready(twoSteps);
  const git = (...args: string[]) => execFileSync("git", args, { cwd: space.project.root, stdio: "pipe" });
  const rewrite = (question: string) => {
    if (!question.startsWith("Run this step") || letters(space) === "") return;
    git("checkout", "-q", "--orphan", "other");
    git("commit", "-qm", "Another story");
  };
  const refused = await walk(space, ["run", "run"], "ssh", rewrite).catch((error: unknown) => error);
  expect(refused).toMatchObject({
    code: "approval.lapsed",
    fix: expect.stringContaining("join it to this one"),
  });
  expect(letters(space)).toBe("A");
  const { fix } = refused as { fix: string };
  expect(fix).not.toContain("runbook approve");
  git(...(/\((git merge [^)]+)\)/.exec(fix)?.[1]?.split(" ").slice(1) ?? []));
  expect((await walk(space, ["run"])).phase).toBe("completed");
  expect(letters(space)).toBe("AB");
});

test("in paste mode the outcome is what the person says, and a changed command stands beside the approved one", async () => {
  const space = await ready(twoSteps);
  const answers = [
    "lock: taken\naccount: ada",
    "run",
    "worked",
    "done",
    "worked",
    "",
    "run",
    "changed",
    "printf Z",
    "worked",
    "out",
    "worked",
    "",
    "lock: released",
  ];
  const { phase, walk: id, operator } = await walk(space, answers, "paste");
  expect(phase).toBe("completed");
  expect(letters(space)).toBe("");
  expect(operator.commands[0]?.script).toContain("LOCK_ACT='take'");
  expect(operator.commands[1]?.script).toContain("printf A");
  expect(operator.commands.at(-1)?.script).toContain("LOCK_ACT='release'");
  const { events } = readRecord(runbookFolder(space.project, ID), id);
  expect(events.filter((event) => event.event === "finished")).toMatchObject([
    { step: 1, reported: "human", stdout: "done" },
    { step: 2, reported: "human", deviation: "printf Z" },
  ]);
});

test("a check in place of which a person ran something else is on record as that, in a walk and in a verification", async () => {
  const space = await ready(({ host }) => letterStep(1, host, "A"));
  const otherwise = ["changed", "ls -l", "worked", "it is there"];
  const answers = ["lock: taken\naccount: ada", "run", "worked", "", ...otherwise, "lock: released"];
  const { phase, walk: id, deviations } = await walk(space, answers, "paste");
  expect({ phase, deviations }).toEqual({ phase: "completed", deviations: [1] });
  const operator = scriptedOperator(["changed", "curl it", "worked", ""]);
  const verified = await verifyRunbook(space.gate(), ID, { mode: "paste", operator, facts });
  expect(verified).toMatchObject({ ok: true, deviations: [1] });
  const folder = runbookFolder(space.project, ID);
  for (const [name, deviation] of [
    [id, "ls -l"],
    [`verify-${verified.id}`, "curl it"],
  ] as const) {
    const checked = readRecord(folder, name).events.find(({ event }) => event === "checked");
    expect(checked).toMatchObject({ ok: true, reported: "human", deviation });
  }
  await closeRunbook(space.gate(), ID, { principal: ADA, facts, sign: space.sign });
  const report = space.project.read(`runbooks/${ID}/record.md`);
  expect(report.match(/Ran instead of what was approved:/g)).toHaveLength(2);
});

test("who says that they changed the command and names none has run nothing, and the walk says so", async () => {
  const space = await ready(({ host }) => letterStep(1, host, "A"));
  const { phase, operator } = await walk(
    space,
    ["lock: taken\naccount: ada", "run", "changed", "", "stop"],
    "paste",
  );
  expect(phase).toBe("walking");
  expect(operator.seen).toContain("It did not run.");
});

test("a command that was never sent has no exit status, and nobody is said to have said so", async () => {
  const space = await ready(({ host }) => letterStep(1, host, "A"));
  let turn = 0;
  const operator = {
    ...scriptedOperator(["run", "stop"]),
    interruptible<T>(run: (signal: AbortSignal) => Promise<T>) {
      turn += 1;
      return run(turn === 2 ? AbortSignal.abort() : new AbortController().signal);
    },
  };
  const { walk: id } = await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts });
  expect(letters(space)).toBe("");
  const folder = runbookFolder(space.project, ID);
  const { events } = readRecord(folder, id);
  const [finished, answered] = events.slice(events.findIndex(({ event }) => event === "finished"));
  expect(finished).toMatchObject({ outcome: "unknown", exit: null, ended: "interrupt" });
  expect(answered).toMatchObject({ event: "answered", answer: "not-run", reported: "host" });
  const { runbook } = loadRunbook(space.gate().project, ID);
  const drawn = drawRecord(runbook, [readRecord(folder, id)], []);
  expect(drawn).toContain("its run never began");
  expect(drawn).not.toContain("a person says");
});

test("Ctrl-C during a verification ends it without a verdict, on record and in the history, and no further check runs", async () => {
  const verification =
    "```sh check host=here\necho go; sleep 60\n```\n\n```sh check host=here\ntouch HOST/second\n```";
  const space = gateWorkspace();
  const steps = letterStep(1, space.host, "A");
  space.writeRunbook(runbookText({ steps, verification: verification.replace("HOST", space.host) }));
  await space.approve();
  await walk(space, ["run"]);
  const controller = new AbortController();
  const operator = {
    ...scriptedOperator([]),
    output: () => controller.abort(),
    interruptible: <T>(run: (signal: AbortSignal) => Promise<T>) => run(controller.signal),
  };
  const verified = verifyRunbook(space.gate(), ID, { mode: "ssh", operator, facts });
  await expect(verified).rejects.toMatchObject({ exit: 130, fix: `vibeops runbook verify ${ID}` });
  expect(existsSync(join(space.host, "second"))).toBe(false);
  const records = readdirSync(join(space.project.root, "runbooks", ID, "records"));
  const name = records.find((one) => one.startsWith("verify-"))?.replace(".jsonl", "") ?? "none";
  const { events } = readRecord(runbookFolder(space.project, ID), name);
  expect(events.at(-1)).toMatchObject({ event: "stopped", reason: "interrupted" });
  expect(space.project.git("log", "-1", "--format=%s").trim()).toBe(`Verify runbook ${ID}: stopped`);
  expect((await summarize(space.gate().project, space.context, ID)).state).toBe("walked");
});

test("a person's yes to the state that was gone back to is not taken for a no where they first name nothing", async () => {
  const space = await ready(twoSteps);
  await walk(space, ["run", "roll-back", "changed my mind", "run"]);
  const operator = scriptedOperator(["yes", " ", "the page"]);
  expect(await verifyRunbook(space.gate(), ID, { mode: "ssh", operator, facts })).toMatchObject({ ok: true });
});

test("what is pasted is what was approved, tabs included, and a screen that shows spaces for them says so", async () => {
  const space = await ready(
    ({ host }) => `### 1. Write
\`\`\`sh run host=here
cat >${host}/letters <<-END
\t<TAB>a\tb
\tEND
\`\`\`
No rollback: it is a test.
`,
  );
  const answers = ["lock: taken\naccount: ada", "run"];
  const onQuestion = (question: string) => {
    if (!question.includes("What happened?")) return;
    const { script } = operator.commands.at(-1) ?? { script: "exit 1" };
    expect(script).not.toContain("\t");
    execFileSync("sh", ["-c", script]);
  };
  const operator = scriptedOperator([...answers, "worked", "", "lock: released"], onQuestion);
  expect((await walkRunbook(space.gate(), ID, { mode: "paste", operator, facts })).phase).toBe("completed");
  expect(letters(space)).toBe("<TAB>a\tb\n");
  expect(operator.steps[0]?.run).toMatchObject({
    tabs: true,
    script: expect.stringContaining("        <TAB>a  b"),
  });
});

test("what a step captures reaches later steps quoted, and must match its pattern", async () => {
  const space = await ready(
    ({ host }) => `### 1. Look
\`\`\`sh run host=here capture=WORD pattern="[a-z' ]+"
echo "it's a; word"
\`\`\`
No rollback: it only looks.
${letterStep(2, host, "A")}`,
  );
  const failed = await walk(space, ["run", "stop"]);
  expect(failed.operator.seen.join("\n")).toContain("the output is not what WORD must be");
  const other = await ready(
    ({ host }) => `### 1. Look
\`\`\`sh run host=here capture=WORD pattern="[a-z' ]+"
echo "it's a word"
\`\`\`
No rollback: it only looks.

### 2. Use
\`\`\`sh run host=here
printf %s "$WORD" >>${host}/letters
\`\`\`
No rollback: it is a test.
`,
  );
  expect((await walk(other, ["run", "run"])).phase).toBe("completed");
  expect(letters(other)).toBe("it's a word");
});

test("secrets in output reach neither the screen nor the record", async () => {
  const secret = ["ghp", "16C7e42F292c6912E7710c838347Ae178B4a"].join("_");
  const half = secret.slice(0, 10);
  const space = await ready(
    ({ host }) => `### 1. Speak
\`\`\`sh run host=here
a=${half}; echo "token=\${a}${secret.slice(10)}"
\`\`\`
No rollback: it only speaks.
${letterStep(2, host, "A")}`,
  );
  const { walk: id, operator } = await walk(space, ["run", "run"]);
  expect(operator.screen.join("")).not.toContain(secret);
  expect(space.project.read(`runbooks/${ID}/records/${id}.jsonl`)).not.toContain(secret);
});

test("escape sequences in a step's output are shown, not obeyed", async () => {
  const space = await ready(
    ({ host }) => `### 1. Speak
\`\`\`sh run host=here
printf '\\033[31mred\\n'
\`\`\`
No rollback: it only speaks.
${letterStep(2, host, "A")}`,
  );
  const { operator } = await walk(space, ["run", "run"]);
  expect(operator.screen.join("")).toBe("⟨U+001B⟩[31mred\n");
});

test("Ctrl-C ends the step, the record says so, and the person decides what now", async () => {
  const space = await ready(({ host }) =>
    letterStep(1, host, "A").replace("printf A", "echo go; sleep 600; printf A"),
  );
  const controller = new AbortController();
  const base = scriptedOperator(["run", "stop"]);
  const operator = {
    ...base,
    output: () => controller.abort(),
    interruptible: <T>(run: (signal: AbortSignal) => Promise<T>) => run(controller.signal),
  };
  const { walk: id } = await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts });
  const { events } = readRecord(runbookFolder(space.project, ID), id);
  expect(events.find((event) => event.event === "finished")).toMatchObject({
    outcome: "failed",
    ended: "interrupt",
  });
  expect(base.seen.join("\n")).toContain("The command failed. What now?");
  expect(letters(space)).toBe("");
});

test("two walks of one runbook at once share neither an approval nor a step", async () => {
  const space = await ready(twoSteps);
  const outcomes = await Promise.allSettled([walk(space, ["run", "run"]), walk(space, ["run", "run"])]);
  expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(letters(space)).toBe("AB");
});

test("a record that somebody made up does not carry an approval past its end", async () => {
  const space = await ready(twoSteps);
  const { folder, sha256 } = loadRunbook(space.gate().project, ID);
  const nonce = readdirSync(folder.approvals)[0]?.replace(".yaml", "") ?? "";
  mkdirSync(folder.records);
  const forged = RecordWriter.create(folder, "20261120T150500Z-f0rged00", unnoted);
  const hash = "0".repeat(64);
  forged.append(
    {
      ...{ event: "start", runbook: ID, sha256, approval: nonce, statement: hash, approver: ADA },
      ...{ mode: "ssh", operator: ADA, head: "none" },
    },
    space.context.now(),
  );
  forged.close();
  space.context.setNow("2026-11-25T00:00:00Z");
  await expect(walk(space, ["run", "run"])).rejects.toMatchObject({ code: "record.foreign" });
  expect(letters(space)).toBe("");
});

test("a line that somebody added to a walk that was left is found before anything runs", async () => {
  const space = await ready(twoSteps);
  const { walk: id } = await walk(space, ["run", "stop"]);
  const { folder } = loadRunbook(space.gate().project, ID);
  const forged = RecordWriter.resume(folder, id, space.context.now(), unnoted);
  forged.append({ event: "answered", step: 2, kind: "run", answer: "ran" }, space.context.now());
  forged.close();
  await expect(walk(space, ["run", "run"])).rejects.toMatchObject({ code: "record.changed" });
  expect(letters(space)).toBe("A");
});

test("a captured value that no approved step captures reaches no host, also where nobody noted the record", async () => {
  const space = await ready(twoSteps);
  const { walk: id } = await walk(space, ["run", "stop"]);
  rmSync(join(stateDirectory(space.context.env), "heads"), { recursive: true });
  const { folder } = loadRunbook(space.gate().project, ID);
  const forged = RecordWriter.resume(folder, id, space.context.now(), unnoted);
  const name = `X=1\ntouch ${space.host}/pwned\nY`;
  forged.append({ event: "captured", step: 1, name, value: "1" }, space.context.now());
  forged.close();
  await expect(walk(space, ["run", "run"])).rejects.toMatchObject({ code: "record.broken" });
  expect(existsSync(join(space.host, "pwned"))).toBe(false);
});

test("a verification that somebody wrote by hand does not close a runbook, and neither does a stranger", async () => {
  const space = await ready(twoSteps);
  const { walk: id } = await walk(space, ["run", "run"]);
  const { folder } = loadRunbook(space.gate().project, ID);
  const [start] = readRecord(folder, id).events;
  const forged = RecordWriter.create(folder, "verify-20261120T150500Z-f0rged00", unnoted);
  if (start?.event !== "start") throw new Error("a walk begins with its start");
  const { seq: _seq, time: _time, prev: _prev, hash: _hash, ...begun } = start;
  forged.append({ ...begun, walk: id }, space.context.now());
  forged.append({ event: "verified", ok: true, judged: "checks" }, space.context.now());
  forged.close();
  const request = { principal: ADA, facts, sign: space.sign };
  await expect(closeRunbook(space.gate(), ID, request)).rejects.toMatchObject({ code: "record.foreign" });
  rmSync(join(folder.records, "verify-20261120T150500Z-f0rged00.jsonl"));
  await expect(closeRunbook(space.gate(), ID, request)).rejects.toMatchObject({ code: "close.unverified" });
  await verifyRunbook(space.gate(), ID, { mode: "ssh", operator: scriptedOperator([]), facts });
  const stranger = { ...request, principal: "nobody@example.com" };
  await expect(closeRunbook(space.gate(), ID, stranger)).rejects.toMatchObject({ code: "close.signer" });
  writeFileSync(folder.seal, "seal: made up\n");
  writeFileSync(`${folder.seal}.sig`, "");
  expect((await summarize(space.gate().project, space.context, ID)).state).toBe("verified");
  expect((await closeRunbook(space.gate(), ID, request)).outcome).toBe("completed");
});

test("what a person runs in place of the approved command is not run by us: it stands in the record, beside what was approved", async () => {
  const space = await ready(twoSteps);
  const answers = ["changed", `printf A >${space.host}/letters`, "worked", "out"];
  const byHand = (question: string) => {
    if (question === "Did it work?") writeFileSync(join(space.host, "letters"), "A");
  };
  const first = await walk(space, [...answers, "stop"], "ssh", byHand);
  expect(letters(space)).toBe("A");
  expect(first.deviations).toEqual([1]);
  await walk(space, ["changed", "", "run"]);
  const { events } = readRecord(runbookFolder(space.project, ID), first.walk);
  expect(events.filter((event) => event.event === "started" && event.step === 1)).toMatchObject([
    { by: "hand" },
  ]);
  expect(events.find((event) => event.event === "finished")).toMatchObject({
    ...{ step: 1, outcome: "ok", reported: "human", stdout: "out" },
    deviation: `printf A >${space.host}/letters`,
  });
  expect(letters(space)).toBe("AB");
  await verifyRunbook(space.gate(), ID, { mode: "ssh", operator: scriptedOperator([]), facts });
  await closeRunbook(space.gate(), ID, { principal: ADA, facts, sign: space.sign });
  const report = space.project.read(`runbooks/${ID}/record.md`);
  expect(report).toContain("Ran instead of what was approved:");
  expect(report).toContain("run on here started, by hand");
  expect(report).toContain("run on here started, on this machine");
  expect(report).not.toMatch(/\bssh\b/);
});

test("the points under Before you start are asked once, before the first step; whoever says no stops there", async () => {
  const space = gateWorkspace();
  const text = runbookText({ steps: twoSteps(space) });
  space.writeRunbook(
    text.replace("## Steps", "## Before you start\n\n- [ ] Tell the others\n- Have coffee\n\n## Steps"),
  );
  await space.approve();
  const first = await walk(space, ["yes", "no"]);
  expect(first).toMatchObject({ phase: "walking", stopped: "stopped" });
  expect(first.operator.seen).toEqual([
    "Step 0: here is locked for this walk.",
    "Before you start: Tell the others",
    "Before you start: Have coffee",
  ]);
  const second = await walk(space, ["yes", "run", "stop"]);
  expect(second.operator.seen[0]).toBe("Before you start: Have coffee");
  expect((await walk(space, ["run"])).operator.seen[0]).toBe("Run this step?");
  expect(letters(space)).toBe("AB");
  const { events } = readRecord(runbookFolder(space.project, ID), first.walk);
  expect(events.filter((event) => event.event === "confirmed")).toMatchObject([{ item: 0 }, { item: 1 }]);
});

test("after a rollback no check for the new state runs: what counts is what a person says of the old one", async () => {
  const space = await ready(twoSteps, {
    verification: `\`\`\`sh check host=here\nprintf V >>/dev/null; false\n\`\`\``,
  });
  await walk(space, ["run", "roll-back", "changed my mind", "run"]);
  space.project.write("inventory.yaml", `${space.project.read("inventory.yaml")}  other: {}\n`);
  const operator = scriptedOperator(["yes", "looked at the page"]);
  const { id, ok } = await verifyRunbook(space.gate(), ID, { mode: "ssh", operator, facts });
  expect(ok).toBe(true);
  expect(operator.commands).toEqual([]);
  const { events } = readRecord(runbookFolder(space.project, ID), `verify-${id}`);
  expect(events.map((event) => event.event)).toEqual(["start", "verified"]);
});

test("a verification that failed counts against one that passed before it", async () => {
  const space = await ready(twoSteps, {
    verification: "```sh check host=here\ngrep -q B letters-of-the-host\n```",
  });
  const document = `runbooks/${ID}/runbook.md`;
  space.writeRunbook(space.project.read(document).replace("letters-of-the-host", `${space.host}/letters`));
  await space.approve();
  await walk(space, ["run", "run"]);
  const verify = () =>
    verifyRunbook(space.gate(), ID, { mode: "ssh", operator: scriptedOperator([]), facts });
  expect((await verify()).ok).toBe(true);
  writeFileSync(join(space.host, "letters"), "");
  expect((await verify()).ok).toBe(false);
  const request = { principal: ADA, facts, sign: space.sign };
  await expect(closeRunbook(space.gate(), ID, request)).rejects.toMatchObject({ code: "close.unverified" });
});

test("closing asks for the key only when everything else is there", async () => {
  const space = await ready(twoSteps);
  let asked = 0;
  const sign: typeof space.sign = async (bytes, namespace) => {
    asked += 1;
    return await space.sign(bytes, namespace);
  };
  await walk(space, ["run", "run"]);
  const request = { principal: ADA, facts, sign };
  await expect(closeRunbook(space.gate(), ID, request)).rejects.toMatchObject({ code: "close.unverified" });
  expect(asked).toBe(0);
});

test("a walk cannot begin at a time before the one before it: the latest must be the latest", async () => {
  const space = await ready(twoSteps);
  await walk(space, ["run", "run"]);
  space.context.setNow("2026-11-20T14:34:00Z");
  await space.approve();
  space.context.setNow("2026-11-20T14:32:10Z");
  await expect(walk(space, ["run"])).rejects.toMatchObject({ code: "record.clock", exit: 7 });
  space.context.setNow("2026-11-20T14:34:00Z");
  expect((await walk(space, ["run", "run"])).phase).toBe("completed");
});

test("whoever comes to a runbook that is being walked is told who walks it, and how to go on", async () => {
  const space = await ready(twoSteps);
  const refused: unknown[] = [];
  const operator = scriptedOperator(["stop"], async () => {
    refused.push(
      await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts }).catch((error) => error),
    );
  });
  await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts });
  expect(refused).toEqual([
    expect.objectContaining({
      code: "lock.held",
      message: expect.stringMatching(/^somebody walks, .* right now: process \d+ on /),
      fix: expect.stringContaining("go on there"),
    }),
  ]);
});
