import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planDecision } from "../../src/runbook/decide.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, makeTestKey, runbookText } from "./gate-workspace.ts";

/** Approves a runbook for `stg`, with this configuration of ssh and these lines of known_hosts. */
async function approveFor(inventory: string, config: string, known: (space: GateWorkspace) => string) {
  const space = gateWorkspace();
  space.project.write("inventory.yaml", `hosts:\n${inventory}`);
  const bin = join(space.space.directory, "bin");
  mkdirSync(bin, { mode: 0o755 });
  const list = join(space.space.directory, "known_hosts");
  const ssh = execFileSync("which", ["ssh"], { encoding: "utf8" }).trim();
  const file = join(space.space.directory, "config");
  writeFileSync(file, `${config}Host *\n  UserKnownHostsFile ${list}\n`);
  writeFileSync(join(bin, "ssh"), `#!/bin/sh\nexec ${ssh} -F ${file} "$@"\n`, { mode: 0o755 });
  writeFileSync(list, known(space));
  const fence = (kind: string) => `\`\`\`sh ${kind} host=stg\ntrue\n\`\`\``;
  const steps = `### 1. Try\n\n${fence("run")}\n\n${fence("check")}\n\n${fence("rollback")}\n`;
  space.writeRunbook(runbookText({ hosts: "[stg]", steps, verification: fence("check") }));
  const gate = space.gate();
  const env = { ...space.context.env, PATH: `${bin}:${space.context.env.PATH}` };
  const request = { decision: "approve", principal: ADA } as const;
  return await planDecision({ ...gate, context: { ...gate.context, env } }, ID, request);
}

function keyLine(space: GateWorkspace, name: string): string {
  const file = join(space.space.directory, `key-${name}`);
  makeTestKey(file, "");
  return readFileSync(`${file}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
}

const STAGING = "  stg: { address: 192.0.2.9, tier: staging }\n  web1: { address: 192.0.2.1 }\n";

test("a second name that ssh leads to a live machine is not approved as staging", async () => {
  const config = "Host stg.example.com\n  HostName 192.0.2.1\n  User other\n";
  const inventory = STAGING.replace("192.0.2.9", "stg.example.com");
  await expect(approveFor(inventory, config, () => "")).rejects.toMatchObject({
    code: "approval.host-twice",
  });
});

test("a staging host with the host key of a live one is not approved, whatever keys the inventory pins", async () => {
  const sameKey = (space: GateWorkspace) => {
    const key = keyLine(space, "one");
    return `192.0.2.1 ${key}\n192.0.2.9 ${key}\n`;
  };
  await expect(approveFor(STAGING, "", sameKey)).rejects.toMatchObject({
    code: "approval.host-twice",
    exit: 5,
    message: "host stg counts as staging, and by its address or host key it is web1, which is live",
  });
  const pin = `host_keys: ["SHA256:${"A".repeat(43)}"]`;
  const pinned = STAGING.replace("tier: staging", `tier: staging, ${pin}`);
  await expect(approveFor(pinned, "", sameKey)).rejects.toMatchObject({ code: "approval.host-twice" });
});

test("two machines are two: with keys of their own, of one authority, or of one tier", async () => {
  const own = (space: GateWorkspace) =>
    `192.0.2.1 ${keyLine(space, "one")}\n192.0.2.9 ${keyLine(space, "two")}\n`;
  expect((await approveFor(STAGING, "", own)).pages.length).toBeGreaterThan(0);
  const authority = (space: GateWorkspace) => `@cert-authority 192.0.2.* ${keyLine(space, "ca")}\n`;
  expect((await approveFor(STAGING, "", authority)).pages.length).toBeGreaterThan(0);
  const sameKey = (space: GateWorkspace) => `192.0.2.* ${keyLine(space, "one")}\n`;
  const live = STAGING.replace(", tier: staging", "");
  expect((await approveFor(live, "", sameKey)).pages.length).toBeGreaterThan(0);
});
