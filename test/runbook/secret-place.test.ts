import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileAction } from "../../src/runbook/actions/actions.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

const RUNBOOK = "20261120T150000Z-m2x9vaq4";

function run(script: string | undefined, shell = "/bin/sh") {
  return spawnSync(shell, ["-eu", "-c", script ?? "exit 99"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function compile(path: string, more: object = {}) {
  const source = { runbook: RUNBOOK, readFile: () => Buffer.alloc(0) };
  return compileAction({ use: "secret.place", hosts: ["here"], with: { path, ...more } }, source);
}

test("a secret goes from the person's file into its place, private, and the one before comes back", () => {
  const path = join(temporaryDirectory(), "it's a key");
  writeFileSync(path, "old", { mode: 0o644 });
  const { run: place, check, rollback } = compile(path);
  const refused = run(place?.script);
  expect(refused.status).toBe(1);
  expect(readFileSync(path, "utf8")).toBe("old");

  // The command that the step prints is the one that a person types.
  const typed = refused.stderr.split("\n").find((line) => line.startsWith("  (umask"));
  spawnSync("/bin/sh", ["-c", typed ?? "exit 99"], { input: "new" });
  expect(run(check?.script).status).not.toBe(0);
  expect(run(place?.script)).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(run(check?.script).status).toBe(0);
  expect(run(place?.script).status).toBe(0);

  expect(run(rollback?.script).status).toBe(0);
  expect(run(rollback?.script).status).toBe(0);
  expect(readFileSync(path, "utf8")).toBe("old");
});

test("where there was no secret before, the way back leaves none, nor what a person wrote for it", () => {
  const path = join(temporaryDirectory(), "secrets/key");
  const { run: place, rollback } = compile(path, { mode: "440" });
  run(place?.script);
  writeFileSync(`${path}.vibeops-secret`, "new");
  expect(run(place?.script).status).toBe(0);
  expect(statSync(path).mode & 0o777).toBe(0o440);
  writeFileSync(`${path}.vibeops-secret`, "newer");
  expect(run(rollback?.script).status).toBe(0);
  expect([path, `${path}.vibeops-secret`].map((one) => existsSync(one))).toEqual([false, false]);
});

test("an empty file and a link are no secret", () => {
  const folder = temporaryDirectory();
  const path = join(folder, "key");
  const { run: place } = compile(path);
  writeFileSync(`${path}.vibeops-secret`, "");
  expect(run(place?.script).status).toBe(1);
  const other = join(folder, "other");
  writeFileSync(join(folder, "target"), "x");
  symlinkSync("target", `${other}.vibeops-secret`);
  expect(run(compile(other).run?.script).status).toBe(1);
  expect(existsSync(other)).toBe(false);
});

test("a mode that lets others read is refused", () => {
  expect(() => compile("/srv/key", { mode: "644" })).toThrow(/mode/);
});
