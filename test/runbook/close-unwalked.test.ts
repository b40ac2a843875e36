import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { closeRunbook } from "../../src/runbook/close.ts";
import { planDecision, recordDecision } from "../../src/runbook/decide.ts";
import { runbookFolder } from "../../src/runbook/runbook-folder.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
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

async function drafted() {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  const close = async (reason?: string) => {
    const request = { principal: ADA, facts: PRESENT, sign: space.sign };
    return await closeRunbook(space.gate(), ID, reason === undefined ? request : { ...request, reason });
  };
  return { space, close };
}

async function reject(space: GateWorkspace): Promise<void> {
  const plan = await planDecision(space.gate(), ID, { decision: "reject", principal: ADA, reason: "not so" });
  await recordDecision(space.gate(), plan, PRESENT, space.sign);
}

test("a runbook that was never run may be taken away only where nobody decided on it: decisions stay in the trail", async () => {
  const { space, close } = await drafted();
  const fixOf = async () => {
    const refused = await close().catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "close.no-walk" });
    return (refused as { fix: string }).fix;
  };
  expect(await fixOf()).toContain(`git rm -r runbooks/${ID}`);
  await space.approve();
  expect(await fixOf()).toBe(`vibeops runbook run ${ID}; to give it up add: --reason "…"`);
  await expect(close("  ")).rejects.toMatchObject({ code: "close.no-walk" });
});

test.each(["drafted", "approved", "rejected"] as const)(
  "a runbook that was %s and never run is given up with a reason: nothing runs on it any more, and the audit says nothing",
  async (state) => {
    const { space, close } = await drafted();
    if (state === "approved") await space.approve();
    if (state === "rejected") await reject(space);
    const closed = await close("another one took its place");
    expect(closed).toMatchObject({ outcome: "abandoned", locked: [] });
    expect(closed.commit).not.toBeNull();
    const { seal, report } = runbookFolder(space.project, ID);
    expect(readFileSync(seal, "utf8")).toContain("another one took its place");
    expect(readFileSync(report, "utf8")).toContain("It was never walked.");
    const walk = { mode: "ssh", operator: scriptedOperator(["run"]), facts: PRESENT } as const;
    await expect(walkRunbook(space.gate(), ID, walk)).rejects.toMatchObject({ code: "close.closed" });
    expect(await space.project.vibeops("status")).toMatchObject({ stdout: expect.not.stringContaining(ID) });
    expect(await space.project.vibeops("audit", "verify")).toMatchObject({ exit: 0 });
    expect((await space.project.vibeops("runbook", "list")).stdout).toContain("closed");
    expect(existsSync(join(space.host, "letters"))).toBe(false);
  },
);

test("a record that is added to a runbook that was given up unwalked is told", async () => {
  const { space, close } = await drafted();
  await space.approve();
  await close("another one took its place");
  space.project.write(`runbooks/${ID}/records/20261120T150000Z-abcdefgh.jsonl`, "{}\n");
  const { exit, stdout } = await space.project.vibeops("audit", "verify");
  expect(exit).toBe(4);
  expect(stdout).toContain("20261120T150000Z-abcdefgh");
});
