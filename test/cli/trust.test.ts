import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { trustPaths } from "../../src/runbook/trust.ts";
import { openTerminal, type Terminal } from "../e2e/terminal.ts";
import { type TestProject, type Workspace, workspace } from "../helpers/workspace.ts";
import { bundleChild } from "../runbook/child.ts";
import { ADA, ID, letterStep, makeTestKey, runbookText } from "../runbook/gate-workspace.ts";

const GRACE = "grace@example.com";
const PASSPHRASE = "only a person knows this";

let folder: string;
let program: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "vibeops-trust-"));
  program = await bundleChild("cli-child", folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A sysadmin's project with a runbook that waits, and a person who has no trust yet. */
function office(): { space: Workspace; project: TestProject } {
  const space = workspace();
  const project = space.project("infra", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
  project.write("inventory.yaml", "hosts:\n  here: { transport: local, tier: local, runtime: process }\n");
  project.write(`runbooks/${ID}/runbook.md`, runbookText({ steps: letterStep(1, space.directory, "A") }));
  project.git("add", ".");
  project.git("commit", "--quiet", "-m", "Write a runbook");
  return { space, project };
}

function type(
  { space, project }: ReturnType<typeof office>,
  argv: readonly string[],
  env: Record<string, string> = {},
): Terminal {
  const all = { ...space.context.env, TERM: "xterm", NO_COLOR: "1", ...env } as Record<string, string>;
  const args = [program, ...argv];
  return openTerminal({ command: process.execPath, args, cwd: project.root, env: all, cols: 160, rows: 50 });
}

async function answer(terminal: Terminal, ...dialogue: [RegExp | string, string][]): Promise<void> {
  for (const [question, text] of dialogue) {
    await terminal.expect(question);
    terminal.type(`${text}\r`);
  }
}

const NEW_PASSPHRASE: [RegExp | string, string][] = [
  ["Enter passphrase", PASSPHRASE],
  ["same passphrase", PASSPHRASE],
];

async function readPages(terminal: Terminal): Promise<void> {
  for (;;) {
    const [found] = await terminal.expect(/-- Enter: go on --|-- Enter: to the decision --/);
    terminal.type("\r");
    if (found.includes("decision")) break;
  }
  await answer(terminal, ["Type yes:", "yes"]);
}

function key(space: Workspace, name: string): string {
  const file = join(space.directory, name);
  makeTestKey(file, PASSPHRASE);
  return `${file}.pub`;
}

describe("the first approval on an account", () => {
  test("says what key it makes and where, asks, and says why the key is trusted", async () => {
    const here = office();
    const terminal = type(here, ["runbook", "approve", ID, "--as", ADA]);
    await terminal.expect(/no approval key yet[\s\S]*made[\s\S]*What you decide on/);
    await readPages(terminal);
    await answer(terminal, [/approval_key[\s\S]*trusted because it is the first[\s\S]*Type yes:/, "yes"]);
    await answer(terminal, ...NEW_PASSPHRASE);
    await terminal.expect("this key is trusted because it is the first on this account");
    await answer(terminal, ["Enter passphrase", PASSPHRASE]);
    expect(await terminal.exited, terminal.screen).toMatchObject({ exitCode: 0 });
    expect(terminal.text).toContain(`Approved by ${ADA}`);
    const list = await here.project.vibeops("trust", "list", "--json");
    expect(JSON.parse(list.stdout).result).toMatchObject({
      keys: [{ principal: ADA, mine: true, asks: "passphrase", revoked: false, until: null }],
      own: { listed: true },
    });
    expect((await here.project.vibeops("trust", "list")).stdout).toMatch(
      /^ada@example\.com {2}SHA256:\S+ {2}ssh-ed25519 {2}yours, asks for its passphrase\n$/,
    );
  });

  test("makes nothing without a yes, with an empty passphrase, or in an agent's environment", async () => {
    const here = office();
    const { directory } = trustPaths(here.space.context.env);
    const declined = type(here, ["runbook", "approve", ID, "--as", ADA]);
    await readPages(declined);
    await answer(declined, ["Make this key? Type yes:", "no"]);
    expect(await declined.exited).toMatchObject({ exitCode: 6 });
    expect(declined.text).toContain("nothing was signed");
    expect(declined.text).toMatch(/fix: [^\n]*vibeops runbook approve/);
    expect(existsSync(directory)).toBe(false);
    const empty = type(here, ["runbook", "approve", ID, "--as", ADA]);
    await readPages(empty);
    await answer(
      empty,
      ["Make this key? Type yes:", "yes"],
      ["Enter passphrase", ""],
      ["same passphrase", ""],
    );
    expect(await empty.exited).toMatchObject({ exitCode: 5 });
    expect(empty.text).toContain("opens without a passphrase");
    expect(readdirSync(directory)).toEqual([]);
    const agent = type(here, ["runbook", "approve", ID, "--as", ADA], { CLAUDECODE: "1" });
    expect(await agent.exited).toMatchObject({ exitCode: 5 });
    expect(readdirSync(directory)).toEqual([]);
    expect(existsSync(join(here.project.root, "runbooks", ID, "approvals"))).toBe(false);
  });

  test("is none where somebody is trusted already: a new key does not list itself", async () => {
    const here = office();
    const paths = trustPaths(here.space.context.env);
    await trustInit(here);
    const signers = readFileSync(paths.allowedSigners, "utf8");
    for (const file of [paths.key, `${paths.key}.pub`]) rmSync(file);
    const without = type(here, ["runbook", "approve", ID, "--as", ADA]);
    expect(await without.exited).toMatchObject({ exitCode: 6 });
    expect(without.text).toContain("fix: make one: vibeops trust init");
    makeTestKey(paths.key, "a passphrase that an agent chose");
    const unlisted = type(here, ["runbook", "approve", ID, "--as", ADA]);
    expect(await unlisted.exited).toMatchObject({ exitCode: 5 });
    expect(unlisted.text).toContain(`fix: vibeops trust add ${ADA} ${paths.key}.pub`);
    expect(readFileSync(paths.allowedSigners, "utf8")).toBe(signers);
  });
});

async function trustInit(here: ReturnType<typeof office>): Promise<Terminal> {
  const terminal = type(here, ["trust", "init", "--as", ADA]);
  await answer(terminal, ["Do this? Type yes:", "yes"], ...NEW_PASSPHRASE);
  expect(await terminal.exited, terminal.screen).toMatchObject({ exitCode: 0 });
  return terminal;
}

describe("vibeops trust", () => {
  test("init, add, list and revoke, as a person types them", async () => {
    const here = office();
    const paths = trustPaths(here.space.context.env);
    expect((await here.project.vibeops("trust", "list")).stdout).toContain("Nobody is trusted here yet");
    expect((await trustInit(here)).text).toContain("trusted because it is the first on this account");
    const again = type(here, ["trust", "init", "--as", ADA]);
    expect(await again.exited).toMatchObject({ exitCode: 0 });
    expect(again.text).toContain("already");

    const grace = key(here.space, "grace");
    const add = type(here, ["trust", "add", GRACE, grace, "--until", "2099-12-31"]);
    await answer(add, [/valid-before="21000101"[\s\S]*Type yes:/, "yes"]);
    expect(await add.exited, add.screen).toMatchObject({ exitCode: 0 });
    const pasted = type(here, ["trust", "add", "alan@example.com", "-"]);
    await answer(pasted, ["Paste the public key", readFileSync(key(here.space, "alan"), "utf8").trim()]);
    await answer(pasted, ["Type yes:", "yes"]);
    expect(await pasted.exited, pasted.screen).toMatchObject({ exitCode: 0 });

    const revoke = type(here, ["trust", "revoke", GRACE, "--reason", "left"]);
    await answer(revoke, [/grace@example.com {2}SHA256:[\s\S]*Type yes:/, "yes"]);
    expect(await revoke.exited, revoke.screen).toMatchObject({ exitCode: 0 });
    const list = await here.project.vibeops("trust", "list", "--json");
    expect(JSON.parse(list.stdout).result.keys).toMatchObject([
      { principal: ADA, mine: true },
      { principal: GRACE, mine: false, until: "2099-12-31", revoked: true, asks: "unknown" },
      { principal: "alan@example.com", revoked: false },
    ]);
    expect((await here.project.vibeops("trust", "list")).stdout).toMatch(
      /revoked \(grace@example\.com .* left\)/,
    );
    const no = type(here, ["trust", "revoke", ADA]);
    await answer(no, [/your own[\s\S]*Type yes:/, "no"]);
    expect(await no.exited).toMatchObject({ exitCode: 6 });
    expect(readFileSync(paths.revoked, "utf8")).not.toContain(ADA);
  });

  test.each([[["trust", "init"]], [["trust", "add", GRACE, "-"]], [["trust", "revoke", GRACE]]])(
    "%j is for a person: neither a pipe nor an agent gets through",
    async (argv) => {
      const here = office();
      const piped = await here.project.pipe("yes\nyes\n", ...argv, "--json");
      expect(piped.exit).toBe(6);
      expect(JSON.parse(piped.stdout)).toMatchObject({ ok: false, error: { code: "human.terminal" } });
      const agent = type(here, argv, { CODEX_SANDBOX: "seatbelt" });
      expect(await agent.exited).toMatchObject({ exitCode: 5 });
      expect(agent.text).toContain("an agent does not decide whom to trust");
      expect(existsSync(trustPaths(here.space.context.env).directory)).toBe(false);
    },
  );

  test("init --sk without a security key makes nothing and says what to do", async () => {
    const here = office();
    const terminal = type(here, ["trust", "init", "--as", ADA, "--sk"], { SSH_SK_PROVIDER: "/nonexistent" });
    await answer(terminal, ["Do this? Type yes:", "yes"]);
    expect(await terminal.exited, terminal.screen).toMatchObject({ exitCode: 5 });
    expect(terminal.text).toContain("plug the security key in");
    expect(readdirSync(trustPaths(here.space.context.env).directory)).toEqual([]);
  });

  test("a program that is the project's own does not decide who is trusted", async () => {
    const here = office();
    const bin = join(here.project.root, "node_modules/.bin");
    here.project.write("node_modules/.bin/ssh-keygen", "#!/bin/sh\nexit 0\n");
    chmodSync(join(bin, "ssh-keygen"), 0o755);
    const env = { PATH: `${bin}:${here.space.context.env.PATH}` };
    const terminal = type(here, ["trust", "init", "--as", ADA], env);
    await answer(terminal, ["Do this? Type yes:", "yes"]);
    expect(await terminal.exited).toMatchObject({ exitCode: 5 });
    expect(terminal.text).toContain("finds 'ssh-keygen' inside the project");
  });
});
