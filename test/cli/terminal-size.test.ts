import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTerminal, type Terminal } from "../e2e/terminal.ts";
import { type Workspace, workspace } from "../helpers/workspace.ts";
import { bundleChild } from "../runbook/child.ts";
import { ADA, ID, letterStep, runbookText } from "../runbook/gate-workspace.ts";

let folder: string;
let program: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "vibeops-size-"));
  program = await bundleChild("cli-child", folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LONG = "word ".repeat(60).trim();

/** Somebody at a terminal in a project with a runbook of long lines; `before` is typed into the shell first. */
function sit(argv: string, before = ":"): Terminal {
  const space: Workspace = workspace();
  const project = space.project("infra", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
  project.write("inventory.yaml", "hosts:\n  here: { transport: local, tier: local, runtime: process }\n");
  const text = runbookText({ steps: letterStep(1, space.directory, "A") });
  project.write(`runbooks/${ID}/runbook.md`, text.replace("What it does.", LONG));
  project.git("add", ".");
  project.git("commit", "--quiet", "-m", "Write a runbook");
  const env = { ...space.context.env, TERM: "xterm", NO_COLOR: "1" } as Record<string, string>;
  const args = ["-c", `${before}; exec "$0" "$1" ${argv}`, process.execPath, program];
  return openTerminal({ command: "sh", args, cwd: project.root, env, cols: 100, rows: 40 });
}

test("a terminal that says it has no width, as a serial line does, is one of 80 columns", async () => {
  const terminal = sit(`runbook show ${ID}`, "stty cols 0 rows 0");
  expect(await terminal.exited).toMatchObject({ exitCode: 0 });
  const widest = Math.max(...terminal.text.split("\n").map((line) => line.length));
  expect(widest).toBeGreaterThan(60);
  expect(widest).toBeLessThanOrEqual(80);
});

test("a page is cut to the width that the terminal has when it is shown", async () => {
  const terminal = sit(`runbook approve ${ID} --as ${ADA}`);
  await terminal.expect("-- Enter: go on --");
  terminal.resize(50, 40);
  // Its signal is on the way, and nobody types as fast.
  await sleep(500);
  terminal.type("\r");
  await terminal.expect("Step 0: the lock");
  for (;;) {
    const [found] = await terminal.expect(/page 2 of \d+.*Enter: go on --|What it is for/);
    if (!found.startsWith("page")) break;
    terminal.type("\r");
  }
  await terminal.expect("## Steps");
  const rows = terminal.text.slice(terminal.text.indexOf("What it is for")).split("\n");
  const words = rows.filter((row) => row.includes("word word"));
  expect(words.length).toBeGreaterThan(3);
  expect(Math.max(...words.map((row) => row.length))).toBeLessThanOrEqual(50);
  terminal.hangUp();
  await terminal.exited;
});

test("what follows Ctrl-C at a question begins on a line of its own", async () => {
  const terminal = sit("trust init --as pat@example.com");
  await terminal.expect("Type yes: ");
  terminal.type("\x03");
  expect(await terminal.exited).toMatchObject({ exitCode: 130 });
  expect(terminal.text).toMatch(/Type yes: ?\nerror: left by the person/);
});
