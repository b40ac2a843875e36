import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { InventoryHost } from "../../src/project/inventory.ts";
import { type HostResult, runOnHost } from "../../src/runbook/host.ts";
import { type HostIdentity, identifyHost } from "../../src/runbook/host-identity.ts";
import { type Host, startHost } from "../e2e/host.ts";
import { missingComponents, nameWithMissing } from "../e2e/missing-components.ts";

const missing = missingComponents(["sshd"]);
const entry: InventoryHost = { transport: "ssh", tier: "live", runtime: "compose", directory: "/srv" };

describe.skipIf(missing.length > 0)(nameWithMissing("one step over OpenSSH", missing), () => {
  let host: Host;
  let folder: string;
  let config: string;

  beforeAll(async () => {
    host = await startHost({ parts: ["sshd"] });
    config = readFileSync(host.sshConfig, "utf8");
  });
  afterAll(async () => {
    await host?.stop();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vibeops-test-"));
  });
  afterEach(() => {
    writeFileSync(host.sshConfig, config);
    rmSync(folder, { recursive: true, force: true });
  });

  async function identify(): Promise<HostIdentity> {
    return await identifyHost("web1", entry, host.operatorEnv);
  }

  interface Options {
    identity?: HostIdentity;
    timeoutMs?: number;
    signal?: AbortSignal;
    onOutput?: (text: string) => void;
  }

  async function run(script: string, options: Options = {}): Promise<HostResult> {
    const { signal, onOutput } = options;
    return await runOnHost({
      host: entry,
      identity: options.identity ?? (await identify()),
      bytes: Buffer.from(`${script}\n`),
      timeoutMs: options.timeoutMs ?? 60_000,
      context: { env: host.operatorEnv, now: () => new Date(), randomBytes },
      ...(signal === undefined ? {} : { signal }),
      ...(onOutput === undefined ? {} : { onOutput: (_, text) => onOutput(text) }),
    });
  }

  async function isRunning(args: string): Promise<boolean> {
    const { stdout } = await host.run(`ps -eo args | grep -cx "${args}" || true`);
    return stdout.trim() !== "0";
  }

  /** A configuration with these lines before those of the test's host: the first one counts. */
  function configure(...lines: readonly string[]): void {
    writeFileSync(host.sshConfig, `${lines.join("\n")}\n${config}`);
  }

  test("a child that keeps the output open does not hold the connection open, and goes on", async () => {
    const result = await run("sleep 2911 & echo started; exit 4");
    expect(result).toEqual({ state: "ended", exit: 4, stdout: "started\n", stderr: "", cause: "done" });
    expect(await isRunning("sleep 2911")).toBe(true);
  });

  test("an interrupt ends a step that ignores TERM, and its children with it", async () => {
    const controller = new AbortController();
    const result = await run("trap '' TERM INT HUP; sleep 2912 & echo go; while :; do sleep 1; done", {
      signal: controller.signal,
      onOutput: (text) => text.includes("go") && controller.abort(),
    });
    expect(result).toMatchObject({ state: "ended", exit: 137, cause: "interrupt" });
    expect(await isRunning("sleep 2912")).toBe(false);
  });

  test("a time-out ends a step that ignores TERM, and its children with it", async () => {
    const script = "trap '' TERM INT HUP; sleep 2913 & while :; do sleep 1; done";
    expect(await run(script, { timeoutMs: 1000 })).toMatchObject({ state: "ended", cause: "timeout" });
    expect(await isRunning("sleep 2913")).toBe(false);
  });

  test("a connection that is killed in the middle is an unknown outcome, and the step ends on the host", async () => {
    const result = await run("trap '' HUP; echo go; sleep 2914", {
      onOutput: () => {
        for (const pid of ownConnections()) process.kill(pid, "SIGKILL");
      },
    });
    expect(result).toMatchObject({ state: "lost", exit: null, cause: "lost", stdout: "go\n" });
    for (let left = 100; left > 0 && (await isRunning("sleep 2914")); left -= 1) await sleep(100);
    expect(await isRunning("sleep 2914")).toBe(false);
  });

  test("what a login shell prints before the step is no output of the step", async () => {
    const keys = join(host.directory, "ssh/authorized_keys");
    const before = readFileSync(keys, "utf8");
    const greeting = "echo 'Welcome: all is ok'; printf 'No end of line'";
    writeFileSync(keys, `command="${greeting}; eval \\"$SSH_ORIGINAL_COMMAND\\"" ${before}`);
    try {
      const { state, stdout, stderr } = await run("printf 'its own'");
      expect({ state, stdout }).toEqual({ state: "ended", stdout: "its own" });
      // Told all the same: what says "this account is closed" says so there.
      expect(stderr).toContain("Welcome: all is ok\nNo end of line");
    } finally {
      writeFileSync(keys, before);
    }
  });

  test("no other source of host keys counts, and no host goes without: only what was approved", async () => {
    const key = readFileSync(host.knownHosts, "utf8");
    const strange = join(folder, "strange");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", strange]);
    const other = readFileSync(`${strange}.pub`, "utf8").split(" ").slice(0, 2).join(" ");
    const line = `[127.0.0.1]:${host.sshPort} ${other}`;
    const identity = { ...(await identify()), keys: [{ fingerprint: "SHA256:another", line }] };
    writeFileSync(join(folder, "all"), key);
    configure(
      `KnownHostsCommand /bin/cat ${folder}/all`,
      `GlobalKnownHostsFile ${folder}/all`,
      `UserKnownHostsFile ${folder}/all`,
      "NoHostAuthenticationForLocalhost yes",
      "StrictHostKeyChecking no",
      "VerifyHostKeyDNS yes",
    );
    // The configuration does let a person in, to whatever machine this is.
    expect((await host.run("echo in")).stdout).toBe("in\n");
    const result = await run("echo arrived", { identity });
    expect(result).toMatchObject({ state: "not-started", stdout: "" });
    expect(result.stderr).toContain("Host key verification failed");
  });

  test("a connection that somebody else holds open is not used: it may lead anywhere", async () => {
    const socket = join(folder, "control");
    configure("ControlMaster auto", `ControlPath ${socket}`, "ControlPersist 60");
    const identity = await identify();
    const ssh = join(host.operatorEnv.PATH?.split(":")[0] ?? "", "ssh");
    const master = spawn(ssh, ["-N", "web1"], { stdio: "ignore" });
    try {
      while (!existsSync(socket)) await sleep(50);
      expect(await run("echo done", { identity })).toMatchObject({ state: "ended", stdout: "done\n" });
      // Over the other's connection even a host whose key nobody approved would have answered.
      const strange = {
        ...identity,
        keys: [{ fingerprint: "SHA256:x", line: "other.example.com ssh-ed25519 AAAA" }],
      };
      expect((await host.run("echo over the other one")).stdout).toBe("over the other one\n");
      expect(await run("echo arrived", { identity: strange })).toMatchObject({
        state: "not-started",
        stdout: "",
      });
    } finally {
      master.kill("SIGTERM");
    }
  });

  test("what the configuration would run, lend or turn round for a session, it does not for a step", async () => {
    configure(
      "PermitLocalCommand yes",
      `LocalCommand touch ${folder}/local`,
      "StdinNull yes",
      "ForkAfterAuthentication yes",
      "SessionType none",
      "RequestTTY force",
      "RemoteCommand echo something else",
      "ForwardAgent yes",
      "LocalForward 127.0.0.1:1 127.0.0.1:1",
      "ExitOnForwardFailure yes",
    );
    const result = await run("env | grep SSH_AUTH_SOCK || true; echo it ran; tty || true");
    expect(result).toMatchObject({ state: "ended", exit: 0, stdout: "it ran\nnot a tty\n" });
    expect(existsSync(join(folder, "local"))).toBe(false);
  });

  test("a way there that stays open by itself does not hold the step up, nor the news that there is none", async () => {
    // As a jump host's shared connection does: it keeps our standard error after ssh has gone.
    const connect = `const s = require("net").connect(process.argv[2], process.argv[1]); process.stdin.pipe(s).pipe(process.stdout)`;
    const linger = `sleep 300 >/dev/null </dev/null & echo $! >>${folder}/pids`;
    const proxy = (name: string, then: string) => {
      writeFileSync(join(folder, name), `#!/bin/sh\n${linger}\n${then}\n`, { mode: 0o755 });
      configure(`ProxyCommand ${folder}/${name} %h %p`);
    };
    try {
      proxy("works", `exec ${process.execPath} -e '${connect}' "$@"`);
      expect(await run("echo through")).toMatchObject({ state: "ended", exit: 0, stdout: "through\n" });
      proxy("fails", "exit 1");
      expect(await run("echo through")).toMatchObject({ state: "not-started", exit: 255, cause: "lost" });
    } finally {
      const pids = readFileSync(join(folder, "pids"), "utf8").trim().split("\n");
      for (const pid of pids) process.kill(Number(pid));
    }
  });
});

/** The ssh processes that this process itself started for a step. */
function ownConnections(): number[] {
  const threads = readdirSync("/proc/self/task");
  const children = threads.flatMap((id) => readFileSync(`/proc/self/task/${id}/children`, "utf8").split(" "));
  return children
    .filter(
      (pid) => pid !== "" && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("UserKnownHostsFile="),
    )
    .map(Number);
}
