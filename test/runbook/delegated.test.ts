import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runbookRunDelegated } from "../../src/agent/tools/runbook.ts";
import { planDecision } from "../../src/runbook/decide.ts";
import type { Gate } from "../../src/runbook/gate.ts";
import { latestWalk } from "../../src/runbook/latest-walk.ts";
import { lintRunbook } from "../../src/runbook/lint-runbook.ts";
import { readRecord } from "../../src/runbook/record.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { runIn } from "../helpers/cli.ts";
import { bundleChild } from "./child.ts";
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

const POLICY = "delegate:\n  - { actions: [files.install, http.check, assets.copy], hosts: [local] }\n";

/** A step that installs a project file on the host. */
function installStep(space: GateWorkspace, number: number, name: string, keys = "delegated: true\n"): string {
  space.project.write(`deploy/${name}`, `${name}\n`);
  return `### ${number}. Install ${name}\n\n\`\`\`yaml action\nuse: files.install\nhost: here\n${keys}with:\n  files: [{ source: deploy/${name}, destination: ${join(space.host, name)} }]\n\`\`\`\n`;
}

function write(
  space: GateWorkspace,
  steps: readonly string[],
  names: readonly string[],
  more: object = {},
): void {
  const files = `[${names.map((name) => `deploy/${name}`).join(", ")}]`;
  space.writeRunbook(runbookText({ steps: steps.join("\n"), files, ...more }));
}

function delegatedSpace(policy = POLICY): GateWorkspace {
  const space = gateWorkspace();
  space.project.write("policy.yaml", policy);
  return space;
}

/** The gate as an agent opens it. */
function agentGate(space: GateWorkspace): Gate {
  const gate = space.gate();
  return { ...gate, context: { ...gate.context, env: { ...gate.context.env, CLAUDECODE: "1" } } };
}

function runAsAgent(space: GateWorkspace) {
  const operator = { ...scriptedOperator([]), who: "agent sysadmin@infra" };
  const options = { mode: "ssh", operator, facts: { terminal: false }, delegated: true } as const;
  return walkRunbook(agentGate(space), ID, options).then((walk) => ({ walk, operator }));
}

function eventsOf(space: GateWorkspace) {
  const loaded = loadRunbook(space.gate().project, ID);
  return readRecord(loaded.folder, latestWalk(loaded)?.id ?? "").events;
}

const isThere = (space: GateWorkspace, name: string) => existsSync(join(space.host, name));

describe("an agent without a terminal", () => {
  test("runs the delegated steps that are next and leaves the rest to a person, who goes on in the same walk", async () => {
    const space = delegatedSpace();
    const steps = [
      installStep(space, 1, "a"),
      installStep(space, 2, "b"),
      letterStep(3, space.host, "L"),
      installStep(space, 4, "c"),
    ];
    write(space, steps, ["a", "b", "c"]);
    await space.approve();
    const { walk, operator } = await runAsAgent(space);
    expect(walk.phase).toBe("walking");
    expect(operator.seen).toContain("Step 3 is for a person.");
    expect(["a", "b", "letters", "c"].map((name) => isThere(space, name))).toEqual([
      true,
      true,
      false,
      false,
    ]);
    const [start] = eventsOf(space);
    expect(start).toMatchObject({
      event: "start",
      operator: "agent sysadmin@infra",
      delegated: true,
      approver: ADA,
    });

    await expect(runAsAgent(space)).rejects.toMatchObject({ code: "delegated.person", exit: 6 });
    const person = scriptedOperator(["run"]);
    await walkRunbook(space.gate(), ID, { mode: "ssh", operator: person, facts: PRESENT });
    expect(readFileSync(join(space.host, "letters"), "utf8")).toBe("L");

    expect((await runAsAgent(space)).walk.phase).toBe("completed");
    expect(isThere(space, "c")).toBe(true);
    expect(eventsOf(space).filter(({ event }) => event === "start" || event === "resume")).toMatchObject([
      { delegated: true },
      { operator: "ada@example.com" },
      { event: "resume", operator: "agent sysadmin@infra", delegated: true },
    ]);
  });

  test("uses no approval up where the first step is for a person", async () => {
    const space = delegatedSpace();
    write(space, [letterStep(1, space.host, "L"), installStep(space, 2, "a")], ["a"]);
    await space.approve();
    await expect(runAsAgent(space)).rejects.toMatchObject({
      code: "delegated.person",
      message: "step 1 is for a person",
    });
    expect(latestWalk(loadRunbook(space.gate().project, ID))).toBeNull();
  });

  test("runs nothing without an approval, and nothing on one that lapsed", async () => {
    const space = delegatedSpace();
    write(space, [installStep(space, 1, "a")], ["a"]);
    await expect(runAsAgent(space)).rejects.toMatchObject({ code: "approval.none", exit: 6 });
    await space.approve();
    space.project.write("policy.yaml", `${POLICY}# more\n`);
    await expect(runAsAgent(space)).rejects.toMatchObject({ code: "approval.lapsed", exit: 5 });
    expect(isThere(space, "a")).toBe(false);
  });

  test("does not try again what failed, nor what may have run", async () => {
    const space = delegatedSpace();
    write(space, [installStep(space, 1, "a")], ["a"]);
    await space.approve();
    // The destination is a folder: the step fails.
    mkdirSync(join(space.host, "a"));
    const { walk, operator } = await runAsAgent(space);
    expect(walk.phase).toBe("walking");
    expect(operator.seen.join("\n")).toMatch(/Step 1 did not succeed; what now is for a person/);
    rmSync(join(space.host, "a"), { recursive: true });
    const again = await runAsAgent(space);
    expect(again.operator.seen.join("\n")).toMatch(/Step 1 failed; what now is for a person/);
    expect(eventsOf(space).filter(({ event }) => event === "started")).toHaveLength(1);
    expect(isThere(space, "a")).toBe(false);
  });

  test("does not say yes to what stands under Before you start", async () => {
    const space = delegatedSpace();
    const text = runbookText({ steps: installStep(space, 1, "a"), files: "[deploy/a]" });
    space.writeRunbook(text.replace("## Steps", "## Before you start\n\n- The shop is closed\n\n## Steps"));
    await space.approve();
    await expect(runAsAgent(space)).rejects.toMatchObject({ code: "delegated.person", exit: 6 });
  });
});

