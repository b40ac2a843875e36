import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { expect, test } from "vitest";
import { runbookRunDelegated } from "../../src/agent/tools/runbook.ts";
import { runCli } from "../../src/cli/program.ts";
import { findAction } from "../../src/runbook/actions/actions.ts";
import { loadForGate, requireApproval } from "../../src/runbook/approval.ts";
import { planDecision, recordDecision } from "../../src/runbook/decide.ts";
import { planWalk } from "../../src/runbook/plan-walk.ts";
import { verifyRunbook } from "../../src/runbook/verification.ts";
import { walkRunbook } from "../../src/runbook/walk.ts";
import {
  ADA,
  type GateWorkspace,
  gateWorkspace,
  ID,
  letterStep,
  makeTestKey,
  PRESENT,
  runbookText,
} from "./gate-workspace.ts";
import { scriptedOperator } from "./scripted-operator.ts";

const DOCUMENT = `runbooks/${ID}/runbook.md`;
const facts = { terminal: true };

interface Site extends GateWorkspace {
  /** The folder of the person's ssh configuration and known_hosts. */
  ssh: string;
}

/** The person's own ssh, with a configuration of the test's. */
function personalSsh(space: GateWorkspace): string {
  const folder = join(space.space.directory, "ssh");
  mkdirSync(folder);
  const real = execFileSync("sh", ["-c", "command -v ssh"], { encoding: "utf8" }).trim();
  writeFileSync(join(folder, "ssh"), `#!/bin/sh\nexec ${real} -F ${folder}/config "$@"\n`);
  chmodSync(join(folder, "ssh"), 0o755);
  writeFileSync(
    join(folder, "config"),
    `Host web1\n  HostName web1.example.com\n  UserKnownHostsFile ${folder}/known_hosts\n  GlobalKnownHostsFile /dev/null\n`,
  );
  writeHostKey(folder, "first");
  (space.context.env as Record<string, string>).PATH = `${folder}:${space.context.env.PATH}`;
  return folder;
}

function writeHostKey(folder: string, name: string): void {
  makeTestKey(join(folder, name), "");
  const key = readFileSync(join(folder, `${name}.pub`), "utf8");
  writeFileSync(join(folder, "known_hosts"), `web1.example.com ${key}`);
}

/** Two steps on this machine, one of which installs and one of which calls a script; a check on a remote host. */
async function approved(): Promise<Site> {
  const space = gateWorkspace();
  space.project.git("config", "user.email", ADA);
  const ssh = personalSsh(space);
  const inventory = space.project.read("inventory.yaml");
  space.project.write("inventory.yaml", `${inventory}  web1: { tier: live }\n`);
  space.project.write("deploy/shop/compose.yaml", "services: {}\n");
  space.project.write("deploy/shop/migrate.sh", "exit 0\n");
  space.project.write("policy.yaml", "rules: []\n");
  space.writeRunbook(
    runbookText({
      hosts: "[here, web1]",
      variables: "{ VERSION: 1.2.0 }",
      files: "[deploy/shop/compose.yaml, deploy/shop/migrate.sh]",
      steps: `### 1. Install

\`\`\`yaml action
use: files.install
host: here
with: { files: [{ source: deploy/shop/compose.yaml, destination: ${space.host}/compose.yaml }] }
\`\`\`

${letterStep(2, space.host, "A").replace("printf A", `sh "$VIBEOPS_PROJECT/deploy/shop/migrate.sh"; printf A$VERSION`)}`,
      verification: "```sh check host=web1\ntrue\n```",
    }),
  );
  await space.approve();
  return { ...space, ssh };
}

function replace(space: GateWorkspace, path: string, from: string, to: string): void {
  const text = space.project.read(path);
  expect(text).toContain(from);
  space.project.write(
    path,
    text.replaceAll(from, () => to),
  );
}

/** What it gives back, if a function, puts back what is no file. */
type Change = (site: Site) => unknown;

