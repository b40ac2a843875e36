import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadForGate, requireApproval } from "../../src/runbook/approval.ts";
import { planDecision } from "../../src/runbook/decide.ts";
import { lintRunbook } from "../../src/runbook/lint-runbook.ts";
import { planWalk } from "../../src/runbook/plan-walk.ts";
import { readRecord } from "../../src/runbook/record.ts";
import { loadRunbook, runbookFolder } from "../../src/runbook/runbook-folder.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, runbookText } from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

const facts = { terminal: true };

/** A project whose only step runs this on the local host. */
function withStep(command: string, files = "[]", scripts: Record<string, string> = {}): GateWorkspace {
  const space = gateWorkspace();
  for (const [path, text] of Object.entries(scripts)) space.project.write(path, text);
  space.writeRunbook(
    runbookText({
      files,
      steps: `### 1. Call\n\n\`\`\`sh run host=here\n${command}\n\`\`\`\n\n\`\`\`sh check host=here\ntrue\n\`\`\`\n\nNo rollback: a test.\n`,
    }),
  );
  return space;
}

function errors(space: GateWorkspace): string[] {
  const { runbook } = loadRunbook(space.gate().project, ID);
  return lintRunbook(space.gate().project, runbook)
    .filter(({ level }) => level === "error")
    .map(({ rule }) => rule);
}

const SCRIPT = { "deploy/x.sh": "echo approved\n" };

test.each([
  ['sh "$VIBEOPS_PROJECT/deploy/x.sh"', "runbook.file-unlisted"],
  ['sh "$VIBEOPS_PROJECT"/deploy/x.sh', "runbook.file-unlisted"],
  [`sh "\${VIBEOPS_PROJECT}/deploy/x.sh"`, "runbook.file-unlisted"],
  ['cd "$VIBEOPS_PROJECT"; sh deploy/x.sh', "runbook.file-unlisted"],
  ['sh "$VIBEOPS_PROJECT"/../infra/deploy/x.sh', "runbook.project-path"],
  ["sh infra/deploy/x.sh", "runbook.project-path"],
  ["sh ~/w/infra/deploy/x.sh", "runbook.project-path"],
  ['sh "$VIBEOPS_ROOT/deploy/x.sh"', "runbook.project-path"],
])("%s calls what no approval would cover: it cannot be approved", async (command, rule) => {
  const space = withStep(command, "[]", SCRIPT);
  expect(errors(space)).toContain(rule);
  await expect(space.approve()).rejects.toMatchObject({ code: "runbook.findings" });
});

test("a script of the project, called by where it lies on this machine, cannot be approved", () => {
  const space = withStep("sh PLACE/deploy/x.sh", "[deploy/x.sh]", SCRIPT);
  const path = `runbooks/${ID}/runbook.md`;
  space.project.write(path, space.project.read(path).replace("PLACE", space.project.root));
  expect(errors(space)).toContain("runbook.project-path");
});

test("on another machine there is no project: a step that names it there cannot be approved", () => {
  const space = withStep('sh "$VIBEOPS_PROJECT/deploy/x.sh"', "[deploy/x.sh]", SCRIPT);
  space.project.write("inventory.yaml", "hosts:\n  here: { tier: live }\n");
  expect(errors(space)).toContain("runbook.project-remote");
});

test("a listed script that a step calls is in the approval: changed, the approval has lapsed and says so", async () => {
  const space = withStep('sh "$VIBEOPS_PROJECT/deploy/x.sh"', "[deploy/x.sh]", SCRIPT);
  expect(errors(space)).toEqual([]);
  await space.approve();
  space.project.write("deploy/x.sh", "echo evil\n");
  const gate = space.gate();
  await expect(requireApproval(gate, loadForGate(gate.project, ID))).rejects.toMatchObject({
    message: expect.stringContaining("file deploy/x.sh changed since ada@example.com approved it"),
  });
});

test("what a step calls are the bytes that were hashed, whatever happens to the file after the gate was asked", async () => {
  const space = withStep(
    // The step itself does what an agent could do beside it: changes the file in the project before it is called.
    'echo \'echo evil\' >SWAPPED; sh "$VIBEOPS_PROJECT/deploy/x.sh"; ls -R "$VIBEOPS_PROJECT"',
    "[deploy/x.sh]",
    { ...SCRIPT, "deploy/y.sh": "echo unlisted\n" },
  );
  const path = `runbooks/${ID}/runbook.md`;
  const swapped = join(space.project.root, "deploy", "x.sh");
  const link = join(space.host, "link");
  space.project.write(path, space.project.read(path).replace("SWAPPED", link));
  const { symlinkSync } = await import("node:fs");
  symlinkSync(swapped, link);
  await space.approve();
  const operator = scriptedOperator(["run"]);
  // The last gate passed before the step; the check after it finds the change.
  await expect(walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts })).rejects.toMatchObject({
    code: "approval.lapsed",
  });
  expect(readFileSync(swapped, "utf8")).toBe("echo evil\n");
  expect(operator.screen.join("")).toMatch(/^approved$/m);
  expect(operator.screen.join("")).not.toContain("evil");
  expect(operator.screen.join("")).not.toContain("y.sh");
});

test("the staged folder is nobody else's, and gone when the step has ended", async () => {
  const space = withStep(
    'ls -ld "$VIBEOPS_PROJECT"; pwd; cat "$VIBEOPS_PROJECT/deploy/x.sh"',
    "[deploy/x.sh]",
    SCRIPT,
  );
  await space.approve();
  const plan = await planWalk(space.gate(), ID);
  const [, place = ""] = /VIBEOPS_PROJECT='([^']+)'/.exec(plan.steps[0]?.run?.script ?? "") ?? [];
  expect(place).not.toBe("");
  expect(place.startsWith(space.project.root)).toBe(false);
  expect(existsSync(place)).toBe(false);
  const operator = scriptedOperator(["run"]);
  const { walk } = await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts });
  expect(operator.screen.join("")).toMatch(new RegExp(`^drwx------.*${place}$`, "m"));
  expect(operator.steps[0]?.run?.script).toContain(`VIBEOPS_PROJECT='${place}'`);
  expect(existsSync(place)).toBe(false);
  const { events } = readRecord(runbookFolder(space.project, ID), walk);
  expect(events.at(-1)?.event).toBe("completed");
});

test("a staged file that somebody put there before is not what is called", async () => {
  const space = withStep('sh "$VIBEOPS_PROJECT/deploy/x.sh"', "[deploy/x.sh]", SCRIPT);
  await space.approve();
  const plan = await planWalk(space.gate(), ID);
  const [, place = ""] = /VIBEOPS_PROJECT='([^']+)'/.exec(plan.steps[0]?.run?.script ?? "") ?? [];
  const { mkdirSync } = await import("node:fs");
  mkdirSync(join(place, "deploy"), { recursive: true });
  writeFileSync(join(place, "deploy/x.sh"), "echo planted\n");
  writeFileSync(join(place, "deploy/z.sh"), "echo planted\n");
  const operator = scriptedOperator(["run"]);
  await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts });
  expect(operator.screen.join("")).toBe("approved\n");
});

test("a step that does not name the project is given no place of it", async () => {
  const space = withStep("echo plain");
  const plan = await planDecision(space.gate(), ID, { decision: "approve", principal: ADA });
  expect(JSON.stringify(plan.pages)).not.toContain("VIBEOPS_PROJECT");
});