describe("what is no delegated step is not approved as one", () => {
  const findings = (space: GateWorkspace) =>
    lintRunbook(space.gate().project, loadRunbook(space.gate().project, ID).runbook).flatMap(
      ({ rule, message }) => (rule === "runbook.delegated" ? [message] : []),
    );

  const inventory = (space: GateWorkspace, tier: string) =>
    space.project.write(
      "inventory.yaml",
      `hosts:\n  here: { transport: local, tier: ${tier}, runtime: process, directory: ${space.host} }\n`,
    );

  test.each<[string, string, (space: GateWorkspace) => void, RegExp]>([
    ["without a policy", "# nothing\n", () => {}, /does not delegate files\.install on local hosts/],
    [
      "a policy that cannot be read",
      "delegat: all\n",
      () => {},
      /policy cannot be read, so nothing is allowed/,
    ],
    [
      "a host of another tier",
      POLICY,
      (space) => inventory(space, "staging"),
      /does not delegate .* on staging/,
    ],
    ["a live host", POLICY, (space) => inventory(space, "live"), /goes to a host that counts as live/],
    [
      "a host that the inventory lacks",
      POLICY,
      (space) => space.project.write("inventory.yaml", "hosts: {}\n"),
      /counts as live/,
    ],
  ])("%s", async (_, policy, change, message) => {
    const space = delegatedSpace(policy);
    change(space);
    write(space, [installStep(space, 1, "a")], ["a"]);
    expect(findings(space)).toEqual([expect.stringMatching(message)]);
    await expect(planDecision(space.gate(), ID, { decision: "approve", principal: ADA })).rejects.toThrow();
  });

  test("a command that was changed by hand, or added to the step", () => {
    const space = delegatedSpace();
    const extra = "\n```sh check host=here\ntrue\n```\n";
    write(space, [`${installStep(space, 1, "a")}${extra}`], ["a"]);
    const path = `runbooks/${ID}/runbook.md`;
    const compiled = readFileSync(join(space.project.root, path), "utf8");
    // The compiler made the check its own; a second one is the writer's.
    space.project.write(
      path,
      compiled.replace("## Verification", "```sh check host=here\ntrue\n```\n\n## Verification"),
    );
    expect(findings(space)).toEqual([
      expect.stringMatching(/not all of its commands are what files\.install/),
    ]);
  });

  test("a check under Verification", () => {
    const space = delegatedSpace();
    const verification =
      "```yaml action\nuse: http.check\nhost: here\ndelegated: true\nwith: { url: http://localhost/ }\n```\n";
    write(space, [installStep(space, 1, "a", "")], ["a"], { verification });
    expect(findings(space)).toEqual(["verification is never delegated"]);
  });
});