/** Case 3 of what other gates got wrong, and more of the same: what is changed, and how the message names it. */
const changes: [string, Change, string][] = [
  ["a command", (s) => replace(s, DOCUMENT, "printf A", "printf B"), "step 2's command changed"],
  ["a check", (s) => replace(s, DOCUMENT, "grep -q A", "grep -q B"), "step 2's check changed"],
  ["a rollback", (s) => replace(s, DOCUMENT, "printf a", "printf b"), "step 2's rollback changed"],
  [
    "a check of the verification",
    (s) => replace(s, DOCUMENT, "\ntrue\n", "\nfalse\n"),
    "the verification's check changed",
  ],
  [
    "where a command goes",
    (s) => replace(s, DOCUMENT, "sh run host=here\nsh", "sh run host=web1\nsh"),
    "step 2's command now goes to web1",
  ],
  [
    "a variable",
    (s) => replace(s, DOCUMENT, "1.2.0", "1.3.0"),
    "variable VERSION changed from 1.2.0 to 1.3.0",
  ],
  ["a variable, added", (s) => replace(s, DOCUMENT, "1.2.0 }", "1.2.0, X: y }"), "variable X was added"],
  [
    "a host, added",
    (s) => replace(s, DOCUMENT, "[here, web1]", "[here, web1, web2]"),
    "host web2 was not in it",
  ],
  [
    "an installed file",
    (s) => void s.project.write("deploy/shop/compose.yaml", "x: 1\n"),
    "file deploy/shop/compose.yaml changed",
  ],
  [
    "a script that a step calls",
    (s) => void s.project.write("deploy/shop/migrate.sh", "exit 1\n"),
    "file deploy/shop/migrate.sh changed",
  ],
  [
    "a script, removed",
    (s) => rmSync(join(s.project.root, "deploy/shop/migrate.sh")),
    "file deploy/shop/migrate.sh was removed",
  ],
  [
    "a link in place of a script",
    ({ project }) => {
      const path = join(project.root, "deploy/shop/migrate.sh");
      renameSync(path, `${path}.real`);
      symlinkSync("migrate.sh.real", path);
    },
    "file deploy/shop/migrate.sh was removed",
  ],
  ["the policy", (s) => void s.project.write("policy.yaml", "rules: [all]\n"), "policy.yaml changed"],
  ["the policy, removed", (s) => rmSync(join(s.project.root, "policy.yaml")), "policy.yaml was removed"],
  ["vibeops.yaml", (s) => replace(s, "vibeops.yaml", "builtin", "claude"), "vibeops.yaml changed"],
  [
    "an action's definition",
    () => {
      const action = findAction("files.install") as { version: number };
      action.version += 1;
      return () => {
        action.version -= 1;
      };
    },
    "action files.install's definition changed",
  ],
  [
    "the inventory's entry",
    (s) => replace(s, "inventory.yaml", "runtime: process", "runtime: compose"),
    "host here's entry in the inventory changed",
  ],
  [
    "another entry of the inventory",
    (s) => void s.project.write("inventory.yaml", `${s.project.read("inventory.yaml")}  other: {}\n`),
    "inventory.yaml changed",
  ],
  ["a host key", ({ ssh }) => writeHostKey(ssh, "second"), "host web1's key changed"],
  [
    "where a host's name leads",
    ({ ssh }) => {
      const config = join(ssh, "config");
      writeFileSync(
        config,
        readFileSync(config, "utf8").replace("HostName web1.example.com", "HostName web1.evil.example"),
      );
    },
    "host web1 was ",
  ],
  [
    "prose alone",
    (s) => replace(s, DOCUMENT, "What it does.", "Harmless."),
    "the text of runbook.md changed",
  ],
  [
    "a line end at the end",
    (s) => void s.project.write(DOCUMENT, `${s.project.read(DOCUMENT)}\n`),
    "the text of runbook.md changed",
  ],
  [
    "every line end",
    (s) => void s.project.write(DOCUMENT, s.project.read(DOCUMENT).replaceAll("\n", "\r\n")),
    "runbook.md changed since it was decided on",
  ],
];

/** Does the change, lets somebody look, and puts everything back. */
async function during(site: Site, change: Change, look: () => Promise<void>): Promise<void> {
  const folders = ["deploy", `runbooks/${ID}/runbook.md`, "policy.yaml", "inventory.yaml", "vibeops.yaml"];
  const kept = join(site.space.directory, "kept");
  mkdirSync(kept);
  execFileSync("sh", [
    "-c",
    'cd "$1"; shift; tar -cf "$0/project.tar" "$@"',
    kept,
    site.project.root,
    ...folders,
  ]);
  execFileSync("cp", ["-r", site.ssh, join(kept, "ssh")]);
  const undo = change(site);
  try {
    await look();
  } finally {
    if (typeof undo === "function") undo();
    for (const folder of folders) rmSync(join(site.project.root, folder), { recursive: true, force: true });
    execFileSync("tar", ["-xf", join(kept, "project.tar"), "-C", site.project.root]);
    rmSync(site.ssh, { recursive: true });
    renameSync(join(kept, "ssh"), site.ssh);
    rmSync(kept, { recursive: true });
  }
}

