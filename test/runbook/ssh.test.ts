import { spawn } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireApproval } from "../../src/runbook/approval.ts";
import type { Gate } from "../../src/runbook/gate.ts";
import { latestWalk } from "../../src/runbook/latest-walk.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { type Host, startHost } from "../e2e/host.ts";
import { missingComponents, nameWithMissing } from "../e2e/missing-components.ts";
import { bundleChild } from "./child.ts";
import { type GateWorkspace, gateWorkspace, ID, runbookText } from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

const missing = missingComponents(["sshd"]);
const facts = { terminal: true };

describe.skipIf(missing.length > 0)(nameWithMissing("over OpenSSH", missing), () => {
  let host: Host;

  beforeAll(async () => {
    host = await startHost({ parts: ["sshd"] });
  });
  afterAll(async () => {
    await host?.stop();
  });

  /** A project whose runbook has these commands, one step each, on the real host. */
  function onHost(commands: readonly string[], extra = "", fence = ""): GateWorkspace {
    const space = gateWorkspace();
    const env = space.context.env as Record<string, string>;
    env.PATH = host.operatorEnv.PATH ?? "";
    space.project.write("inventory.yaml", `hosts:\n  web1: { ${extra} }\n`);
    const steps = commands.map(
      (command, i) =>
        `### ${i + 1}. Do it\n\n\`\`\`sh run host=web1${fence}\n${command}\n\`\`\`\n\n\`\`\`sh check host=web1\ntrue\n\`\`\`\n\nNo rollback: a test.\n`,
    );
    space.writeRunbook(
      runbookText({
        hosts: "[web1]",
        variables: '{ WORD: "it\'s" }',
        steps: steps.join("\n"),
        verification: "```sh check host=web1\ntrue\n```",
      }),
    );
    return space;
  }

  async function walk(space: GateWorkspace, answers: readonly string[], gate: Gate = space.gate()) {
    const operator = scriptedOperator(answers);
    const outcome = await walkRunbook(gate, ID, { mode: "ssh", operator, facts });
    return { ...outcome, operator };
  }

  async function isRunning(marker: string): Promise<boolean> {
    const { stdout } = await host.run(`ps -eo args | grep -c "^sleep ${marker}" || true`);
    return stdout.trim() !== "0";
  }

  test("a step goes to the host with its variables quoted, and its output comes back", async () => {
    const space = onHost(
      ['echo "$WORD on $(whoami)"; cat; exit 0', "echo two"],
      `host_keys: ["${host.hostKeyFingerprint}"]`,
    );
    await space.approve();
    const { phase, operator } = await walk(space, ["run", "run"]);
    expect(phase).toBe("completed");
    expect(operator.screen.join("")).toMatch(/^it's on \S+\ntwo\n$/);
    expect(operator.steps[0]).toMatchObject({ tier: "live", run: { transport: "ssh", host: "web1" } });
  });

  test("a time-out ends the process on the host, not only our end of it", async () => {
    const space = onHost(["sleep 1917 & wait"], "", " timeout=1s");
    await space.approve();
    const { phase, operator } = await walk(space, ["run", "stop"]);
    expect(phase).toBe("walking");
    expect(operator.seen.join("\n")).toContain("The command failed");
    expect(await isRunning("1917")).toBe(false);
  });

  test("when the laptop dies the process on the host ends too, and its outcome is unknown", async () => {
    const space = onHost(["sleep 1918 & wait"]);
    await space.approve();
    const program = await bundleChild("walk-child", space.space.directory);
    const env = space.context.env as NodeJS.ProcessEnv;
    // In a group of its own, so that ssh dies with it.
    const child = spawn(process.execPath, [program, space.project.root, ID], {
      env,
      detached: true,
      stdio: "ignore",
    });
    while (!(await isRunning("1918"))) await sleep(100);
    process.kill(-(child.pid ?? 0), "SIGKILL");
    while (await isRunning("1918")) await sleep(100);
    expect(latestWalk(loadRunbook(space.gate().project, ID))?.state.steps[0]?.run).toBe("unknown");
  });

  test("a connection that is cut in the middle leaves the step unknown, and asks", async () => {
    const space = onHost([
      "pid=$$; while :; do parent=$(ps -o ppid= -p $pid | tr -d ' '); case $(ps -o args= -p $parent) in sshd*) kill $parent; sleep 9 ;; esac; pid=$parent; done",
    ]);
    await space.approve();
    const { operator } = await walk(space, ["run", "stop"]);
    expect(operator.seen.join("\n")).toContain("nothing says how it ended");
  });

  test("an alias that leads to another place lapses the approval, and so does another host key", async () => {
    const space = onHost(["true"]);
    await space.approve();
    const saved = join(space.space.directory, "ssh_config");
    copyFileSync(host.sshConfig, saved);
    writeFileSync(
      host.sshConfig,
      readFileSync(saved, "utf8").replace("HostName 127.0.0.1", "HostName 127.0.0.2"),
    );
    const ask = () => requireApproval(space.gate(), loadRunbook(space.gate().project, ID));
    await expect(ask()).rejects.toMatchObject({
      code: "approval.lapsed",
      facts: { reason: "replay" },
      message: expect.stringContaining(`host web1 was 127.0.0.1:${host.sshPort} and is 127.0.0.2`),
    });
    copyFileSync(saved, host.sshConfig);
    const keys = readFileSync(host.knownHosts, "utf8");
    const other = readFileSync(
      join(space.context.env.HOME ?? "", ".config/vibeops/approval_key.pub"),
      "utf8",
    );
    writeFileSync(host.knownHosts, `[127.0.0.1]:${host.sshPort} ${other.split(" ").slice(0, 2).join(" ")}\n`);
    await expect(ask()).rejects.toMatchObject({ facts: { reason: "hostkey" } });
    writeFileSync(host.knownHosts, keys);
    await expect(ask()).resolves.toBeDefined();
  });

  test("a key that known_hosts learnt after the approval is not one that a connection may meet", async () => {
    const space = onHost(["echo arrived"]);
    const keys = readFileSync(host.knownHosts, "utf8");
    const other = readFileSync(
      join(space.context.env.HOME ?? "", ".config/vibeops/approval_key.pub"),
      "utf8",
    );
    const strange = `[127.0.0.1]:${host.sshPort} ${other.split(" ").slice(0, 2).join(" ")}\n`;
    // Approved while another key was known beside the host's; then the host's own is the one that is strange.
    writeFileSync(host.knownHosts, strange);
    await space.approve();
    writeFileSync(host.knownHosts, strange + keys);
    const { operator } = await walk(space, ["run", "stop"]);
    writeFileSync(host.knownHosts, keys);
    expect(operator.seen.join("\n")).toContain("It did not run.");
    expect(operator.seen.join("\n")).toContain("Host key verification failed");
    expect(operator.screen.join("")).not.toContain("arrived");
  });

  test("a host that nobody has a key of is sent nothing, and the step is known not to have run", async () => {
    const space = onHost(
      ["echo arrived"],
      'host_keys: ["SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]',
    );
    await space.approve();
    const { operator } = await walk(space, ["run", "stop"]);
    expect(operator.seen.join("\n")).toContain("It did not run. no approved key of host web1 is known here");
    expect(latestWalk(loadRunbook(space.gate().project, ID))?.state.steps[0]).toMatchObject({
      run: "pending",
      touched: false,
    });
  });
});
