import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { quoteAssignments } from "../../src/platform/quote.ts";
import { closeRunbook } from "../../src/runbook/close.ts";
import {
  type LockAct,
  type LockAnswer,
  type LockOwner,
  lockRemoval,
  lockScript,
  lockVariables,
  parseLockAnswer,
} from "../../src/runbook/host-lock.ts";
import { planWalk } from "../../src/runbook/plan-walk.ts";
import { listWalkIds, readRecord } from "../../src/runbook/record.ts";
import { runbookFolder } from "../../src/runbook/runbook-folder.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import fc from "../helpers/property.ts";
import {
  ADA,
  type GateWorkspace,
  gateWorkspace,
  ID,
  letterStep,
  PRESENT,
  runbookText,
} from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

const shells = [["/bin/dash"], ["/bin/bash"], ["/bin/busybox", "sh"]].filter(([path]) =>
  existsSync(path ?? ""),
);

const ada: LockOwner = {
  ...{ walk: "20261120T150500Z-00000001", runbook: ID, who: "ada@example.com", from: "laptop" },
  since: "2026-11-20T15:05:00.000Z",
};
const bob: LockOwner = { ...ada, walk: "20261120T150600Z-00000002", who: "bob@example.com", from: "desk" };

/** A person's state folder, in which the lock of a rehearsal lies. */
function stateFolder(): string {
  const state = join(temporaryDirectory(), "state");
  mkdirSync(join(state, "vibeops"), { recursive: true });
  return state;
}

function act(
  state: string,
  owner: LockOwner,
  what: LockAct,
  shell = ["/bin/sh"],
  bin = "",
): LockAnswer | string {
  const script = quoteAssignments(lockVariables(owner, what)) + lockScript({ transport: "local" });
  const [program = "", ...args] = shell;
  const env = { PATH: `${bin}:${process.env.PATH}`, XDG_STATE_HOME: state };
  const { stdout, stderr } = spawnSync(program, [...args, "-eu", "-c", script], { env, encoding: "utf8" });
  return parseLockAnswer(stdout) ?? stderr;
}

/** A folder whose `mkdir` makes folders on a disk without room. */
function fullDisk(): string {
  const bin = temporaryDirectory();
  const script = '#!/bin/sh\n/bin/mkdir "$1" && ln -s /dev/full "$1/holder"\n';
  writeFileSync(join(bin, "mkdir"), script, { mode: 0o755 });
  return bin;
}

function lockIn(state: string): string {
  const [name = ""] = readdirSync(join(state, "vibeops"));
  return join(state, "vibeops", name);
}

/** busybox has a mkdir of its own. */
const plainShells = shells.filter(([path]) => path !== "/bin/busybox");

test.each(plainShells)(
  "with %s, on a full disk it is not taken, nothing is left there, and the last line says what to look at",
  (...shell) => {
    const state = stateFolder();
    const answer = String(act(state, ada, { act: "take" }, shell, fullDisk()));
    expect(answer.trim().split("\n").at(-1)).toMatch(/holder cannot be written: is there room on that disk/);
    expect(readdirSync(join(state, "vibeops"))).toEqual([]);
    expect(act(state, ada, { act: "take" }, shell)).toMatchObject({ state: "taken" });
  },
);