/** A command line of a person at a terminal, who presses no key. */
async function atTerminal(site: Site, ...argv: string[]) {
  let stdout = "";
  let stderr = "";
  const collect = (take: (text: string) => void) =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        take(String(chunk));
        done();
      },
    });
  const exit = await runCli(argv, {
    cwd: site.project.root,
    context: site.context,
    stdin: Readable.from([]),
    stdout: collect((text) => {
      stdout += text;
    }),
    stderr: collect((text) => {
      stderr += text;
    }),
    isInteractive: true,
    hasColour: false,
    columns: 400,
  });
  return { exit, stdout, stderr };
}

function operator(answers: readonly string[] = []) {
  return { mode: "ssh" as const, operator: scriptedOperator(answers), facts };
}

function letters({ host }: GateWorkspace): string {
  const file = join(host, "letters");
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** What an agent's tools and an MCP client call: the only tool of theirs that walks. */
async function throughMcp(site: Site): Promise<unknown> {
  const { project, context } = site.gate();
  const agent = { address: "sysadmin@infra", tool: "a test", model: null };
  const caller = { project, context, agent, role: "sysadmin", writes: [], boundary: "b" };
  return await runbookRunDelegated.run({ id: ID }, caller);
}

/** What walks: the library and each spelling of the command. All of them refuse with the same words and exit 5. */
async function everyDoorToAWalk(site: Site, message: string): Promise<void> {
  const refusal = { exit: 5, code: "approval.lapsed", message: expect.stringContaining(message) };
  await expect(walkRunbook(site.gate(), ID, operator(["run", "run"]))).rejects.toMatchObject(refusal);
  const typed = await atTerminal(site, "runbook", "run", ID);
  expect(typed).toMatchObject({ exit: 5, stderr: expect.stringContaining(message) });
  const pasted = await atTerminal(site, "runbook", "run", ID, "--mode", "paste");
  expect(pasted).toMatchObject({ exit: 5, stderr: expect.stringContaining(message) });
  const delegated = await site.project.vibeops("runbook", "run", ID, "--delegated");
  expect(delegated).toMatchObject({ exit: 5, stderr: expect.stringContaining(message) });
  await expect(throughMcp(site)).rejects.toMatchObject(refusal);
  const json = await atTerminal(site, "runbook", "run", ID, "--json");
  expect(json.exit).toBe(5);
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: false,
    error: { code: "approval.lapsed", message: refusal.message },
  });
}

/** What rehearses says what would happen, without a terminal too. */
async function everyRehearsal(site: Site, message: string): Promise<void> {
  const isReadable = !message.includes("decided on");
  const text = await site.project.vibeops("runbook", "run", ID, "--dry-run");
  expect(text.stdout + text.stderr).toContain(message);
  const json = await site.project.vibeops("runbook", "run", ID, "--dry-run", "--json");
  expect(json.stdout).toContain(JSON.stringify(message).slice(1, -1));
  if (!isReadable) return;
  expect((await planWalk(site.gate(), ID)).refusal?.message).toContain(message);
}

async function everyDoorToAVerification(site: Site, message: string): Promise<void> {
  const refusal = { exit: 5, code: "approval.lapsed", message: expect.stringContaining(message) };
  await expect(verifyRunbook(site.gate(), ID, operator())).rejects.toMatchObject(refusal);
  const typed = await atTerminal(site, "runbook", "verify", ID);
  expect(typed).toMatchObject({ exit: 5, stderr: expect.stringContaining(message) });
  const json = await atTerminal(site, "runbook", "verify", ID, "--json");
  expect(JSON.parse(json.stdout)).toMatchObject({
    ok: false,
    error: { code: "approval.lapsed", message: refusal.message },
  });
}

/** One approved runbook for all of them: whatever is changed is put back before the next. */
async function duringEachChange(site: Site, look: (message: string) => Promise<void>): Promise<void> {
  for (const [what, change, message] of changes) {
    try {
      await during(site, change, () => look(message));
    } catch (error) {
      throw new Error(`where this was changed: ${what}`, { cause: error });
    }
  }
}

test("whatever changes after the approval, no door lets a walk begin, and each names what changed", async () => {
  const site = await approved();
  await duringEachChange(site, async (message) => {
    const gate = site.gate();
    const look = async () => requireApproval(gate, loadForGate(gate.project, ID));
    await expect(look()).rejects.toMatchObject({ exit: 5, message: expect.stringContaining(message) });
    await everyDoorToAWalk(site, message);
    await everyRehearsal(site, message);
    expect(existsSync(join(site.project.root, `runbooks/${ID}/records`))).toBe(false);
  });
  expect((await walkRunbook(site.gate(), ID, operator(["run", "run"]))).phase).toBe("completed");
}, 240_000);

