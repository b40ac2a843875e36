import { execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type IPty, spawn as spawnTerminal } from "@lydell/node-pty";
import { expect, onTestFinished, test } from "vitest";
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

/** What would answer for the person, were it asked: an ssh-agent that holds the key, and a program that knows the passphrase. */
async function helpersOf(space: GateWorkspace): Promise<Record<string, string>> {
  const socket = join(space.space.directory, "agent.sock");
  const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: "ignore" });
  onTestFinished(() => void agent.kill());
  while (!existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 20));
  const ask = join(space.space.directory, "ask");
  writeFileSync(ask, '#!/bin/sh\necho "correct horse"\n', { mode: 0o755 });
  const helpers = { SSH_AUTH_SOCK: socket, SSH_ASKPASS: ask, SSH_ASKPASS_REQUIRE: "force", DISPLAY: ":0" };
  const key = trustPaths(space.context.env).key;
  execFileSync("ssh-add", [key], { env: { PATH: process.env.PATH, ...helpers }, stdio: "ignore" });
  return helpers;
}

test("a key that ssh-agent holds does not approve: whoever asks the agent could", async () => {
  const space = prepared();
  const helpers = await helpersOf(space);
  expect(await approveAt(space, [], helpers)).toContain("REFUSED trust.key-in-agent");
  expect(approvals(space)).toEqual([]);
});

test("neither a loaded ssh-agent nor SSH_ASKPASS signs in the person's place", async () => {
  const space = prepared();
  const helpers = await helpersOf(space);
  const program = await bundleChild("approve-child", space.space.directory);
  const args = [program, "sign", space.project.root, ID, ADA];
  const env = { ...space.context.env, ...helpers };
  const wrong: [RegExp, string][] = Array.from({ length: 4 }, () => [/passphrase/, ""]);
  expect(await atTerminal(process.execPath, args, env, wrong)).toContain("REFUSED sign.failed");
  const right: [RegExp, string][] = [[/passphrase/, "correct horse"]];
  expect(await atTerminal(process.execPath, args, env, right)).toContain("DONE");
});

test.each(["force", "prefer"])("SSH_ASKPASS_REQUIRE=%s does not get a program asked", async (require) => {
  const space = prepared();
  const { SSH_AUTH_SOCK: _, ...helpers } = await helpersOf(space);
  const wrong: [RegExp, string][] = Array.from({ length: 4 }, () => [/passphrase/, ""]);
  expect(await approveAt(space, wrong, { ...helpers, SSH_ASKPASS_REQUIRE: require })).toContain(
    "REFUSED sign.failed",
  );
  expect(approvals(space)).toEqual([]);
});

/** Under script(1), whose standard input is fed by the test: a terminal without a person. */
async function approveUnderScript(
  space: GateWorkspace,
  feed: (shown: string, write: (text: string) => void) => void,
  env: Record<string, string> = {},
): Promise<string> {
  const program = await bundleChild("approve-child", space.space.directory);
  const command = [process.execPath, program, "approve", space.project.root, ID, ADA].join(" ");
  const child = spawn("script", ["-qec", command, "/dev/null"], {
    env: { ...space.context.env, ...env } as NodeJS.ProcessEnv,
    stdio: ["pipe", "pipe", "inherit"],
  });
  let shown = "";
  child.stdout.on("data", (chunk: Buffer) => {
    shown += chunk;
    feed(String(chunk), (text) => void child.stdin.write(text));
  });
  child.stdin.on("error", () => {});
  await new Promise((resolve) => child.on("exit", resolve));
  return shown;
}

test("script(1) makes a terminal, not a person: without the passphrase nothing is signed", async () => {
  const space = prepared();
  const shown = await approveUnderScript(space, (text, write) => {
    if (/passphrase/.test(text)) write("\n");
  });
  expect(shown).toContain("REFUSED sign.failed");
  expect(approvals(space)).toEqual([]);
});

test("script(1), a loaded ssh-agent and no passphrase: nothing is signed", async () => {
  const space = prepared();
  const helpers = await helpersOf(space);
  const shown = await approveUnderScript(space, (_, write) => write("\n"), helpers);
  expect(shown).toMatch(/REFUSED (?:trust\.key-in-agent|sign\.failed)/);
  expect(approvals(space)).toEqual([]);
});

test("script(1), fed with everything a program might guess, signs nothing", async () => {
  const space = prepared();
  const guesses = ["yes", "y", "", "password", ADA];
  const shown = await approveUnderScript(space, (text, write) => {
    if (/passphrase/.test(text)) write(`${guesses.shift() ?? ""}\n`);
  });
  expect(shown).toContain("REFUSED sign.failed");
  expect(approvals(space)).toEqual([]);
});

test("script(1) and a key that has no passphrase: nothing is signed", async () => {
  const space = prepared();
  const { key } = trustPaths(space.context.env);
  execFileSync("ssh-keygen", ["-q", "-p", "-P", "correct horse", "-N", "", "-f", key]);
  const shown = await approveUnderScript(space, (_, write) => write("\n"));
  expect(shown).toContain("REFUSED trust.key-open");
  expect(approvals(space)).toEqual([]);
});

test("the passphrase through a pipe in place of a terminal signs nothing", async () => {
  const space = prepared();
  const program = await bundleChild("approve-child", space.space.directory);
  const shown = execFileSync(process.execPath, [program, "approve", space.project.root, ID, ADA], {
    env: space.context.env as NodeJS.ProcessEnv,
    input: "yes\ncorrect horse\ncorrect horse\n",
    encoding: "utf8",
  });
  expect(shown).toContain("REFUSED human.terminal");
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
  const refused = await make("");
  expect(refused).toContain("REFUSED trust.key-open");
  expect(refused).toMatch(/^FIX run the command again and choose a passphrase\r?$/m);
  expect(readdirSync(paths.directory)).toEqual(["allowed_signers"]);
  expect(await make("a good one")).toContain("DONE");
  expect(await keyNeedsHuman(paths.key, space.context.env)).toBe(true);
  addSigner(paths, ADA, readFileSync(`${paths.key}.pub`, "utf8"));
  expect(await approveAt(space, [[/passphrase/, "a good one"]])).toContain("DONE");
});
