import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { runIn } from "../helpers/cli.ts";
import { workspace } from "../helpers/workspace.ts";

const PLAYED = "# Made by `vibeops demo`.\nrunbook: 20261120T143211Z-7k3qfp2m\nport: 20001\n";

/** A process as the demo's walk leaves it running, and the pid file that names it. */
function startService(demo: string, began?: string) {
  const child = spawn("sleep", ["300"], { cwd: "/", stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", (_code, signal) => resolve(signal)));
  onTestFinished(() => void child.kill("SIGKILL"));
  const pid = child.pid ?? 0;
  const start = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
  mkdirSync(join(demo, "hosts/rehearsal/shop"), { recursive: true });
  writeFileSync(join(demo, "hosts/rehearsal/shop/shop.pid"), `${pid}\n${began ?? start}\n`);
  return { child, ended };
}

test("a second run changes nothing, says where the first one stands and how it goes on, and warns of a taken port", async () => {
  const { context, directory } = workspace();
  const first = JSON.parse((await runIn(directory, context, ["demo", "d", "--json"])).stdout).result;
  expect(first.port).toBeGreaterThan(1024);
  expect(first.port, "not one that the system hands out to others").toBeLessThan(32_768);
  const log = () =>
    execFileSync("git", ["log", "--format=%H"], { cwd: join(directory, "d/infra") }).toString();
  const before = log();
  const again = await runIn(directory, context, ["demo", "d"]);
  expect(again).toMatchObject({ exit: 0, stderr: "" });
  expect(again.stdout).toContain("nobody has approved it yet");
  expect(again.stdout).toContain(`npx vibeops runbook approve ${first.runbook.slice(-8)}`);
  expect(again.stdout).toContain("demo 'd' --fresh");
  expect(again.stdout).not.toContain("in use");
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(first.port, "127.0.0.1", () => resolve()));
  const warned = await runIn(directory, context, ["demo", "d"]);
  other.close();
  expect(warned.stdout).toContain(`Port ${first.port}`);
  const json = JSON.parse((await runIn(directory, context, ["demo", "d", "--json"])).stdout);
  expect(json).toMatchObject({ ok: true, result: { state: "draft", next: first.next } });
  expect(log()).toBe(before);
});

test("--fresh ends the service that its walk started, and no process that came to the same number later", async () => {
  const { context, directory } = workspace();
  const demo = join(directory, "d");
  mkdirSync(demo);
  writeFileSync(join(demo, ".vibeops-demo"), PLAYED);
  const service = startService(demo);
  expect((await runIn(directory, context, ["demo", "d", "--fresh", "--json"])).exit).toBe(0);
  expect(await service.ended).toBe("SIGTERM");
  expect(existsSync(join(demo, "hosts/rehearsal/shop/shop.pid"))).toBe(false);
  const stranger = startService(demo, "Thu Jan  1 00:00:00 1970");
  expect((await runIn(directory, context, ["demo", "d", "--fresh", "--json"])).exit).toBe(0);
  expect(stranger.child.exitCode).toBe(null);
  expect(stranger.child.signalCode).toBe(null);
});

test("--fresh deletes nothing where nobody can say whether the service still runs", async () => {
  const { context, directory } = workspace();
  const demo = join(directory, "d");
  mkdirSync(demo);
  writeFileSync(join(demo, ".vibeops-demo"), PLAYED);
  const { child } = startService(demo);
  const env = { ...context.env, PATH: "/nonexistent" };
  const result = await runIn(directory, { ...context, env }, ["demo", "d", "--fresh", "--json"]);
  expect(result.exit).toBe(7);
  expect(JSON.parse(result.stdout).error).toMatchObject({
    code: "demo.running",
    fix: expect.stringContaining(`kill ${child.pid}`),
  });
  expect(existsSync(join(demo, "hosts/rehearsal/shop/shop.pid"))).toBe(true);
  expect(child.signalCode).toBe(null);
});

test.each([
  ["a folder that is somebody else's", "notes.txt", "mine\n", "demo.exists"],
  ["a demo that was cut off", ".vibeops-demo", "# Made by `vibeops demo`.\n", "demo.unfinished"],
])("%s is left as it is", async (_what, name, text, code) => {
  const { context, directory } = workspace();
  mkdirSync(join(directory, "d"));
  writeFileSync(join(directory, "d", name), text);
  const result = await runIn(directory, context, ["demo", "d", "--json"]);
  expect(result.exit).toBe(7);
  expect(JSON.parse(result.stdout).error).toMatchObject({
    code,
    fix: expect.stringContaining("vibeops demo"),
  });
  expect(readFileSync(join(directory, "d", name), "utf8")).toBe(text);
});