test("the person who approves reads which steps are delegated, and the signed statement says so", async () => {
  const space = delegatedSpace();
  write(space, [installStep(space, 1, "a"), installStep(space, 2, "b", "")], ["a", "b"]);
  const plan = await planDecision(space.gate(), ID, { decision: "approve", principal: ADA });
  expect(plan.statement.steps.map(({ delegated }) => delegated)).toEqual(["yes", undefined]);
  const pages = plan.pages.filter(({ lines }) => lines.some((line) => line.text.startsWith("DELEGATED")));
  expect(pages.map(({ title }) => title)).toEqual(["Step 1 of 2"]);
});

test("a step that becomes delegated after the approval is not: the approval has lapsed, and says why", async () => {
  const space = delegatedSpace();
  write(space, [installStep(space, 1, "a", "")], ["a"]);
  await space.approve();
  write(space, [installStep(space, 1, "a")], ["a"]);
  await expect(runAsAgent(space)).rejects.toMatchObject({
    code: "approval.lapsed",
    message: expect.stringContaining("step 1 is now delegated"),
  });
});

test("an agent that does not ask for delegated steps is refused as before", async () => {
  const space = delegatedSpace();
  write(space, [installStep(space, 1, "a")], ["a"]);
  await space.approve();
  const options = { mode: "ssh", operator: scriptedOperator(["run"]), facts: PRESENT } as const;
  await expect(walkRunbook(agentGate(space), ID, options)).rejects.toMatchObject({ code: "human.agent" });
});

test("the command line: runbook run --delegated runs them without a terminal and says what a person does next", async () => {
  const space = delegatedSpace();
  write(space, [installStep(space, 1, "a"), letterStep(2, space.host, "L")], ["a"]);
  await space.approve();
  const context = agentGate(space).context;
  const argv = ["runbook", "run", ID, "--delegated", "--json"];
  const wrong = await runIn(space.project.root, context, [...argv, "--from", "nobody"]);
  expect(wrong.exit).toBe(3);
  const result = await runIn(space.project.root, context, argv);
  expect(result).toMatchObject({ exit: 6, stderr: expect.stringContaining("Step 2 is for a person.") });
  expect(JSON.parse(result.stdout)).toMatchObject({ result: { phase: "walking" } });
  expect(eventsOf(space)[0]).toMatchObject({ operator: "agent sysadmin@infra", delegated: true });
  expect(isThere(space, "a")).toBe(true);
});

test("an agent's tool runs them as the command does, and refuses what nobody approved", async () => {
  const space = delegatedSpace();
  write(space, [installStep(space, 1, "a"), letterStep(2, space.host, "L")], ["a"]);
  const { project, context } = agentGate(space);
  const agent = { address: "sysadmin@infra", tool: "test", model: null };
  const caller = { project, context, agent, role: "sysadmin", writes: [], boundary: "b0undary" };
  await expect(runbookRunDelegated.run({ id: ID }, caller)).rejects.toMatchObject({
    code: "approval.none",
  });
  await space.approve();
  const { text, said } = await runbookRunDelegated.run({ id: ID }, caller);
  expect(said).toContain("the walk is walking; a person goes on");
  expect(text).toContain("Step 2 is for a person.");
  expect(eventsOf(space)[0]).toMatchObject({ operator: "agent sysadmin@infra", delegated: true });
  expect([isThere(space, "a"), isThere(space, "letters")]).toEqual([true, false]);
});

test("Ctrl-C ends what a delegated walk runs, and the record says how it ended", async () => {
  const space = delegatedSpace();
  const ask =
    "### 1. Ask\n\n```yaml action\nuse: http.check\nhost: here\ndelegated: true\nwith: { url: http://127.0.0.1:9/ }\n```\n";
  write(space, [ask], []);
  // The program has the clock of this machine.
  space.context.setNow(new Date().toISOString());
  await space.approve();
  const program = await bundleChild("cli-child", space.space.directory);
  const child = spawn(process.execPath, [program, "runbook", "run", ID, "--delegated"], {
    ...{ cwd: space.project.root, env: { ...space.context.env, CLAUDECODE: "1" } },
    stdio: ["ignore", "ignore", "pipe"],
  });
  child.stderr.on("data", (chunk: Buffer) => {
    if (chunk.includes("the next one follows")) child.kill("SIGINT");
  });
  expect(await new Promise((resolve) => child.on("exit", resolve))).toBe(130);
  expect(eventsOf(space).slice(-2)).toMatchObject([
    { event: "checked", ok: false, ended: "interrupt" },
    { event: "stopped" },
  ]);
});