describe.each(shells)("with %s", (...shell) => {
  test("one walk takes it, knows it as its own, and gives it up; another is told whose it is", () => {
    const state = stateFolder();
    expect(act(state, ada, { act: "take" }, shell)).toMatchObject({ state: "taken" });
    expect(act(state, ada, { act: "take" }, shell)).toMatchObject({ state: "ours" });
    const account = execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
    expect(act(state, bob, { act: "take" }, shell)).toEqual({
      ...{ state: "held", account, holder: ada },
      place: expect.stringMatching(/^[\w-]+\/\d+$/) as string,
    });
    expect(act(state, bob, { act: "release" }, shell)).toMatchObject({ state: "gone" });
    expect(act(state, ada, { act: "release" }, shell)).toMatchObject({ state: "released" });
    expect(readdirSync(join(state, "vibeops"))).toEqual([]);
    expect(act(state, bob, { act: "take" }, shell)).toMatchObject({ state: "taken" });
  });

  test("only the lock that was seen is broken, not the one that took its place", () => {
    const state = stateFolder();
    act(state, ada, { act: "take" }, shell);
    expect(act(state, bob, { act: "break", seen: "another" }, shell)).toMatchObject({
      state: "held",
      holder: ada,
    });
    expect(act(state, bob, { act: "break", seen: ada.walk }, shell)).toMatchObject({ state: "broken" });
    expect(act(state, bob, { act: "take" }, shell)).toMatchObject({ state: "taken" });
  });

  test("a link in its place is a lock that names nobody: it is not followed, and nothing is written through it", () => {
    const state = stateFolder();
    act(state, ada, { act: "take" }, shell);
    const lock = lockIn(state);
    act(state, ada, { act: "release" }, shell);
    const elsewhere = temporaryDirectory();
    writeFileSync(join(elsewhere, "holder"), `walk: ${bob.walk}\nsecret\n`);
    symlinkSync(elsewhere, lock);
    expect(act(state, bob, { act: "take" }, shell)).toMatchObject({ state: "held", holder: {} });
    expect(act(state, bob, { act: "release" }, shell)).toMatchObject({ state: "gone" });
    expect(act(state, bob, { act: "break", seen: "" }, shell)).toMatchObject({ state: "broken" });
    expect(readFileSync(join(elsewhere, "holder"), "utf8")).toContain("secret");
    expect(existsSync(lock)).toBe(false);
  });

  test("of many at once exactly one takes it", () => {
    const state = stateFolder();
    const script = quoteAssignments(lockVariables(ada, { act: "take" })) + lockScript({ transport: "local" });
    writeFileSync(join(state, "take"), script.replace(`'${ada.walk}'`, '"walk-$1"'));
    const many = `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do ${shell.join(" ")} -eu ${state}/take $i & done; wait`;
    const env = { PATH: process.env.PATH, XDG_STATE_HOME: state };
    const said = spawnSync("/bin/sh", ["-c", many], { env, encoding: "utf8" }).stdout;
    expect(said.split("\n").filter((line) => line === "lock: taken")).toHaveLength(1);
    expect(said.split("\n").filter((line) => line === "lock: held")).toHaveLength(11);
  });
});

test("what a person is told to type removes this walk's lock, and not one that was taken there since", () => {
  const state = stateFolder();
  const remove = lockRemoval(ada.walk);
  const run = () =>
    execFileSync("sh", ["-eu", "-c", remove], { env: { ...process.env, XDG_STATE_HOME: state } });
  run();
  act(state, bob, { act: "take" });
  run();
  expect(act(state, bob, { act: "take" })).toMatchObject({ state: "ours" });
  act(state, bob, { act: "release" });
  act(state, ada, { act: "take" });
  run();
  expect(act(state, bob, { act: "take" })).toMatchObject({ state: "taken" });
});

test("whatever a host or a hand answers is read as one line a value without control characters, or not at all", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (before, value) => {
      const answer = parseLockAnswer(`${before}\nlock: held\naccount: ${value}\nwho: ${value}\n`);
      expect(answer?.state).toBe("held");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
      expect(JSON.stringify(answer)).not.toMatch(/\\[nr]|[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    }),
  );
  expect(parseLockAnswer("lock: perhaps")).toBeNull();
});

/** A second project of the same person whose runbook goes to the same machine. */
async function twoWalkers(): Promise<{ space: GateWorkspace; other: LockOwner; state: string }> {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  await space.approve();
  const home = space.context.env.HOME ?? "";
  const state = space.context.env.XDG_STATE_HOME ?? join(home, ".local/state");
  mkdirSync(join(state, "vibeops"), { recursive: true, mode: 0o700 });
  return { space, other: bob, state };
}

