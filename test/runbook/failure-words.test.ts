import { expect, test } from "vitest";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

/** All that a person reads of a walk whose only command is this one. */
async function walk(command: string, timeout: string): Promise<string> {
  const step = (host: string) =>
    letterStep(1, host, "A")
      .replace(/printf A .*/, command)
      .replace("sh run host=here", `sh run host=here timeout=${timeout}`);
  return await walkStep(step, ["run", "stop"]);
}

/** The same of a walk whose only check is this one. */
async function walkCheck(check: string, attributes = "", answers = ["run", "stop"]): Promise<string> {
  const step = (host: string) =>
    letterStep(1, host, "A", { check }).replace("sh check host=here", `sh check host=here ${attributes}`);
  return await walkStep(step, answers);
}

async function walkStep(step: (host: string) => string, answers: readonly string[]): Promise<string> {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: step(space.host) }));
  await space.approve();
  const operator = scriptedOperator(answers);
  const facts = { terminal: true };
  await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts }).catch(() => undefined);
  return operator.seen.join("\n");
}

test("a person is told whether the time of a step was over or the command said no", async () => {
  expect(await walk("sleep 600", "1s")).toContain("The run took longer than it may, and was ended.");
  expect(await walk("exit 7", "1m")).toContain("The run ended with exit status 7.");
});

test("a person is told why a check failed: its exit status, its time, or what it did not print", async () => {
  expect(await walkCheck("exit 3")).toContain("The check ended with exit status 3.");
  expect(await walkCheck("sleep 600", "timeout=1s")).toContain(
    "The check took longer than it may, and was ended.",
  );
  expect(await walkCheck("echo degraded", 'expect="healthy"')).toContain(
    'The check ended well, but "healthy" is not in its output.',
  );
});

test("what a check says before a rollback comes with how it ended, also where it prints nothing", async () => {
  const back = ["run", "roll-back", "no use", "run"];
  expect(await walkCheck("exit 3", "", back)).toContain(
    "Step 1, Write A: its check on here says:\nIt ended with exit status 3.",
  );
});
