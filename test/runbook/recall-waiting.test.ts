import { readFileSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FactCache } from "../../src/platform/fact-cache.ts";
import { closeRunbook } from "../../src/runbook/close.ts";
import { planDecision, recordDecision } from "../../src/runbook/decide.ts";
import { pendingRunbooks } from "../../src/runbook/pending-runbooks.ts";
import { recallPendingRunbooks } from "../../src/runbook/recall-waiting.ts";
import { summarize } from "../../src/runbook/store.ts";
import { addSigner, trustPaths } from "../../src/runbook/trust.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import {
  ADA,
  type GateWorkspace,
  gateWorkspace,
  ID,
  letterStep,
  makeTestKey,
  PRESENT,
  runbookText,
  testSigner,
} from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

const facts = { terminal: true };

/** Asks twice, so that the second answer comes from the cache, and compares with whoever reads everything. */
async function kindsNow({ space, context, project }: GateWorkspace): Promise<string[]> {
  const file = join(space.directory, "cache.json");
  // Long enough after the files were written for the cache to keep what it says of them.
  const open = () => new FactCache(file, "1", { now: () => new Date(Date.now() + 60_000) });
  const ask = async () => {
    const cache = open();
    const items = await recallPendingRunbooks(project, context, cache);
    cache.save({ all: true });
    return items;
  };
  const expected = await pendingRunbooks(project, context);
  expect(await ask()).toEqual(expected);
  expect(await ask()).toEqual(expected);
  return expected.map(({ kind }) => kind);
}

/** Another person, with a key of their own, approves what stands there. */
async function approveAs({ space, context, gate }: GateWorkspace, name: string): Promise<void> {
  const key = join(space.directory, name);
  makeTestKey(key, "another phrase");
  addSigner(trustPaths(context.env), `${name}@example.com`, readFileSync(`${key}.pub`, "utf8"));
  const plan = await planDecision(gate(), ID, { decision: "approve", principal: `${name}@example.com` });
  await recordDecision(gate(), plan, PRESENT, testSigner(space.directory, key, "another phrase"));
}

async function stateNow({ gate, context }: GateWorkspace) {
  const { state, more } = await summarize(gate().project, context, ID);
  return more === undefined ? state : `${state} ${more}`;
}

test("approved is what as many have approved as the policy wants, and no fewer", async () => {
  const space = gateWorkspace();
  space.project.write("policy.yaml", "approval: { approvals: 'raw ? 2 : 3' }\n");
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  await space.approve();
  expect(await stateNow(space)).toBe("part-approved 1");
  expect(await kindsNow(space)).toEqual(["runbook.approval"]);
  const [item] = await pendingRunbooks(space.project, space.context);
  expect(item).toMatchObject({
    words: "to be approved by 1 more",
    command: `vibeops runbook approve ${ID}`,
  });
  expect((await space.project.vibeops("runbook", "list")).stdout).toContain("approved, 1 more wanted");
  expect((await space.project.vibeops("status")).stdout).toContain("to be approved by 1 more");
  await approveAs(space, "grace");
  expect(await stateNow(space)).toBe("approved");
  expect(await kindsNow(space)).toEqual(["runbook.run"]);
});

test("whoever wrote a runbook does not approve it where the policy wants four eyes, in status neither", async () => {
  const space = gateWorkspace();
  const text = runbookText({ author: ADA, steps: letterStep(1, space.host, "A") });
  space.writeRunbook(text);
  await space.approve();
  expect(await stateNow(space)).toBe("approved");
  space.project.write("policy.yaml", "approval: { four_eyes: true }\n");
  await expect(space.approve()).rejects.toMatchObject({ code: "approval.self" });
  await approveAs(space, "grace");
  expect(await stateNow(space)).toBe("approved");
});

test.each([
  ["the policy", "policy.yaml", "approval: { expiry: 2h }\n"],
  [
    "the inventory",
    "inventory.yaml",
    "hosts: { here: { transport: local, tier: live, runtime: process } }\n",
  ],
  ["vibeops.yaml", "vibeops.yaml", "project: infra\nagents: { other: { provider: builtin } }\n"],
  ["a listed file", "deploy/shop/compose.yaml", "services: { changed: {} }\n"],
])(
  "an approval that lapsed, since %s changed, is none in status, and is one again when it is brought back",
  async (_, file, text) => {
    const space = gateWorkspace();
    space.project.write("deploy/shop/compose.yaml", "services: {}\n");
    space.project.write("policy.yaml", "{}\n");
    const files = "[deploy/shop/compose.yaml]";
    space.writeRunbook(runbookText({ files, steps: letterStep(1, space.host, "A") }));
    await space.approve();
    expect(await kindsNow(space)).toEqual(["runbook.run"]);
    const before = space.project.read(file);
    space.project.write(file, text);
    expect(await kindsNow(space)).toEqual(["runbook.approval"]);
    space.project.write(file, before);
    expect(await kindsNow(space)).toEqual(["runbook.run"]);
  },
);

