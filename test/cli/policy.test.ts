import { expect, test } from "vitest";
import { loadProject } from "../../src/project/project.ts";
import { compileRunbook } from "../../src/runbook/compile-runbook.ts";
import { projectSource } from "../../src/runbook/project-files.ts";
import { workspace } from "../helpers/workspace.ts";

const ID = "20261120T150000Z-m2x9vaq4";
const INVENTORY = [
  "hosts:",
  "  web1: { transport: ssh, tier: live, directory: /srv }",
  "  stage1: { transport: ssh, tier: staging, directory: /srv }",
  "",
].join("\n");

const RUNBOOK = `---
id: ${ID}
title: Deploy shop 1.2.0
author: sysadmin@infra
hosts: [web1, stage1]
files: [deploy/shop/compose.yaml]
---

## Summary

Ships it.

## Steps

### 1. Install on staging

\`\`\`yaml action
use: files.install
host: stage1
delegated: true
with: { files: [{ source: deploy/shop/compose.yaml, destination: /srv/shop/compose.yaml }] }
\`\`\`

### 2. Start

\`\`\`sh run host=web1 timeout=5m
systemctl restart shop
\`\`\`

\`\`\`sh check host=web1
true
\`\`\`

There is no way back: a restart cannot be undone.

## Verification
`;