function walk(space: GateWorkspace, answers: readonly string[]) {
  const operator = scriptedOperator(answers);
  return walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts: PRESENT });
}

function events(space: GateWorkspace, id: string) {
  return readRecord(runbookFolder(space.project, ID), id).events;
}

test("a host that another walk holds is not walked on: exit 7, with who, from where and since when", async () => {
  const { space, other, state } = await twoWalkers();
  act(state, other, { act: "take" });
  await expect(walk(space, ["stop"])).rejects.toMatchObject({
    code: "host.locked",
    exit: 7,
    message: expect.stringMatching(
      /host here is locked by bob@example.com from desk since 2026-11-20T15:05.*00000002/,
    ),
  });
  expect(existsSync(join(space.host, "letters"))).toBe(false);
  expect(act(state, other, { act: "release" })).toMatchObject({ state: "released" });
  const { phase, walk: id } = await walk(space, ["run"]);
  expect(phase).toBe("completed");
  expect(events(space, id).map(({ event }) => event)).toEqual([
    ...["start", "refused", "resume", "locked", "started", "finished", "checked", "unlocked", "completed"],
  ]);
  expect(act(state, other, { act: "take" })).toMatchObject({ state: "taken" });
});

test("a person may break a lock: whose it was is on record before it is gone", async () => {
  const { space, other, state } = await twoWalkers();
  act(state, other, { act: "take" });
  const { phase, walk: id } = await walk(space, ["break", "run"]);
  expect(phase).toBe("completed");
  const lines = events(space, id);
  expect(lines[1]).toMatchObject({
    event: "lock-broken",
    holder: expect.stringContaining("bob@example.com"),
  });
  expect(lines[2]).toMatchObject({ event: "locked", host: "here", by: "local" });
});

test("a walk that is left keeps its lock and knows it again; one that is given up releases it", async () => {
  const { space, other, state } = await twoWalkers();
  const { walk: id } = await walk(space, ["stop"]);
  expect(act(state, other, { act: "take" })).toMatchObject({ state: "held", holder: { walk: id, who: ADA } });
  await walk(space, ["stop"]);
  expect(events(space, id).filter(({ event }) => event === "locked")).toHaveLength(1);
  const request = { principal: ADA, facts: PRESENT, sign: space.sign, reason: "not today" };
  const closed = await closeRunbook(space.gate(), ID, request);
  expect(closed).toMatchObject({ outcome: "abandoned", locked: [] });
  expect(act(state, other, { act: "take" })).toMatchObject({ state: "taken" });
});

test("a lock that somebody else broke meanwhile keeps no walk from its end, and the record says so", async () => {
  const { space, other, state } = await twoWalkers();
  const { walk: id } = await walk(space, ["stop"]);
  act(state, other, { act: "break", seen: id });
  await expect(walk(space, ["run"])).resolves.toMatchObject({ phase: "completed" });
  const gone = await twoWalkers();
  const check = `rm -r ${gone.state}/vibeops/host-walk-*`;
  gone.space.writeRunbook(runbookText({ steps: letterStep(1, gone.space.host, "A", { check }) }));
  await gone.space.approve();
  const operator = scriptedOperator(["run"]);
  const outcome = await walkRunbook(gone.space.gate(), ID, { mode: "ssh", operator, facts: PRESENT });
  expect(outcome.phase).toBe("completed");
  expect(events(gone.space, outcome.walk).at(-2)).toMatchObject({ event: "unlocked", outcome: "gone" });
  expect(operator.seen.join("\n")).toContain("not this walk's any more");
});

function lockPath(state: string): string {
  const name = readdirSync(join(state, "vibeops")).find((one) => one.startsWith("host-walk-"));
  return join(state, "vibeops", name ?? "none");
}