test("a listed file that is reached through a link now is what the gate refuses, so status says so too", async () => {
  const space = gateWorkspace();
  space.project.write("deploy/shop/compose.yaml", "services: {}\n");
  const steps = letterStep(1, space.host, "A");
  space.writeRunbook(runbookText({ files: "[deploy/shop/compose.yaml]", steps }));
  await space.approve();
  expect(await kindsNow(space)).toEqual(["runbook.run"]);
  const folder = join(space.project.root, "deploy");
  renameSync(folder, `${folder}-elsewhere`);
  symlinkSync(`${folder}-elsewhere`, folder);
  expect(await kindsNow(space)).toEqual(["runbook.broken"]);
});

test("a rejection stands for what it was given on", async () => {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  const plan = await planDecision(space.gate(), ID, { decision: "reject", principal: ADA, reason: "policy" });
  await recordDecision(space.gate(), plan, PRESENT, space.sign);
  expect(await kindsNow(space)).toEqual(["runbook.rejected"]);
  space.project.write("policy.yaml", "approval: { expiry: 2h }\n");
  expect(await kindsNow(space)).toEqual(["runbook.approval"]);
});

const QUESTIONS = "## Open questions\n\n- Which port?\n- Who is on duty?\n\n## Steps";

test("the cached answer is the one that the files give, from the draft to the seal", async () => {
  const space = gateWorkspace();
  const text = runbookText({ steps: letterStep(1, space.host, "A") });
  expect(await kindsNow(space)).toEqual([]);

  space.writeRunbook(text.replace("## Steps", QUESTIONS));
  expect(await kindsNow(space)).toEqual(["runbook.questions", "runbook.approval"]);

  space.writeRunbook(text);
  expect(await kindsNow(space)).toEqual(["runbook.approval"]);

  await space.approve();
  expect(await kindsNow(space)).toEqual(["runbook.run"]);
  const now = space.context.now().toISOString();
  space.context.setNow("2027-11-20T14:32:11Z");
  expect(await kindsNow(space)).toEqual(["runbook.approval"]);
  space.context.setNow(now);
  expect(await kindsNow(space)).toEqual(["runbook.run"]);

  const operator = scriptedOperator(["stop"]);
  await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts }).catch(() => undefined);
  expect(await kindsNow(space)).toEqual(["walk.interrupted"]);

  await walkRunbook(space.gate(), ID, { mode: "ssh", operator: scriptedOperator(["run"]), facts });
  expect(await kindsNow(space)).toEqual(["runbook.verification"]);

  await verifyRunbook(space.gate(), ID, { mode: "ssh", operator: scriptedOperator([]), facts });
  expect(await kindsNow(space)).toEqual(["runbook.close"]);

  await closeRunbook(space.gate(), ID, { principal: ADA, facts, sign: space.sign });
  expect(await kindsNow(space)).toEqual([]);

  space.project.write(`runbooks/${ID}/runbook.md`, "no runbook");
  expect(await kindsNow(space)).toEqual([]);
});

test("a runbook that cannot be read is one that waits", async () => {
  const space = gateWorkspace();
  space.project.write(`runbooks/${ID}/runbook.md`, "no runbook");
  expect(await kindsNow(space)).toEqual(["runbook.broken"]);
});

test("a draft that lint refuses is to be mended before it can be approved, and status says so", async () => {
  const space = gateWorkspace();
  space.project.write("deploy/shop/compose.yaml", "services: {}\n");
  const files = "[deploy/shop/compose.yaml, deploy/shop/none.yaml]";
  space.project.write(
    `runbooks/${ID}/runbook.md`,
    runbookText({ files, steps: letterStep(1, space.host, "A") }),
  );
  expect(await kindsNow(space)).toEqual(["runbook.broken"]);
  const [item] = await pendingRunbooks(space.project, space.context);
  expect(item).toMatchObject({
    words: "to be mended before it can be approved",
    command: `vibeops runbook lint ${ID}`,
  });
  space.project.write("deploy/shop/none.yaml", "services: {}\n");
  expect(await kindsNow(space)).toEqual(["runbook.approval"]);
  space.project.write("inventory.yaml", "hosts: {}\n");
  expect(await kindsNow(space)).toEqual(["runbook.broken"]);
  expect((await space.project.vibeops("status")).stdout).toContain("to be mended before it can be approved");
});

test("a step that calls a file of the project is told of as soon as the file is there", async () => {
  const space = gateWorkspace();
  const step = letterStep(1, space.host, "A").replace(
    "printf A",
    "sh scripts/run.sh $VIBEOPS_PROJECT/; printf A",
  );
  space.writeRunbook(runbookText({ steps: step }));
  expect(await kindsNow(space)).toEqual(["runbook.approval"]);
  space.project.write("scripts/run.sh", "true\n");
  expect(await kindsNow(space)).toEqual(["runbook.broken"]);
});
