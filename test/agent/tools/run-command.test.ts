import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { runCommand } from "../../../src/agent/tools/run-command.ts";
import { loadProject } from "../../../src/project/project.ts";
import { workspace } from "../../helpers/workspace.ts";

function callerWith(commands: string, signal?: AbortSignal) {
  const { project, context } = workspace();
  const made = project(
    "shop",
    `project: shop\nagents: { developer: { provider: builtin } }\ncommands: { ${commands} }\n`,
  );
  const loaded = loadProject(made.root);
  const agent = { address: "developer@shop", tool: "test", model: null };
  const caller = {
    project: loaded,
    context,
    agent,
    role: "developer",
    writes: [],
    boundary: "b0undary",
    signal,
  };
  return { root: made.root, run: (name: string) => runCommand(loaded).run({ name }, caller) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test("a session that is interrupted ends the command that it waits for, and what that started", async () => {
  const stop = new AbortController();
  const { root, run } = callerWith("'slow': 'sleep 300 & echo $! >pid; wait'", stop.signal);
  const ran = run("slow");
  const file = join(root, "pid");
  while (!existsSync(file) || readFileSync(file, "utf8") === "") await setTimeout(20);
  const pid = Number(readFileSync(file, "utf8"));
  expect(isRunning(pid)).toBe(true);
  stop.abort(new Error("interrupted"));
  await expect(ran).rejects.toThrow("interrupted");
  while (isRunning(pid)) await setTimeout(20);
});

test("what a command prints is marked as data, its secrets are gone, and its exit code is said", async () => {
  const key = ["ghp", "_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("");
  const { run } = callerWith(`'leak': 'echo token ${key}; echo >&2 done; exit 3'`);
  const { text, said } = await run("leak");
  expect(said).toBe("leak ended with 3");
  expect(text).toContain("<<<untrusted b0undary output of leak");
  expect(text).toContain("done");
  expect(text).not.toContain(key);
});

test("a command that a signal ended is said to be, and by which", async () => {
  const { run } = callerWith("'dies': 'kill -TERM $$'");
  expect((await run("dies")).said).toBe("dies was ended by SIGTERM");
});