function make(policy: string) {
  const { project } = workspace();
  const infra = project("infra", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
  infra.write("inventory.yaml", INVENTORY);
  infra.write("policy.yaml", policy);
  infra.write("deploy/shop/compose.yaml", "services: {}\n");
  const path = `runbooks/${ID}/runbook.md`;
  infra.write(path, compileRunbook(RUNBOOK, path, projectSource(loadProject(infra.root))));
  return infra;
}

const POLICY = [
  "delegate:",
  "  - { actions: [files.install], hosts: [staging] }",
  "approval:",
  `  approvals: 'tier == "live" && raw ? 2 : 1'`,
  "  four_eyes: [live, destructive]",
  "  expiry: 8h",
  "",
].join("\n");

test("check says for each open runbook its tier, who approves, for how long, and what may be delegated", async () => {
  const { vibeops } = make(POLICY);
  const { exit, stdout } = await vibeops("policy", "check");
  expect(stdout).toContain("live (web1, stage1: live, staging)");
  expect(stdout).toContain("2 people, none of them its author (sysadmin@infra)");
  expect(stdout).toContain("expiry     8h");
  expect(stdout).toContain("step 1, Install on staging: allowed");
  expect(exit).toBe(0);
  const { result } = JSON.parse((await vibeops("policy", "check", "m2x9", "--json")).stdout);
  expect(result).toMatchObject({ findings: [], runbooks: [{ id: ID, tier: "live", facts: { raw: true } }] });
});

test("explain names each rule with its line, the facts that it was decided by, and what each command's tier comes from", async () => {
  const { vibeops } = make(POLICY);
  const { stdout } = await vibeops("policy", "explain", "m2x9");
  expect(stdout).toContain('approval.approvals gave 2  (policy.yaml:4)  tier == "live" && raw ? 2 : 1');
  expect(stdout).toContain('tier = "live"\n      raw = true\n');
  expect(stdout).toContain("approval.expiry gave 8h  (policy.yaml:6)");
  expect(stdout).toMatch(/step 1 +run on stage1 +staging .*files\.install vouches for it/);
  expect(stdout).toMatch(/step 2 +run on web1 +live +line \d+: no action/);
});

test("what policy.yaml does not say is called the default", async () => {
  const { vibeops } = make("delegate: []\n");
  const { stdout } = await vibeops("policy", "explain", "m2x9");
  expect(stdout).toContain("approval.approvals gave 1  (the default: policy.yaml does not say)");
  expect(stdout).toContain("approval.four_eyes gave false  (the default");
  expect(stdout).toContain("not allowed, policy.yaml does not delegate files.install on staging hosts");
});

test.each([
  [
    "a rule over a fact that there is not",
    "approval:\n  approvals: 'tear == \"live\" ? 2 : 1'\n",
    "policy.rule",
    2,
  ],
  ["a rule of another type", "approval:\n  four_eyes: '1 + 1'\n", "policy.rule", 2],
  ["what cannot be read", "approval:\n  four_eye: true\n", "policy.unreadable", 2],
])("check finds %s, once and with its line, and ends with 4", async (_, policy, rule, line) => {
  const { vibeops } = make(policy);
  const { exit, stdout } = await vibeops("policy", "check", "--json");
  expect(JSON.parse(stdout).result).toMatchObject({
    findings: [{ rule, level: "error", line, file: "policy.yaml" }],
    runbooks: [],
  });
  expect(exit).toBe(4);
});

test("check finds a broken rule where no runbook would have asked it", async () => {
  const { project } = workspace();
  const infra = project("infra", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
  infra.write("policy.yaml", "approval: { approvals: 'nobody' }\n");
  expect((await infra.vibeops("policy", "check")).exit).toBe(4);
  infra.write("policy.yaml", "approval: { approvals: 2 }\n");
  expect(await infra.vibeops("policy", "check")).toMatchObject({ exit: 0 });
});

test("check warns of a delegation for an action that does not exist, and names the nearest", async () => {
  const { vibeops } = make("delegate:\n  - { actions: [file.install], hosts: [staging] }\n");
  const { exit, stdout } = await vibeops("policy", "check");
  expect(stdout).toContain("policy.yaml:2: warning: there is no action 'file.install'");
  expect(stdout).toContain("fix: write: files.install");
  expect(exit).toBe(0);
});

test.each([
  ["[live]", "'destructive'", "[live, destructive]"],
  ["[destructive, staging]", "'live'", "[staging, live, destructive]"],
])("check warns of four eyes for %s, since %s is graver and passes without", async (tiers, omitted, fix) => {
  const { vibeops } = make(`approval:\n  four_eyes: ${tiers}\n`);
  const { exit, stdout } = await vibeops("policy", "check");
  expect(exit).toBe(0);
  expect(stdout).toContain("policy.yaml:2");
  expect(stdout).toContain(`and not the graver ${omitted}: `);
  expect(stdout).toContain(`four_eyes: ${fix}`);
});

test.each(["[live, destructive]", "[destructive]", "true"])("check takes four eyes for %s", async (tiers) => {
  const { vibeops } = make(`approval:\n  four_eyes: ${tiers}\n`);
  expect((await vibeops("policy", "check")).stdout).not.toContain("graver");
});

test("a runbook that cannot be read is a finding, and hides no other", async () => {
  const infra = make(POLICY);
  infra.write("runbooks/20261120T150001Z-aaaaaaaa/runbook.md", "nothing\n");
  const { exit, stdout } = await infra.vibeops("policy", "check", "--json");
  const { findings, runbooks } = JSON.parse(stdout).result;
  expect(findings).toHaveLength(1);
  expect(runbooks).toHaveLength(1);
  expect(exit).toBe(4);
});

const CASES = [
  "cases:",
  "  - name: raw and live wants two",
  "    facts: { tier: live, raw: true }",
  "    expect: { approvals: 2, four_eyes: true, expiry: 8h }",
  "  - name: staging wants one",
  "    facts: { tier: staging }",
  "    expect: { approvals: 1, four_eyes: false }",
  "  - name: files go to staging by themselves",
  "    step: { action: files.install, hosts: [staging] }",
  "    expect: { delegated: true }",
  "  - name: nothing goes to live by itself",
  "    step: { action: files.install, hosts: [live] }",
  "    expect: { delegated: false }",
  "",
].join("\n");

test("test passes where every case comes out as expected, and names with its line what does not", async () => {
  const infra = make(POLICY);
  infra.write("policy-tests.yaml", CASES);
  expect(await infra.vibeops("policy", "test")).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining("4 of 4 come out as expected"),
  });
  infra.write("policy.yaml", POLICY.replace("2 : 1", "3 : 1").replace("[staging]", "[local]"));
  const { exit, stdout } = await infra.vibeops("policy", "test");
  expect(stdout).toContain(
    "failed  raw and live wants two (policy-tests.yaml:2)\n        approvals: expected 2, got 3",
  );
  expect(stdout).toContain("does not delegate files.install on staging hosts");
  expect(stdout).toContain("2 of 4 come out as expected");
  expect(exit).toBe(4);
});

test("test without cases, with unknown keys, or with a policy that cannot be read, says so and passes nothing", async () => {
  const infra = make(POLICY);
  expect((await infra.vibeops("policy", "test")).exit).toBe(3);
  infra.write(
    "policy-tests.yaml",
    "cases:\n  - { name: x, facts: { teir: live }, expect: { approvals: 1 } }\n",
  );
  expect((await infra.vibeops("policy", "test")).exit).toBe(4);
  infra.write("policy-tests.yaml", CASES);
  infra.write("policy.yaml", "approval: { approvals: 'tear' }\n");
  expect((await infra.vibeops("policy", "test")).exit).toBe(5);
});
