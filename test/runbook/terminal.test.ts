import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import { type IPty, spawn as spawnTerminal } from "@lydell/node-pty";
import { expect, test } from "vitest";
import { addSigner, keyNeedsHuman, trustPaths } from "../../src/runbook/trust.ts";
import { bundleChild } from "./child.ts";
import { ADA, type GateWorkspace, gateWorkspace, ID, letterStep, runbookText } from "./gate-workspace.ts";

function prepared(): GateWorkspace {
  const space = gateWorkspace();
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  return space;
}

function approvals(space: GateWorkspace): string[] {
  const folder = join(space.project.root, "runbooks", ID, "approvals");
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** Runs a program at a pseudo-terminal and answers each question once it is asked. Returns all that was shown. */
async function atTerminal(
  program: string,
  args: string[],
  env: Record<string, string | undefined>,
  answers: readonly [RegExp, string][] = [],
): Promise<string> {
  const queue = [...answers];
  let shown = "";
  let unread = "";
  const terminal: IPty = spawnTerminal(program, args, {
    env: env as Record<string, string>,
    cols: 100,
    rows: 40,
  });
  terminal.onData((data) => {
    shown += data;
    unread += data;
    const [question, answer] = queue[0] ?? [];
    if (question?.test(unread)) {
      queue.shift();
      unread = "";
      terminal.write(`${answer}\r`);
    }
  });
  await new Promise<void>((resolve) => terminal.onExit(() => resolve()));
  return shown;
}

async function approveAt(
  space: GateWorkspace,
  answers: readonly [RegExp, string][],
  env: Record<string, string> = {},
): Promise<string> {
  const program = await bundleChild("approve-child", space.space.directory);
  const args = [program, "approve", space.project.root, ID, ADA];
  return await atTerminal(process.execPath, args, { ...space.context.env, ...env }, answers);
}

test("at a terminal the key asks for its passphrase, and with it the approval is signed", async () => {
  const space = prepared();
  expect(await approveAt(space, [[/passphrase/, "correct horse"]])).toContain("DONE");
  expect(approvals(space)).toHaveLength(2);
});

test("with a wrong passphrase nothing is signed and nothing is written", async () => {
  const space = prepared();
  const wrong: [RegExp, string][] = Array.from({ length: 4 }, () => [/passphrase/, "guess"]);
  expect(await approveAt(space, wrong)).toContain("REFUSED sign.failed");
  expect(approvals(space)).toEqual([]);
});

test("a loaded ssh-agent and SSH_ASKPASS do not sign in the person's place", async () => {
  const space = prepared();
  const socket = join(space.space.directory, "agent.sock");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  try {
    while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 20));
    const ask = join(space.space.directory, "ask");
    execFileSync("sh", [
      "-c",
      `printf '#!/bin/sh\\necho "correct horse"\\n' >"$1"; chmod +x "$1"`,
      "sh",
      ask,
    ]);
    const helpers = { SSH_AUTH_SOCK: socket, SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":0" };
    const key = trustPaths(space.context.env).key;
    execFileSync("ssh-add", [key], { env: { PATH: process.env.PATH, ...helpers }, stdio: "ignore" });
    const wrong: [RegExp, string][] = Array.from({ length: 4 }, () => [/passphrase/, ""]);
    expect(await approveAt(space, wrong, helpers)).toContain("REFUSED sign.failed");
    expect(approvals(space)).toEqual([]);
  } finally {
    agent.kill();
  }
});

test("script(1) makes a terminal, not a person: without the passphrase nothing is signed", async () => {
  const space = prepared();
  const program = await bundleChild("approve-child", space.space.directory);
  const command = [process.execPath, program, "approve", space.project.root, ID, ADA].join(" ");
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    env: space.context.env as NodeJS.ProcessEnv,
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk;
    if (/passphrase/.test(String(chunk))) child.stdin.write("\n");
  });
  await new Promise((resolve) => child.on("exit", resolve));
  expect(shown).toContain("REFUSED sign.failed");
  expect(approvals(space)).toEqual([]);
});

test("a new key that is given no passphrase is deleted again; with one it stays", async () => {
  const space = prepared();
  const paths = trustPaths(space.context.env);
  for (const file of [paths.key, `${paths.key}.pub`]) unlinkSync(file);
  const program = await bundleChild("approve-child", space.space.directory);
  const args = [program, "make-key", space.project.root, ID, ADA];
  const make = (passphrase: string) => {
    const answers: [RegExp, string][] = [
      [/Enter passphrase/, passphrase],
      [/same passphrase/, passphrase],
    ];
    return atTerminal(process.execPath, args, space.context.env, answers);
  };
  expect(await make("")).toContain("REFUSED trust.key-open");
  expect(existsSync(paths.key)).toBe(false);
  expect(await make("a good one")).toContain("DONE");
  expect(await keyNeedsHuman(paths.key, space.context.env)).toBe(true);
  addSigner(paths, ADA, readFileSync(`${paths.key}.pub`, "utf8"));
  expect(await approveAt(space, [[/passphrase/, "a good one"]])).toContain("DONE");
});
