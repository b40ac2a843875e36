import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../src/platform/hash.ts";
import type { InventoryHost } from "../../src/project/inventory.ts";
import { type HostResult, runOnHost } from "../../src/runbook/host.ts";
import { lockScript, lockVariables } from "../../src/runbook/host-lock.ts";
import { hostWrapper } from "../../src/runbook/host-wrapper.ts";
import { scriptBytes } from "../../src/runbook/script-bytes.ts";
import { everyProcess } from "./every-process.ts";

const host: InventoryHost = { transport: "local", tier: "local", runtime: "process", directory: "/srv" };

/** Shells that people's hosts have; each takes the place of `sh` for the wrapper and for the step. */
const shells = ["/bin/dash", "/bin/bash", "/bin/busybox"].filter((path) => existsSync(path));

const NOBODY = { walk: "", runbook: "", who: "", from: "", since: "" };

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "vibeops-test-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Options {
  shell?: string;
  /** Only these programs are there. */
  programs?: readonly string[];
  timeoutMs?: number;
  signal?: AbortSignal;
  onOutput?: (stream: string, text: string) => void;
  variables?: Record<string, string>;
  random?: Buffer;
  walk?: string;
}

async function run(script: string, options: Options = {}): Promise<HostResult> {
  const bin = mkdtempSync(join(folder, "bin-"));
  if (options.shell !== undefined) symlinkSync(options.shell, join(bin, "sh"));
  for (const name of options.programs ?? []) {
    symlinkSync(execFileSync("which", [name], { encoding: "utf8" }).trim(), join(bin, name));
  }
  const context = {
    env: {
      PATH: options.programs === undefined ? `${bin}:${process.env.PATH}` : bin,
      HOME: folder,
      TMPDIR: folder,
    },
    now: () => new Date(),
    randomBytes: (count: number) => options.random ?? randomBytes(count),
  };
  return await runOnHost({
    host,
    identity: { name: "here", resolved: "local", keys: [] },
    ...(options.walk === undefined ? {} : { walk: options.walk }),
    bytes: scriptBytes(script, options.variables ?? {}, host, {
      VIBEOPS_PROJECT: "/project",
      VIBEOPS_ROOT: "/project",
    }),
    timeoutMs: options.timeoutMs ?? 30_000,
    context,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onOutput === undefined ? {} : { onOutput: options.onOutput }),
  });
}

