import { expect, test } from "vitest";
import { closeRunbook } from "../../src/runbook/close.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

const facts = { terminal: true };
const NOON = "2026-11-20T12:00:00Z";
const AN_HOUR_BEFORE = "2026-11-20T11:00:00Z";

async function approvedAtNoon(): Promise<GateWorkspace> {
  const space = gateWorkspace();
  space.context.setNow(NOON);
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") + letterStep(2, space.host, "B") }));
  await space.approve();
  return space;
}

const walk = ({ gate }: GateWorkspace, answers: readonly string[], onQuestion?: () => void) =>
  walkRunbook(gate(), ID, { mode: "ssh", operator: scriptedOperator(answers, onQuestion), facts });

const verify = ({ gate }: GateWorkspace) =>
  verifyRunbook(gate(), ID, { mode: "ssh", operator: scriptedOperator([]), facts });

const close = ({ gate, sign }: GateWorkspace) => closeRunbook(gate(), ID, { principal: ADA, facts, sign });

test("no walk begins before its approval: it says that one of two clocks is wrong", async () => {
  const space = await approvedAtNoon();
  space.context.setNow(AN_HOUR_BEFORE);
  await expect(walk(space, ["run", "run"])).rejects.toMatchObject({
    code: "approval.lapsed",
    message: expect.stringContaining("it is 2026-11-20T11:00:00.000Z here, so one of two clocks is wrong"),
  });
});

test.each([
  ["goes on", ["run", "run"], "completed"],
  ["goes back", ["run", "roll-back", "keep", "run"], "rolled-back"],
])("a walk %s after the clock was put back", async (_how, answers, phase) => {
  const space = await approvedAtNoon();
  let asked = 0;
  const outcome = await walk(space, answers, () => {
    asked += 1;
    if (asked === 2) space.context.setNow(AN_HOUR_BEFORE);
  });
  expect(outcome.phase).toBe(phase);
});

test("a walk that was left is resumed after the clock was put back", async () => {
  const space = await approvedAtNoon();
  const left = await walk(space, ["run", "stop"]);
  space.context.setNow(AN_HOUR_BEFORE);
  expect(await walk(space, ["run"])).toMatchObject({ walk: left.walk, phase: "completed" });
});

test("what would be dated before the walk that it is about waits until the clock is right", async () => {
  const space = await approvedAtNoon();
  await walk(space, ["run", "run"]);
  const refusal = { code: "record.clock", exit: 7, fix: expect.stringMatching(/^set the clock; /) };
  space.context.setNow(AN_HOUR_BEFORE);
  await expect(verify(space)).rejects.toMatchObject(refusal);
  space.context.setNow(NOON);
  expect((await verify(space)).ok).toBe(true);
  space.context.setNow(AN_HOUR_BEFORE);
  await expect(close(space)).rejects.toMatchObject(refusal);
  space.context.setNow(NOON);
  expect((await close(space)).outcome).toBe("completed");
});
