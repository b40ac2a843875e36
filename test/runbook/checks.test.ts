import { join } from "node:path";
import { expect, test } from "vitest";
import { formatOwner, newOwner } from "../../src/platform/lock-owner.ts";
import { checkRunbooks } from "../../src/runbook/checks.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

async function approved() {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") + letterStep(2, space.host, "B") }));
  await space.approve();
  const found = async () => {
    const checks = await checkRunbooks(space.gate());
    return checks.filter(({ status, name }) => status !== "ok" && /^(?:walk|host|approval)\./.test(name));
  };
  return { space, found };
}

const walk = (space: ReturnType<typeof gateWorkspace>, answers: string[]) =>
  walkRunbook(space.gate(), ID, {
    mode: "ssh",
    operator: scriptedOperator(answers),
    facts: { terminal: true },
  });

test("an approval is named when it ends soon, and when a change has lapsed it", async () => {
  const { space, found } = await approved();
  expect(await found()).toEqual([]);
  const now = space.context.now().getTime();
  const at = (hours: number) => space.context.setNow(new Date(now + hours * 3_600_000).toISOString());
  let hours = 0;
  while ((await found()).length === 0 && hours < 24 * 30) {
    hours += 2;
    at(hours);
  }
  expect(await found()).toMatchObject([
    { name: "approval.ending", status: "warning", fix: `vibeops runbook run ${ID}` },
  ]);
  at(hours + 5);
  expect(await found()).toMatchObject([{ name: "approval.lapsed", status: "warning" }]);
  at(0);
  expect(await found()).toEqual([]);
  space.project.write(
    "inventory.yaml",
    space.project.read("inventory.yaml").replace("tier: local,", "tier: staging,"),
  );
  expect(await found()).toMatchObject([{ name: "approval.lapsed", what: expect.stringContaining("here") }]);
});

test("a walk that was left is named with the lock that it holds, and not while somebody walks", async () => {
  const { space, found } = await approved();
  await walk(space, ["run", "stop"]).catch(() => undefined);
  expect(await found()).toMatchObject([
    {
      name: "walk.cut-off",
      status: "warning",
      what: expect.stringContaining("the lock on here"),
      fix: expect.stringContaining(ID),
    },
  ]);
  space.project.write(`.vibeops/walk-${ID}.lock`, formatOwner(newOwner()).toString());
  expect(await found()).toEqual([]);
  space.project.write(`.vibeops/walk-${ID}.lock`, formatOwner({ ...newOwner(), boot: "another" }).toString());
  expect(await found()).toMatchObject([
    { name: "walk.cut-off", file: expect.stringContaining(join(ID, "records")) },
  ]);
});
