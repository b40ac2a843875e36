import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { type Vendor, vendors } from "../../../src/agent/vendors/vendor.ts";
import { runIn } from "../../helpers/cli.ts";
import { workspace } from "../../helpers/workspace.ts";

/** A fenced project, and a program in the vendor's place that says how it was started and prints on both streams. */
async function make(vendor: Vendor, script: string) {
  const space = workspace();
  const project = space.project("infra", `project: infra\nagents: { sysadmin: { provider: ${vendor} } }\n`);
  const bin = join(space.directory, "bin");
  mkdirSync(bin);
  symlinkSync(resolve("bin/vibeops.js"), join(bin, "vibeops"));
  writeFileSync(join(bin, vendor), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, vendor), 0o755);
  const env = { ...space.context.env, PATH: `${bin}:${process.env.PATH}` };
  const added = await runIn(project.root, { ...space.context, env }, ["agents", "add", vendor]);
  expect(added.exit).toBe(0);
  execFileSync("git", ["add", "."], { cwd: project.root, env });
  execFileSync("git", ["commit", "--quiet", "-m", "Fence"], { cwd: project.root, env });
  const command = [resolve("bin/vibeops.js"), "session", "run"];
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [...command, ...args], { cwd: project.root, env, encoding: "utf8" });
  const begin = (...args: string[]) =>
    spawn(process.execPath, [...command, ...args], { cwd: project.root, env });
  return { ...project, run, begin };
}

const headless: Readonly<Record<Vendor, string>> = { claude: "--print", codex: "exec", gemini: "--prompt" };

test.each(vendors)(
  "with --json, what %s prints is never on our standard output, and every line is JSON",
  async (vendor) => {
    const { run } = await make(vendor, 'echo "{started: $1}"; echo "oh no" >&2; cat; exit 3');
    const { status, stdout, stderr } = run("--json");
    expect(stderr).toContain('"kind":"output"');
    expect(status).toBe(0);
    const { ok, result } = JSON.parse(stdout);
    expect(ok).toBe(true);
    const lines = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const printed = lines.filter(({ kind }) => kind === "output").map(({ text }) => text);
    expect(printed.sort()).toEqual(["oh no", `{started: ${headless[vendor]}}`]);
    expect(lines.at(-1)).toMatchObject({ kind: "end", text: expect.stringContaining("exit 3") });
    expect(result.events).toEqual(lines);
    expect(result.cli).toEqual({ exitCode: 3, signal: null });
  },
);

test("without --json the CLI has the terminal to itself", async () => {
  const { run } = await make("claude", 'echo "started: $1"');
  const { stdout } = run();
  expect(stdout).toContain("started: Begin with the brief");
});

test("a secret that a CLI prints stands in no event", async () => {
  const token = `ghp_${"a1B2".repeat(9)}`;
  const { run } = await make("claude", `echo "token ${token}"`);
  const { stdout, stderr } = run("--json");
  expect(stderr).toContain('"kind":"output"');
  expect(stdout + stderr).not.toContain(token);
});

test("a CLI that is not installed is one error document", async () => {
  const { run, root } = await make("claude", "true");
  execFileSync("rm", [join(root, "../bin/claude")]);
  const { status, stdout } = run("--json");
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "process.missing" } });
  expect(status).toBe(3);
});

test("with --json, a session that is interrupted ends the CLI, hands over, and says that it was interrupted", async () => {
  const { root, begin } = await make("claude", "echo ready; exec sleep 300");
  const child = begin("--json");
  const chunks: string[] = [];
  child.stdout.on("data", (chunk) => chunks.push(String(chunk)));
  await new Promise<void>((resolve) => {
    child.stderr.on("data", (chunk) => String(chunk).includes("ready") && resolve());
  });
  const ended = new Promise((resolve) => child.once("close", resolve));
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  expect(JSON.parse(chunks.join(""))).toMatchObject({ ok: false, result: { interrupted: true } });
  expect(existsSync(join(root, ".vibeops/session.yaml"))).toBe(false);
});
