import { mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { GateWorkspace } from "../runbook/gate-workspace.ts";
import { archivedPath, finishedWorkspace } from "./finished-workspace.ts";

/** A memo that came in and waits; its path, as git names it. */
async function receive({ project }: GateWorkspace): Promise<string> {
  await project.vibeops("memo", "new", "Look at it", "--to", "infra", "--body", "Please.");
  await project.vibeops("session", "start");
  const [name] = project.list("memos/incoming").filter((one) => one.endsWith("look-at-it.md"));
  return `memos/incoming/${name}`;
}

async function audit({ project }: GateWorkspace) {
  const { exit, stdout } = await project.vibeops("audit", "verify", "--json");
  const findings: { rule: string; file: string; level: string }[] = JSON.parse(stdout).result.findings;
  return { exit, lost: findings.filter(({ rule }) => rule === "audit.memo-lost"), findings };
}

test("a memo that came in and that somebody removed without ending it is told", async () => {
  const space = await finishedWorkspace();
  const path = await receive(space);
  expect((await audit(space)).lost).toEqual([]);
  space.project.git("rm", "--quiet", path);
  const expected = { level: "warning", file: expect.stringContaining(path) };
  expect((await audit(space)).lost).toMatchObject([expected]);
  space.project.git("commit", "--quiet", "-m", "Tidy");
  expect(await audit(space)).toMatchObject({ exit: 0, lost: [expected] });
});

test("one that is set aside, ended, or gone from the archive, is not", async () => {
  const space = await finishedWorkspace();
  const path = await receive(space);
  const { root } = space.project;
  mkdirSync(join(root, "memos/quarantine"), { recursive: true });
  const aside = join(root, path.replace("incoming/", "quarantine/7k3qfp2m-"));
  renameSync(join(root, path), aside);
  expect((await audit(space)).lost).toEqual([]);
  renameSync(aside, join(root, path));
  await space.project.vibeops("memo", "done", "look-at-it", "--note", "Seen.");
  rmSync(archivedPath(space));
  const { findings, lost } = await audit(space);
  expect(findings.map(({ rule }) => rule)).toContain("audit.memo-gone");
  expect(lost).toEqual([]);
});

test("where the inbox cannot be listed, that is said and nothing is called lost", async () => {
  const space = await finishedWorkspace();
  await receive(space);
  const { root } = space.project;
  renameSync(join(root, "memos/incoming"), join(root, "aside"));
  symlinkSync("../aside", join(root, "memos/incoming"));
  const { findings, lost } = await audit(space);
  expect(lost).toEqual([]);
  expect(findings.map(({ rule }) => rule)).toContain("file.symlink");
});