/** A walk during which something happens on the host, once, while the person reads that question. */
function walkWhile(space: GateWorkspace, answers: readonly string[], asked: RegExp, what: () => void) {
  let done = false;
  const operator = scriptedOperator(answers, (question) => {
    if (done || !asked.test(question)) return;
    what();
    done = true;
  });
  const outcome = walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts: PRESENT });
  return { operator, outcome };
}

function onlyWalk(space: GateWorkspace) {
  return events(space, listWalkIds(runbookFolder(space.project, ID)).at(-1) ?? "");
}

function kinds(lines: readonly { event: string }[]): string[] {
  return lines.map(({ event }) => event);
}

const letters = (space: GateWorkspace) => readFileSync(join(space.host, "letters"), "utf8");

test("a lock that was broken while a person read a step keeps that step from running, and is asked for again", async () => {
  const { space, other, state } = await twoWalkers();
  const { operator, outcome } = walkWhile(space, ["run", "stop"], /Run this step/, () => {
    execFileSync("rm", ["-r", lockPath(state)]);
    act(state, other, { act: "take" });
  });
  await expect(outcome).rejects.toMatchObject({ code: "host.locked", exit: 7 });
  expect(existsSync(join(space.host, "letters"))).toBe(false);
  expect(operator.seen.join("\n")).toContain("the lock there is not this walk's any more");
  const lines = onlyWalk(space);
  expect(kinds(lines)).toEqual([
    ...["start", "locked", "started", "finished", "answered", "unlocked", "refused"],
  ]);
  expect(lines[3]).toMatchObject({ outcome: "unknown", ended: "unlocked", exit: null });
  // Whoever broke it is left alone.
  expect(act(state, other, { act: "release" })).toMatchObject({ state: "released" });
  await expect(walk(space, ["run"])).resolves.toMatchObject({ phase: "completed" });
  expect(letters(space)).toBe("A");
});

test("a lock that is gone and nobody's, as after a restart, is taken again, and the step is asked about again", async () => {
  const { space, state } = await twoWalkers();
  const { outcome } = walkWhile(space, ["run", "run"], /Run this step/, () =>
    execFileSync("rm", ["-r", lockPath(state)]),
  );
  await expect(outcome).resolves.toMatchObject({ phase: "completed" });
  expect(kinds(onlyWalk(space))).toEqual([
    ...["start", "locked", "started", "finished", "answered", "unlocked", "locked"],
    ...["started", "finished", "checked", "unlocked", "completed"],
  ]);
  expect(letters(space)).toBe("A");
});

test("a way back does not run without the lock either", async () => {
  const { space, state } = await twoWalkers();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") + letterStep(2, space.host, "B") }));
  await space.approve();
  const answers = ["run", "roll-back", "not today", "run", "run"];
  const { outcome } = walkWhile(space, answers, /Roll back step 1/, () =>
    execFileSync("rm", ["-r", lockPath(state)]),
  );
  await expect(outcome).resolves.toMatchObject({ phase: "rolled-back", notRolledBack: [] });
  const lines = onlyWalk(space);
  expect(lines.filter(({ event }) => event === "locked")).toHaveLength(2);
  expect(lines).toContainEqual(expect.objectContaining({ kind: "rollback", ended: "unlocked" }));
  expect(letters(space)).toBe("Aa");
});

test("step 0 is shown before anything is approved and in a dry run, and is part of the statement", async () => {
  const { space } = await twoWalkers();
  const { locks } = await planWalk(space.gate(), ID);
  expect(locks).toMatchObject([{ hosts: ["here"], script: lockScript({ transport: "local" }) }]);
  const shown = await space.project.vibeops("runbook", "show", ID);
  expect(shown.stdout).toContain("0. Lock each host for this walk: here");
  for (const line of lockScript({ transport: "local" }).split("\n")) expect(shown.stdout).toContain(line);
  const folder = join(space.project.root, "runbooks", ID, "approvals");
  const [statement = ""] = readdirSync(folder).sort();
  expect(readFileSync(join(folder, statement), "utf8")).toMatch(/lock: "[0-9a-f]{64}"/);
});
