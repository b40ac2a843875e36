import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { requireApproval } from "../../src/runbook/approval.ts";
import type { Gate } from "../../src/runbook/gate.ts";
import { lockRemoval } from "../../src/runbook/host-lock.ts";
import { latestWalk } from "../../src/runbook/latest-walk.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import { type Host, startHost } from "../e2e/host.ts";
import { missingComponents, nameWithMissing } from "../e2e/missing-components.ts";
import { bundleChild } from "./child.ts";
import { everyProcess } from "./every-process.ts";
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

  afterEach(async () => {
    // What a walk that was left keeps is not the next test's.
    await host.run("rm -rf /var/tmp/vibeops-walk-*");
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

  function stateOf(space: GateWorkspace) {
    return latestWalk(loadRunbook(space.gate().project, ID))?.state;
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
    expect(operator.steps[0]).toMatchObject({ tier: "live", run: { transport: "ssh", hosts: ["web1"] } });
  });

  test("a time-out ends the process on the host, not only our end of it", async () => {
    const space = onHost(["sleep 1917 & wait"], "", " timeout=1s");
    await space.approve();
    const { phase, operator } = await walk(space, ["run", "stop"]);
    expect(phase).toBe("walking");
    expect(operator.seen.join("\n")).toContain("The command failed");
    expect(await isRunning("1917")).toBe(false);
  });

  /** The same machine under two names, as two hosts. */
  function onTwoNames(run: string, how: string): GateWorkspace {
    const space = gateWorkspace();
    (space.context.env as Record<string, string>).PATH = host.operatorEnv.PATH ?? "";
    space.project.write("inventory.yaml", "hosts:\n  web1: {}\n  web2: { address: web1 }\n");
    const check = "```sh check host=web1,web2\ntrue\n```";
    const steps = `### 1. Do it\n\n\`\`\`sh run host=web1,web2 ${how}\n${run}\n\`\`\`\n\n${check}\n\nNo rollback: a test.\n`;
    space.writeRunbook(runbookText({ hosts: "[web1, web2]", steps, verification: check }));
    return space;
  }

  test("several hosts run at the same time, each line with its name, and what failed is retried alone", async () => {
    const meet = `/tmp/meet-${process.pid}`;
    // Each waits for the other, so that one after another could not end; then the first that gets there fails, once.
    const run = [
      `mkdir -p ${meet}; mktemp ${meet}/XXXXXX >/dev/null`,
      `until test "$(ls ${meet} | wc -l)" -ge 2; do sleep 0.1; done`,
      `echo here I am; ! mkdir ${meet}-once 2>/dev/null`,
    ].join("\n");
    const space = onTwoNames(run, "together timeout=60s");
    await space.approve();
    try {
      const { phase, operator } = await walk(space, ["run", "retry", "run"]);
      expect(phase).toBe("completed");
      expect(operator.from.toSorted().filter((name, i, all) => name !== all[i - 1])).toEqual([
        "web1",
        "web2",
      ]);
      const lines = latestWalk(loadRunbook(space.gate().project, ID))?.record.events ?? [];
      const started = lines.flatMap((line) => (line.event === "started" ? [line.host] : []));
      const failed = lines.flatMap((line) => ("outcome" in line && line.outcome === "failed" ? [line] : []));
      expect(failed).toHaveLength(1);
      expect(started).toEqual([
        "web1",
        "web2",
        "host" in (failed[0] ?? {}) && (failed[0] as { host?: string }).host,
      ]);
    } finally {
      await host.run(`rm -rf ${meet} ${meet}-once`);
    }
  }, 180_000);

  test("a machine under two names is locked once: the walk knows its own lock, and says so", async () => {
    const space = onTwoNames("true", "");
    await space.approve();
    const { phase, operator } = await walk(space, ["run"]);
    expect(phase).toBe("completed");
    const said = operator.seen.join("\n");
    expect(said).toContain("Step 0: web2 is the same machine as web1, locked for this walk already.");
    expect(said).not.toContain("somebody broke it");
    const lines = latestWalk(loadRunbook(space.gate().project, ID))?.record.events ?? [];
    expect(lines.flatMap((line) => (line.event === "unlocked" ? [[line.host, line.outcome]] : []))).toEqual([
      ["web1", "released"],
      ["web2", "released"],
    ]);
  }, 60_000);

  test("a time-out, and Ctrl-C, end the process groups on all of several hosts", async () => {
    const space = onTwoNames("sleep 1921 & wait", "together timeout=1s");
    await space.approve();
    await walk(space, ["run", "stop"]);
    expect(await isRunning("1921")).toBe(false);

    const other = onTwoNames("echo go; sleep 1922 & wait", "together");
    await other.approve();
    await host.run("rm -rf /var/tmp/vibeops-walk-*");
    const begun = new Set<string | undefined>();
    let controller = new AbortController();
    const operator = {
      ...scriptedOperator(["run", "stop"]),
      output: (_: string, text: string, from?: string) => {
        if (text.includes("go")) begun.add(from);
        if (begun.size === 2) controller.abort();
      },
      interruptible: async <T>(run: (signal: AbortSignal) => Promise<T>) => {
        controller = new AbortController();
        return await run(controller.signal);
      },
    };
    await walkRunbook(other.gate(), ID, { mode: "ssh", operator, facts });
    expect(begun.size).toBe(2);
    expect(await isRunning("1922")).toBe(false);
    const state = stateOf(other)?.steps[0];
    expect([...(state?.perHost.run.values() ?? [])]).toEqual(["failed", "failed"]);
  }, 180_000);

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
    const seen = operator.seen.join("\n");
    expect(seen).toContain(
      "The connection to web1 broke while it ran. It may run there for two minutes more",
    );
    expect(seen).toContain("nothing says how it ended");
  });

  test("a login shell that ends without a word is named, before the lock and before a step", async () => {
    const space = onHost(["echo it ran"]);
    await space.approve();
    const keys = join(host.directory, "ssh/authorized_keys");
    const before = readFileSync(keys, "utf8");
    const why =
      "web1 ended the connection before anything began. See what its login shell does: ssh web1 true";
    const endAtOnce = () => writeFileSync(keys, `command="exit 3" ${before}`);
    try {
      endAtOnce();
      await expect(walk(space, [])).rejects.toThrow(why);
      writeFileSync(keys, before);
      const operator = scriptedOperator(["run", "stop"]);
      const choose = operator.choose.bind(operator);
      operator.choose = async (question, choices) => {
        endAtOnce();
        return await choose(question, choices);
      };
      await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts });
      expect(operator.seen.join("\n")).toContain(`It did not run: ${why}`);
    } finally {
      writeFileSync(keys, before);
    }
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
      message: expect.stringContaining(
        `host web1 was ${userInfo().username}@127.0.0.1:${host.sshPort} and is ${userInfo().username}@127.0.0.2`,
      ),
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

  test.each([
    ["User somebody", "and is somebody@127.0.0.1"],
    ["Port 2", "@127.0.0.1:2;"],
    ["ProxyJump other@jump.example.com", "over other@jump.example.com (nobody knows where)"],
    ["ProxyCommand nc %h 9", "over nc %h 9"],
    ["HostKeyAlias twin", "with the key of twin"],
  ])("%s in the ssh configuration lapses the approval, and is named", async (line, named) => {
    const space = onHost(["true"]);
    await space.approve();
    const saved = readFileSync(host.sshConfig, "utf8");
    writeFileSync(host.sshConfig, `${line}\n${saved}`);
    try {
      await expect(
        requireApproval(space.gate(), loadRunbook(space.gate().project, ID)),
      ).rejects.toMatchObject({
        code: "approval.lapsed",
        facts: { reason: "replay" },
        message: expect.stringContaining(
          `host web1 was ${userInfo().username}@127.0.0.1:${host.sshPort} and is `,
        ),
      });
      await expect(
        requireApproval(space.gate(), loadRunbook(space.gate().project, ID)),
      ).rejects.toMatchObject({ message: expect.stringContaining(named) });
    } finally {
      writeFileSync(host.sshConfig, saved);
    }
  });

  test("two people in two checkouts do not walk on one host: the second is told who is there", async () => {
    const [first, second] = [onHost(["echo one"]), onHost(["echo two"])];
    await first.approve();
    await second.approve();
    const { walk: id } = await walk(first, ["stop"]);
    await expect(walk(second, ["stop"])).rejects.toMatchObject({
      code: "host.locked",
      exit: 7,
      message: expect.stringMatching(new RegExp(`web1 is locked by ada@example.com from .* walk ${id}`)),
    });
    expect((await walk(first, ["run"])).phase).toBe("completed");
    expect((await walk(second, ["run"])).phase).toBe("completed");
  });

  test("a host that cannot be reached any more keeps no walk from its end: that its lock was left is said", async () => {
    const space = onHost(["true"]);
    await space.approve();
    const config = readFileSync(host.sshConfig, "utf8");
    const operator = scriptedOperator(["skip", "not needed"], (question) => {
      if (!question.startsWith("Why")) return;
      // From here on no connection stands.
      writeFileSync(host.sshConfig, `Ciphers aes128-cbc\n${config}`);
    });
    try {
      const outcome = await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts });
      expect(outcome.phase).toBe("completed");
      const lines = latestWalk(loadRunbook(space.gate().project, ID))?.record.events;
      expect(lines?.at(-2)).toMatchObject({ event: "unlocked", host: "web1", outcome: "left" });
      expect(operator.seen.join("\n")).toContain(`Remove it there: ${lockRemoval(outcome.walk)}`);
    } finally {
      writeFileSync(host.sshConfig, config);
    }
  });

  test("neither a value nor the wrapper's token is in any argument or environment while a step runs", async () => {
    const space = onHost(["echo go; sleep 1"]);
    await space.approve();
    const tokens: string[] = [];
    const gate = space.gate();
    const randomBytes = (count: number) => {
      const bytes = gate.context.randomBytes(count);
      tokens.push(Buffer.from(bytes).toString("hex"));
      return bytes;
    };
    const base = scriptedOperator(["run"]);
    let seen = "";
    const output = (_: string, text: string) => {
      if (text.includes("go")) seen = everyProcess();
    };
    const operator = { ...base, output };
    const watched = { ...gate, context: { ...gate.context, randomBytes } };
    expect((await walkRunbook(watched, ID, { mode: "ssh", operator, facts })).phase).toBe("completed");
    expect(seen).toContain("vibeops-step");
    expect(seen).not.toContain("WORD='it");
    for (const token of tokens.filter((one) => one.length === 32)) expect(seen).not.toContain(token);
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
    const refused = await walk(space, ["run", "stop"]).catch((error: unknown) => error);
    writeFileSync(host.knownHosts, keys);
    expect(refused).toMatchObject({
      code: "host.no-lock",
      message: expect.stringContaining("Host key verification failed"),
    });
    expect(stateOf(space)?.steps[0]).toMatchObject({ run: "pending", touched: false });
  });

  test("what ssh says on the way to a host is output, told once, and another host key is named as what it is", async () => {
    const space = onHost(["echo arrived"]);
    const env = space.context.env as Record<string, string>;
    const bin = join(space.space.directory, "bin");
    const flag = join(bin, "other-machine");
    mkdirSync(bin);
    const words = "Step 1: The check passed.\\nHost key verification failed.\\n";
    const stub = [
      "#!/bin/sh",
      `if [ -e ${flag} ]; then case "$*" in *vibeops-step*) printf '${words}' >&2; exit 255 ;; esac; fi`,
      `exec ${join(host.directory, "operator/bin/ssh")} "$@"`,
    ];
    writeFileSync(join(bin, "ssh"), `${stub.join("\n")}\n`, { mode: 0o755 });
    env.PATH = `${bin}:${env.PATH}`;
    await space.approve();
    const operator = scriptedOperator(["run", "stop"], (question) => {
      if (question.startsWith("Run this step")) writeFileSync(flag, "");
    });
    await walkRunbook(space.gate(), ID, { mode: "ssh", operator, facts });
    expect(operator.screen.join("")).toContain("Step 1: The check passed.");
    expect(operator.seen.filter((line) => line.includes("The check passed"))).toEqual([]);
    expect(operator.seen.filter((line) => line.startsWith("It did not run"))).toEqual([
      expect.stringMatching(/^It did not run: .* key that was not approved\. .*ssh web1.*approve again/),
    ]);
  });

  test("a host that nobody has a key of is sent nothing, and the step is known not to have run", async () => {
    const space = onHost(
      ["echo arrived"],
      'host_keys: ["SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]',
    );
    await space.approve();
    await expect(walk(space, ["run", "stop"])).rejects.toMatchObject({
      code: "host.no-lock",
      message: expect.stringContaining("no approved key of host web1 is known here"),
    });
    expect(stateOf(space)?.steps[0]).toMatchObject({
      run: "pending",
      touched: false,
    });
  });
});