test("whatever changes during a walk, no door lets it go on, and each names what changed", async () => {
  const site = await approved();
  await walkRunbook(site.gate(), ID, operator(["run", "stop"]));
  await duringEachChange(site, async (message) => {
    await everyDoorToAWalk(site, message);
    expect(letters(site)).toBe("");
  });
  expect((await walkRunbook(site.gate(), ID, operator(["run"]))).phase).toBe("completed");
}, 240_000);

test("whatever changes after a walk, no door verifies it, and each names what changed", async () => {
  const site = await approved();
  await walkRunbook(site.gate(), ID, operator(["run", "run"]));
  await duringEachChange(site, (message) => everyDoorToAVerification(site, message));
  expect(letters(site)).toBe("A1.2.0");
}, 240_000);

test("an approval that ran out, and one that is used up, start nothing at any door", async () => {
  const site = await approved();
  site.context.setNow("2026-11-22T00:00:00Z");
  await everyDoorToAWalk(site, "it ran out at 2026-11-21T14:32:11.000Z");
  await everyRehearsal(site, "it ran out at 2026-11-21T14:32:11.000Z");
  site.context.setNow("2026-11-20T15:00:00Z");
  await walkRunbook(site.gate(), ID, operator(["run", "run"]));
  await everyDoorToAWalk(site, "it was good for one walk");
  await everyRehearsal(site, "it was good for one walk");
}, 60_000);

test("an approval for another runbook, copied beside this one, starts nothing at any door", async () => {
  const site = await approved();
  const other = "20261120T150000Z-00000000";
  const folder = join(site.project.root, "runbooks");
  const [statement = ""] = readdirSync(join(folder, ID, "approvals"));
  expect(statement).not.toBe("");
  execFileSync("cp", ["-r", join(folder, ID), join(folder, other)]);
  const moved = site.project.read(DOCUMENT).replaceAll(ID, other);
  rmSync(join(folder, ID, "approvals"), { recursive: true });
  const plan = await planDecision(site.gate(), ID, { decision: "approve", principal: ADA });
  expect(plan.pages.length).toBeGreaterThan(0);
  site.project.write(`runbooks/${other}/runbook.md`, moved);
  const text = await site.project.vibeops("runbook", "run", other, "--dry-run");
  expect(text.stdout).toContain(`it is about another runbook, ${ID}`);
  const typed = await atTerminal(site, "runbook", "run", other);
  expect(typed).toMatchObject({
    exit: 5,
    stderr: expect.stringContaining(`it is about another runbook, ${ID}`),
  });
}, 60_000);

test("approving again shows what changed since, before the same key signs anew", async () => {
  const site = await approved();
  replace(site, DOCUMENT, "printf A", "printf B");
  site.project.write("policy.yaml", "approval: { approvals: 1 }\n");
  const plan = await planDecision(site.gate(), ID, { decision: "approve", principal: ADA });
  const shown = plan.pages
    .flatMap(({ lines }) => lines.map(({ text, gutter }) => `${gutter ?? ""}|${text}`))
    .join("\n");
  expect(shown).toMatch(/^-\|sh .*; printf A\$VERSION/m);
  expect(shown).toMatch(/^\+\|sh .*; printf B\$VERSION/m);
  expect(shown).toContain("+|approval: { approvals: 1 }");
  await recordDecision(site.gate(), plan, PRESENT, site.sign);
  const gate = site.gate();
  await expect(requireApproval(gate, loadForGate(gate.project, ID))).resolves.toBeDefined();
}, 60_000);

test.each([
  [
    "`approved: true` in the front matter",
    (s: GateWorkspace) => replace(s, DOCUMENT, "\ntitle:", "\napproved: true\ntitle:"),
    /unknown key 'approved'/,
  ],
  [
    "a statement that somebody wrote by hand",
    (s: GateWorkspace) => void s.project.write(`runbooks/${ID}/approvals/yes.yaml`, "approved: true\n"),
    /the approval is not valid/,
  ],
])("%s approves nothing at any door, and is reported", async (_, change, report) => {
  const space = gateWorkspace();
  space.project.git("config", "user.email", ADA);
  space.writeRunbook(runbookText({ steps: letterStep(1, space.host, "A") }));
  change(space);
  const site = { ...space, ssh: "" };
  for (const argv of [["--json"], [], ["--mode", "paste"]]) {
    const { exit, stdout, stderr } = await atTerminal(site, "runbook", "run", ID, ...argv);
    expect([4, 5]).toContain(exit);
    expect(stdout + stderr).toMatch(report);
  }
  const { stdout, stderr } = await space.project.vibeops("runbook", "run", ID, "--dry-run");
  expect(stdout + stderr).toMatch(report);
  expect(letters(space)).toBe("");
});
