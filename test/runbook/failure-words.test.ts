import { expect, test } from "vitest";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

/** All that a person reads of a walk whose only command is this one. */
async function walk(command: string, timeout: string): Promise<string> {
  const space = gateWorkspace();
  const step = letterStep(1, space.host, "A")
    .replace(/printf A .*/, command)
    .replace("sh run host=here", `sh run host=here timeout=${timeout}`);
  space.writeRunbook(runbookText({ steps: step }));
  await space.approve();
  const operator = scriptedOperator(["run", "stop"]);
  const facts = { terminal: true };
  await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts }).catch(() => undefined);
  return operator.seen.join("\n");
}

test("a person is told whether the time of a step was over or the command said no", async () => {
  expect(await walk("sleep 600", "1s")).toContain("The run took longer than it may, and was ended.");
  expect(await walk("exit 7", "1m")).toContain("The run ended with exit status 7.");
});