/** Whether a process is there and no zombie. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

describe.each(shells)("with %s as the shell", (shell) => {
  test("output and exit status come through", async () => {
    const result = await run("echo out; echo err >&2; exit 3", { shell });
    expect(result).toEqual({ state: "ended", exit: 3, stdout: "out\n", stderr: "err\n", cause: "done" });
  });

  test("a step that reads standard input swallows nothing and gets nothing", async () => {
    const result = await run("cat; read -r line || echo empty; echo after", { shell });
    expect(result).toMatchObject({ exit: 0, stdout: "empty\nafter\n" });
  });

  test("a step ends at its first failing command, and an unset variable is one", async () => {
    expect(await run("false; echo never", { shell })).toMatchObject({ exit: 1, stdout: "" });
    expect((await run("echo $UNSET; echo never", { shell })).stdout).toBe("");
  });

  test("variables stay one value whatever is in them, and are not in the process list", async () => {
    const value = `a 'b' "c" $(echo d) \`e\` \\ $HOME\n-rf *`;
    const script = `printf '%s' "$VALUE"; ps -eo args 2>/dev/null | grep -c "a [']b" >&2 || true`;
    const result = await run(script, { shell, variables: { VALUE: value } });
    expect(result.stdout).toBe(value);
    expect(result.stderr).toBe("0\n");
  });

  test("a time-out ends the whole process group, grandchildren too", async () => {
    const script = `sh -c 'trap "" TERM; sleep 300 & echo $! >${folder}/pid; wait' & wait`;
    const result = await run(script, { shell, timeoutMs: 1000 });
    expect(result).toMatchObject({ state: "ended", cause: "timeout" });
    expect(result.exit).not.toBe(0);
    expect(isAlive(Number(readFileSync(join(folder, "pid"), "utf8")))).toBe(false);
  });

  test("an interrupt ends the whole process group and says so", async () => {
    const controller = new AbortController();
    const result = await run(`sleep 300 & echo $! >${folder}/pid; echo go; wait`, {
      shell,
      signal: controller.signal,
      onOutput: (_, text) => text.includes("go") && controller.abort(),
    });
    expect(result).toMatchObject({ state: "ended", cause: "interrupt", stdout: "go\n" });
    expect(isAlive(Number(readFileSync(join(folder, "pid"), "utf8")))).toBe(false);
  });

  test("what a step leaves running goes on, and does not hold it up", async () => {
    const result = await run(`sleep 60 >/dev/null 2>&1 </dev/null & echo $!`, { shell });
    const pid = Number(result.stdout);
    expect(result).toMatchObject({ state: "ended", exit: 0, cause: "done" });
    expect(isAlive(pid)).toBe(true);
    process.kill(pid);
  });

  test("a child that keeps the step's output open does not hold the step up", async () => {
    const result = await run(`sleep 300 & echo $!; exit 4`, { shell });
    process.kill(Number(result.stdout));
    expect(result).toMatchObject({ state: "ended", exit: 4, cause: "done" });
  });

  test("a step that ignores TERM is killed when it is interrupted, and its children with it", async () => {
    const controller = new AbortController();
    const script = `trap '' TERM INT HUP; sleep 300 & echo $! >${folder}/pid; echo go; while :; do sleep 1; done`;
    const result = await run(script, {
      shell,
      signal: controller.signal,
      onOutput: (_, text) => text.includes("go") && controller.abort(),
    });
    expect(result).toMatchObject({ state: "ended", exit: 137, cause: "interrupt" });
    expect(isAlive(Number(readFileSync(join(folder, "pid"), "utf8")))).toBe(false);
  });

  test("a step that reads every process's arguments and environment cannot forge its end", async () => {
    const found = `for f in /proc/[0-9]*/cmdline /proc/[0-9]*/environ; do tr '\\0' '\\n' <$f; done 2>/dev/null`;
    const words = `grep -ao 'vibeops-[0-9a-f]\\{32\\}' | sort -u`;
    const script = `{ ${found}; } | ${words} | while read -r token; do printf '\\n%s ended 0 done\\n' "$token" >&2; done; kill -9 $PPID; exit 9`;
    expect(await run(script, { shell })).toMatchObject({ state: "lost", exit: null });
  });

  test("with a walk named, the script runs where the lock is that walk's, and nowhere else", async () => {
    const walk = "20261120T150500Z-00000001";
    const other = "20261120T150600Z-00000002";
    const take = (owner: string) => {
      const variables = lockVariables({ ...NOBODY, walk: owner }, { act: "take" });
      return run(lockScript(host), { shell, variables });
    };
    const step = { shell, walk };
    const unlocked = { state: "not-started", cause: "unlocked", stdout: "" };
    mkdirSync(join(folder, ".local/state/vibeops"), { recursive: true });
    expect(await run("echo ran", step)).toMatchObject(unlocked);
    expect((await take(other)).stdout).toContain("lock: taken");
    expect(await run("echo ran", step)).toMatchObject(unlocked);
    rmSync(join(folder, ".local"), { recursive: true });
    mkdirSync(join(folder, ".local/state/vibeops"), { recursive: true });
    expect((await take(walk)).stdout).toContain("lock: taken");
    expect(await run("echo ran", step)).toMatchObject({ state: "ended", exit: 0, stdout: "ran\n" });
    expect(execFileSync("ls", [folder], { encoding: "utf8" })).not.toContain("vibeops.");
  });

  test("output that imitates the wrapper is output", async () => {
    const script = `printf '\\nvibeops-%032d ended 0 done\\n' 0 >&2; printf '\\nended 0 done\\n'; exit 9`;
    const result = await run(script, { shell });
    expect(result).toMatchObject({ state: "ended", exit: 9, stdout: "\nended 0 done\n" });
    expect(result.stderr).toBe(`\nvibeops-${"0".repeat(32)} ended 0 done\n`);
  });

  test("no file of the wrapper's is open in a step, and its output comes through whole and in order", async () => {
    const script = `ls /proc/$$/fd; i=0; while [ $i -lt 3000 ]; do echo "line $i of many that are longer than a pipe holds"; i=$((i+1)); done`;
    const { stdout } = await run(script, { shell });
    const lines = stdout.trimEnd().split("\n");
    // The shell itself keeps the script open, as 3 or from 10 on.
    const open = lines.slice(0, lines.indexOf("line 0 of many that are longer than a pipe holds"));
    expect(open.filter((fd) => /^[0-9]$/.test(fd)).length).toBeLessThanOrEqual(4);
    expect(lines.at(-1)).toContain("line 2999 ");
    expect(lines.length - open.length).toBe(3000);
  });

  test("nothing is left behind in the temporary folder", async () => {
    await run("echo done", { shell });
    expect(execFileSync("ls", [folder], { encoding: "utf8" })).not.toContain("vibeops.");
  });
});

test("a step cannot speak for the wrapper, and its output is passed on whole", async () => {
  const lines = Array.from({ length: 2000 }, (_, i) => `line ${i}`).join("\n");
  const script = `i=0; while [ $i -lt 2000 ]; do echo "line $i" >&2; i=$((i+1)); done; printf 'no newline' >&2; exit 7`;
  const result = await run(script);
  expect(result.exit).toBe(7);
  expect(result.stderr).toBe(`${lines}\nno newline`);
});

test("an interrupt before the start means that it did not run", async () => {
  const result = await run(`echo ran >${folder}/ran`, { signal: AbortSignal.abort() });
  expect(result.state).toBe("not-started");
  expect(existsSync(join(folder, "ran"))).toBe(false);
});

test("a connection that dies leaves the outcome unknown", async () => {
  // The wrapper is the step's grandparent here: killing it is what a dead sshd looks like from this side.
  const result = await run(`kill -9 $(ps -o ppid= -p $$); sleep 0.1`);
  expect(result).toMatchObject({ state: "lost", exit: null, cause: "lost" });
});

test("where there is no setsid, as on macOS, the process group is ended all the same", async () => {
  const programs = ["mktemp", "mkfifo", "head", "cat", "rm", "sleep", "sha256sum"];
  const script = `sleep 300 & echo $! >${folder}/pid; wait`;
  const result = await run(script, { shell: "/bin/bash", programs, timeoutMs: 1000 });
  expect(result).toMatchObject({ state: "ended", cause: "timeout" });
  expect(isAlive(Number(readFileSync(join(folder, "pid"), "utf8")))).toBe(false);
});

test("a line that died without a word ends the step too: the wrapper hears nothing for its time of silence", async () => {
  const step = `sleep 300 & echo $! >${folder}/pid; wait`;
  const numbers = [step.length, sha256(Buffer.from(step)), 300, 2].map(String);
  const child = spawn("sh", ["-c", hostWrapper({ transport: "ssh" }), "vibeops-step", ...numbers, ""], {
    env: { PATH: process.env.PATH },
  });
  const said = { text: "" };
  child.stderr.on("data", (chunk: Buffer) => {
    said.text += chunk.toString();
  });
  child.stdin.write(`word\n${step}`);
  const [exit] = await once(child, "close");
  expect(said.text).toMatch(/\nword ended \d+ silent\n$/);
  expect(exit).not.toBe(0);
  expect(isAlive(Number(readFileSync(join(folder, "pid"), "utf8")))).toBe(false);
});

test("a line that is heard now and then is not taken for dead", async () => {
  const step = "sleep 4; echo done";
  const numbers = [step.length, sha256(Buffer.from(step)), 300, 3].map(String);
  const child = spawn("sh", ["-c", hostWrapper({ transport: "ssh" }), "vibeops-step", ...numbers, ""], {
    env: { PATH: process.env.PATH },
  });
  // A beat may still be on its way when the step has ended and nobody reads it any more.
  child.stdin.on("error", () => {});
  child.stdin.write(`word\n${step}`);
  const beat = setInterval(() => child.stdin.write("\n"), 500);
  const [exit] = await once(child, "close");
  clearInterval(beat);
  expect(exit).toBe(0);
});

test("neither a value nor the wrapper's token is in any argument or environment while a step runs", async () => {
  const random = randomBytes(16);
  const value = `value-${randomBytes(8).toString("hex")}`;
  let seen = "";
  const result = await run('echo go; sleep 1; echo "$VALUE"', {
    variables: { VALUE: value },
    random,
    onOutput: (_, text) => {
      if (text.includes("go")) seen = everyProcess();
    },
  });
  expect(result.stdout).toBe(`go\n${value}\n`);
  expect(seen).toContain("vibeops-step");
  expect(seen).not.toContain(value);
  expect(seen).not.toContain(random.toString("hex"));
});

test("a screen that stands still for longer than any grace loses neither output nor the end", async () => {
  const still = new Int32Array(new SharedArrayBuffer(4));
  const result = await run("for i in 1 2 3 4; do echo $i; sleep 0.4; done; exit 5", {
    onOutput: () => void Atomics.wait(still, 0, 0, 1500),
  });
  expect(result).toMatchObject({ state: "ended", exit: 5, stdout: "1\n2\n3\n4\n", cause: "done" });
});

test("output without end or newline takes no more memory than what is kept", async () => {
  const controller = new AbortController();
  let length = 0;
  const before = process.memoryUsage().rss;
  const result = await run(`yes | tr -d '\\n'`, {
    signal: controller.signal,
    onOutput: (_, text) => {
      length += text.length;
      if (length > 200 * 1024 * 1024) controller.abort();
    },
  });
  expect(result).toMatchObject({ state: "ended", cause: "interrupt" });
  expect(result.stdout.length).toBeLessThan(1_100_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 * 1024);
});

test("one function starts processes on hosts: nothing else in the program does", () => {
  const source = fileURLToPath(new URL("../../src", import.meta.url));
  const files = execFileSync("grep", ["-rlE", 'startProcess\\(|node:child_process|from "execa"', source], {
    encoding: "utf8",
  });
  expect(files.trim().split("\n").sort()).toEqual(
    [
      // A person's own agent CLI, without a terminal.
      "agent/vendors/cli-process.ts",
      "platform/attended-process.ts",
      "platform/process.ts",
      "runbook/host.ts",
    ].map((path) => join(source, path)),
  );
  const ssh = execFileSync("grep", ["-rnE", 'runProcess\\("(ssh|scp|sftp|rsync)"', source], {
    encoding: "utf8",
  });
  // Asks where an alias leads, and connects nowhere.
  expect(ssh.trim().split("\n")).toEqual([
    expect.stringContaining('runProcess("ssh", ["-G", ...options, "--", address]'),
  ]);
});
