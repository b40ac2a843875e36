import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { stateDirectory } from "../../src/platform/person.ts";
import { closeRunbook } from "../../src/runbook/close.ts";
import { isClosed, runbookFolder } from "../../src/runbook/runbook-folder.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

const facts = { terminal: true };

function written(): GateWorkspace {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  return space;
}

async function approved(): Promise<GateWorkspace> {
  const space = written();
  await space.approve();
  return space;
}

const walk = (space: GateWorkspace, ...answers: string[]) =>
  walkRunbook(space.gate(), ID, { mode: "ssh", operator: scriptedOperator(answers), facts });

const verify = (space: GateWorkspace) =>
  verifyRunbook(space.gate(), ID, { mode: "ssh", operator: scriptedOperator([]), facts });

const close = ({ gate, sign }: GateWorkspace) => closeRunbook(gate(), ID, { principal: ADA, facts, sign });

const letters = ({ host }: GateWorkspace) => readFileSync(join(host, "letters"), "utf8");

const uncommitted = ({ project }: GateWorkspace) =>
  project.git("status", "--porcelain", "--untracked-files=all").trim();

/** As if nothing could be committed for a while: another git holds the branch. */
async function whileNothingCommits<T>({ project }: GateWorkspace, act: () => Promise<T>): Promise<void> {
  const lock = join(project.root, ".git/refs/heads/main.lock");
  writeFileSync(lock, "");
  await expect(act()).rejects.toMatchObject({ code: "git.ref-locked" });
  rmSync(lock);
}

test("an approval that could not be committed is none, and the same command gives it", async () => {
  const space = written();
  await whileNothingCommits(space, space.approve);
  expect(space.project.list(`runbooks/${ID}/approvals`)).toEqual([]);
  await expect(walk(space, "run")).rejects.toMatchObject({ code: "approval.none" });
  await space.approve();
  expect((await walk(space, "run")).phase).toBe("completed");
});

test("a walk whose record could not be committed at its end is committed by the same command; no step runs again", async () => {
  const space = await approved();
  await whileNothingCommits(space, () => walk(space, "run"));
  expect(uncommitted(space)).toContain(`?? runbooks/${ID}/records/`);
  expect(await walk(space)).toMatchObject({
    phase: "completed",
    commit: expect.stringMatching(/^[0-9a-f]{40}/),
  });
  expect(uncommitted(space)).toBe("");
  expect(letters(space)).toBe("A");
  await expect(walk(space)).rejects.toMatchObject({ code: "approval.lapsed" });
});

test("a record that somebody else put there is not committed for them", async () => {
  const space = await approved();
  await whileNothingCommits(space, () => walk(space, "run"));
  rmSync(join(stateDirectory(space.context.env), "heads"), { recursive: true });
  await expect(walk(space)).rejects.toMatchObject({ code: "approval.lapsed" });
  expect(uncommitted(space)).toContain(`?? runbooks/${ID}/records/`);
});

test("what could not be committed when it was closed is open still, and the same command closes it", async () => {
  const space = await approved();
  await walk(space, "run");
  await verify(space);
  await whileNothingCommits(space, () => close(space));
  expect(isClosed(runbookFolder(space.gate().project, ID))).toBe(false);
  expect(uncommitted(space)).toBe("");
  expect((await close(space)).commit).not.toBeNull();
  expect(uncommitted(space)).toBe("");
});

test("a closing that was killed before its commit is finished by the same command, if its seal is good", async () => {
  const space = await approved();
  await walk(space, "run");
  await verify(space);
  await close(space);
  space.project.git("reset", "--quiet", "HEAD~1");
  const seal = join(space.project.root, `runbooks/${ID}/seal.yaml`);
  const bytes = readFileSync(seal);
  writeFileSync(seal, bytes.toString().replace("completed", "abandoned"));
  await expect(close(space)).rejects.toMatchObject({ code: "close.closed" });
  expect(uncommitted(space)).not.toBe("");
  writeFileSync(seal, bytes);
  expect(await close(space)).toMatchObject({ outcome: "completed", commit: expect.any(String) });
  expect(uncommitted(space)).toBe("");
  await expect(close(space)).rejects.toMatchObject({ code: "close.closed" });
});

test("a walk that could not even begin its record uses no approval up, and says what refused", async () => {
  const space = await approved();
  const heads = join(stateDirectory(space.context.env), "heads");
  mkdirSync(dirname(heads), { recursive: true });
  // A link to nowhere, in which nobody can make a folder, root included.
  symlinkSync(join(space.host, "gone/heads"), heads);
  await expect(walk(space, "run")).rejects.toMatchObject({
    code: "record.unwritable",
    message: expect.stringMatching(/^the record cannot be written, so nothing more is done: E[A-Z]+: /),
    fix: expect.stringMatching(/; then: vibeops runbook run /),
  });
  expect(existsSync(join(space.host, "letters"))).toBe(false);
  rmSync(heads);
  expect((await walk(space, "run")).phase).toBe("completed");
});
