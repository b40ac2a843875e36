import { join } from "node:path";
import { expect, test } from "vitest";
import { FactCache } from "../../src/platform/fact-cache.ts";
import { closeRunbook } from "../../src/runbook/close.ts";
import { pendingRunbooks } from "../../src/runbook/pending-runbooks.ts";
import { recallPendingRunbooks } from "../../src/runbook/recall-waiting.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";
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
