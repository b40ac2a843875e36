import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { formatOwner, newOwner } from "../../src/platform/lock-owner.ts";
import { trustPaths } from "../../src/runbook/trust.ts";
import { missingComponents, nameWithMissing } from "../e2e/missing-components.ts";
import { runIn } from "../helpers/cli.ts";
import { testContext } from "../helpers/context.ts";
import { type TestProject, type Workspace, workspace } from "../helpers/workspace.ts";
import { makeTestKey } from "../runbook/gate-workspace.ts";

interface Found {
  name: string;
  status: string;
  what: string;
  file?: string;
  line?: number;
  fix?: string;
  mend: string | null;
}

type Space = Workspace & { shop: TestProject; infra: TestProject };

const GRANTS = `peers:
  infra: { path: ../infra }
accepts:
  - { from: infra, types: [request, info], until: 2027-06-30 }
`;

/** Two projects as `init` makes them, everything committed; made once, and copied for each test. */
async function makeTemplate(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "vibeops-doctor-"));
  const context = testContext(directory);
  const env = context.env as NodeJS.ProcessEnv;
  const projects = [
    ["shop", `project: shop\nagents: { developer: { provider: builtin } }\n${GRANTS}`],
    [
      "infra",
      `project: infra\nagents: { sysadmin: { provider: builtin } }\n${GRANTS.replaceAll("infra", "shop")}`,
    ],
  ] as const;
  for (const [name, text] of projects) {
    const root = join(directory, name);
    const git = (...args: string[]) => execFileSync("git", args, { cwd: root, env });
    mkdirSync(root);
    git("init", "--quiet", "--initial-branch=main");
    writeFileSync(join(root, "vibeops.yaml"), text);
    await runIn(root, context, ["init", "--yes"]);
    git("add", ".");
    git("commit", "--quiet", "-m", "Begin");
  }
  return directory;
}

let template = "";

beforeAll(async () => {
  template = await makeTemplate();
  return () => rmSync(template, { recursive: true });
});

function healthy(): Space {
  const space = workspace();
  const copy = (name: string) => {
    const project = space.project(name, "");
    rmSync(project.root, { recursive: true });
    cpSync(join(template, name), project.root, { recursive: true });
    return project;
  };
  return { ...space, shop: copy("shop"), infra: copy("infra") };
}

async function examine(project: TestProject, ...flags: string[]) {
  const { exit, stdout } = await project.vibeops("doctor", "--json", ...flags);
  const { result } = JSON.parse(stdout) as {
    result: { checks: Found[]; mended: { problem: string | null }[] };
  };
  const wrong = result.checks.filter(({ status }) => status !== "ok");
  return { exit, checks: result.checks, mended: result.mended, wrong, names: wrong.map(({ name }) => name) };
}

const dead = formatOwner({ ...newOwner(), boot: "another" }).toString();

function age(path: string, now: Date, hours: number): string {
  const time = new Date(now.getTime() - hours * 3_600_000);
  utimesSync(path, time, time);
  return path;
}

test("says in one line what is fine, where nothing is wrong, and exits 0", async () => {
  const { shop } = healthy();
  const { exit, stdout, stderr } = await shop.vibeops("doctor");
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout.split("\n").filter((line) => line !== "")).toEqual([
    "vibeops doctor: shop",
    expect.stringMatching(/^fine {5}Node\.js .*; git \d.*the whole history.*no live credentials/),
    "Nothing is wrong.",
  ]);
  expect((await examine(shop)).wrong).toEqual([]);
});

test("a project as init leaves it, before its first commit, has no mail to commit", async () => {
  const { directory, context } = workspace();
  const root = join(directory, "new");
  mkdirSync(root);
  execFileSync("git", ["init", "--quiet"], { cwd: root, env: context.env as NodeJS.ProcessEnv });
  await runIn(root, context, ["init", "--role", "developer", "--yes"]);
  const { stdout } = await runIn(root, context, ["doctor"]);
  expect(stdout).not.toContain("memo.uncommitted");
});

test("how to take out what is local can be typed anywhere in a repository of several projects", async () => {
  const { context, project } = workspace();
  const outer = project("outer", "project: outer\nagents: { pm: { provider: builtin } }\n");
  const root = join(outer.root, "apps/it's [1]");
  mkdirSync(join(root, "sub"), { recursive: true });
  writeFileSync(join(root, "vibeops.yaml"), "project: shop\nagents: { developer: { provider: builtin } }\n");
  mkdirSync(join(root, ".vibeops"));
  writeFileSync(join(root, ".vibeops/last"), "x");
  outer.git("add", "--force", ".");
  const { stdout } = await runIn(root, context, ["doctor", "--json"]);
  const checks: { name: string; fix?: string }[] = JSON.parse(stdout).result.checks;
  const fix = checks.find(({ name }) => name === "project.tracked")?.fix ?? "";
  execFileSync("sh", ["-c", fix], { cwd: join(root, "sub"), env: context.env as NodeJS.ProcessEnv });
  expect(outer.git("ls-files")).not.toContain(".vibeops/");
});

test("outside of every project it examines the machine, and says that", async () => {
  const { directory, context } = workspace();
  const { exit, stdout } = await runIn(directory, context, ["doctor"]);
  expect(exit).toBe(0);
  expect(stdout).toContain("[project.missing]");
  expect(stdout).toContain("git 2.");
});

/** How each thing goes wrong, what is said, and how it is put right: by `--fix`, or by the hand that the fix names. */
const cases: [
  string,
  string,
  "error" | "warning",
  (space: Space) => unknown,
  ((space: Space) => unknown) | "--fix",
][] = [
  [
    "a vibeops.yaml that cannot be read",
    "schema.invalid",
    "error",
    ({ shop }) =>
      shop.write("vibeops.yaml", "project: shop\nagents: { developer: { provider: builtin } }\npeer: {}\n"),
    ({ shop }) => shop.git("checkout", "vibeops.yaml"),
  ],
  [
    "an inventory that cannot be read",
    "yaml.syntax",
    "error",
    ({ shop }) => shop.write("inventory.yaml", "hosts: [\n"),
    ({ shop }) => rmSync(join(shop.root, "inventory.yaml")),
  ],
  [
    "a policy that cannot be read",
    "policy.unreadable",
    "error",
    ({ shop }) => shop.write("policy.yaml", "approvall: {}\n"),
    ({ shop }) => rmSync(join(shop.root, "policy.yaml")),
  ],
  [
    "STATE.md without a section",
    "state.sections",
    "warning",
    ({ shop }) => shop.write("STATE.md", "## Current status\n\nfine\n"),
    ({ shop }) => shop.git("checkout", "STATE.md"),
  ],
  [
    "a pointer that is gone",
    "project.lacks",
    "warning",
    ({ shop }) => rmSync(join(shop.root, "CLAUDE.md")),
    "--fix",
  ],
  [
    "a .gitignore that lets local files in",
    "project.ignored",
    "error",
    ({ shop }) => shop.write(".gitignore", "# mine\r\n*.log"),
    "--fix",
  ],
  [
    "a rule by which git converts memos",
    "project.converted",
    "warning",
    ({ shop }) => shop.write(".gitattributes", `${shop.read(".gitattributes")}memos/** text eol=crlf\n`),
    ({ shop }) =>
      shop.write(
        ".gitattributes",
        `${shop.read(".gitattributes")}memos/** -text -working-tree-encoding -filter -ident\n`,
      ),
  ],
  [
    "local files in the history",
    "project.tracked",
    "error",
    ({ shop }) => [shop.write(".vibeops/last", "x"), shop.git("add", "--force", ".vibeops/last")],
    ({ shop }) => shop.git("rm", "-r", "--quiet", "--cached", ".vibeops"),
  ],
  [
    "a folder that is a link",
    "file.symlink",
    "error",
    ({ shop }) => symlinkSync("/tmp", join(shop.root, "deploy")),
    ({ shop }) => rmSync(join(shop.root, "deploy")),
  ],
  [
    "a memo folder that is a link",
    "file.symlink",
    "error",
    ({ shop }) => [
      renameSync(join(shop.root, "memos/sent"), join(shop.root, "elsewhere")),
      symlinkSync("../elsewhere", join(shop.root, "memos/sent")),
    ],
    ({ shop }) => [
      rmSync(join(shop.root, "memos/sent")),
      renameSync(join(shop.root, "elsewhere"), join(shop.root, "memos/sent")),
    ],
  ],
  [
    "a git that knows nobody",
    "git.identity",
    "error",
    ({ context }) => Object.assign(context.env, { GIT_AUTHOR_NAME: "" }),
    ({ context }) => Object.assign(context.env, { GIT_AUTHOR_NAME: "Ada" }),
  ],
  [
    "a program in the repository's configuration",
    "git.programs",
    "warning",
    ({ shop }) => shop.git("config", "core.fsmonitor", "./evil"),
    ({ shop }) => shop.git("config", "--unset", "core.fsmonitor"),
  ],
  [
    "a hook",
    "git.hooks",
    "warning",
    ({ shop }) => [
      mkdirSync(join(shop.root, ".git/hooks"), { recursive: true }),
      shop.write(".git/hooks/pre-commit", "#!/bin/sh\n"),
    ],
    ({ shop }) => rmSync(join(shop.root, ".git/hooks/pre-commit")),
  ],
  [
    "no branch",
    "git.detached",
    "warning",
    ({ shop }) => shop.git("checkout", "--quiet", "--detach"),
    ({ shop }) => shop.git("checkout", "--quiet", "main"),
  ],
  [
    "a merge in between",
    "git.unfinished",
    "warning",
    ({ shop }) => shop.write(".git/MERGE_HEAD", shop.git("rev-parse", "HEAD")),
    ({ shop }) => rmSync(join(shop.root, ".git/MERGE_HEAD")),
  ],
  [
    "a history that is cut off",
    "git.history",
    "warning",
    ({ shop }) => shop.write(".git/shallow", shop.git("rev-parse", "HEAD")),
    ({ shop }) => rmSync(join(shop.root, ".git/shallow")),
  ],
  [
    "a lock of a git that was killed",
    "git.lock",
    "error",
    ({ shop, context }) => age(shop.write(".git/index.lock", ""), context.now(), 1),
    ({ shop }) => rmSync(join(shop.root, ".git/index.lock")),
  ],
  [
    "a lock of ours in .git",
    "git.left-over",
    "warning",
    ({ shop }) => shop.write(".git/vibeops.lock", dead),
    "--fix",
  ],
  [
    "our lock on the index",
    "git.left-over",
    "warning",
    ({ shop }) => shop.write(".git/index.lock", dead),
    "--fix",
  ],
  [
    "a copy of the index",
    "git.left-over",
    "warning",
    ({ shop }) => shop.write(".git/index.vibeops-0123456789abcdef", ""),
    "--fix",
  ],
  [
    "a commit that nobody published",
    "git.left-over",
    "warning",
    ({ shop, context }) => [
      context.setNow("2036-01-01T00:00:00Z"),
      shop.git("update-ref", "refs/vibeops/pending-0123456789abcdef-1-0123456789abcdef", "HEAD"),
    ],
    "--fix",
  ],
  [
    "an old temporary in an inbox",
    "left-over",
    "warning",
    ({ shop, context }) =>
      age(shop.write("memos/incoming/.vibeops-0123456789abcdef.tmp", "x"), context.now(), 37),
    "--fix",
  ],
  ["a lock of the dead", "left-over", "warning", ({ shop }) => shop.write("STATE.md.lock", dead), "--fix"],
  [
    "a note",
    "memo.note",
    "warning",
    ({ shop }) => shop.write("memos/incoming/idea.txt", "An idea\n"),
    ({ shop }) => shop.vibeops("memo", "adopt", "memos/incoming/idea.txt"),
  ],
  [
    "what is no memo",
    "memo.missing-key",
    "warning",
    ({ shop }) => shop.write("memos/incoming/x.md", "---\nid: x\n---\n"),
    ({ shop }) => rmSync(join(shop.root, "memos/incoming/x.md")),
  ],
  [
    "a name that is no memo's",
    "memo.name",
    "warning",
    async ({ shop }) => [
      await shop.vibeops("memo", "new", "Own", "--to", "shop", "--body", "x"),
      renameFirst(shop, "X.md"),
    ],
    ({ shop }) => rmSync(join(shop.root, "memos/incoming/X.md")),
  ],
  [
    "a box that nobody counts",
    "memo.stray-box",
    "warning",
    ({ shop }) => shop.vibeops("memo", "new", "Own", "--to", "shop", "--body", "- [ ] lost"),
    ({ shop }) => shop.vibeops("memo", "done", "own", "--note", "x", "--unfinished", "x"),
  ],
  [
    "quarantine",
    "memo.quarantine",
    "warning",
    ({ shop }) => [
      mkdirSync(join(shop.root, "memos/quarantine")),
      shop.write("memos/quarantine/x.md", "x"),
      shop.write("memos/quarantine/x.md.reason.md", "why"),
    ],
    ({ shop }) => rmSync(join(shop.root, "memos/quarantine"), { recursive: true }),
  ],
  [
    "a queue that waits",
    "memo.queued",
    "warning",
    async ({ shop, infra }) => [
      renameSync(infra.root, `${infra.root}-away`),
      await shop.vibeops("memo", "new", "Hello", "--to", "infra", "--body", "x"),
    ],
    async ({ shop, infra }) => [
      renameSync(`${infra.root}-away`, infra.root),
      await shop.vibeops("session", "start"),
    ],
  ],
  [
    "mail of ours that is not committed",
    "memo.uncommitted",
    "warning",
    ({ shop }) => shop.write("memos/archived/2026-11/x.md", "x"),
    ({ shop }) => rmSync(join(shop.root, "memos/archived/2026-11"), { recursive: true }),
  ],
  [
    "mail that arrived",
    "memo.arrived",
    "warning",
    ({ infra }) => infra.vibeops("memo", "new", "Hello", "--to", "shop", "--body", "x"),
    ({ shop }) => shop.vibeops("session", "start"),
  ],
  [
    "a peer that is gone",
    "peer.gone",
    "warning",
    ({ infra }) => renameSync(infra.root, `${infra.root}-away`),
    ({ infra }) => renameSync(`${infra.root}-away`, infra.root),
  ],
  [
    "a peer that cannot be read",
    "peer.broken",
    "warning",
    ({ infra }) => infra.write("vibeops.yaml", "project: [\n"),
    ({ infra }) => infra.git("checkout", "vibeops.yaml"),
  ],
  [
    "a peer with our name",
    "peer.own-name",
    "error",
    ({ infra }) =>
      infra.write("vibeops.yaml", infra.read("vibeops.yaml").replace("project: infra", "project: shop")),
    ({ infra }) => infra.git("checkout", "vibeops.yaml"),
  ],
  [
    "two peers of one name",
    "peer.ambiguous",
    "error",
    (space) => [
      space.project("other", "project: infra\nagents: { sysadmin: { provider: builtin } }\n"),
      edit(space.shop, "  infra:", "  other: { path: ../other }\n  infra:"),
    ],
    ({ shop }) => shop.git("checkout", "vibeops.yaml"),
  ],
  [
    "one folder twice",
    "peer.twice",
    "warning",
    ({ shop }) => edit(shop, "  infra:", "  ops: { path: ../infra }\n  infra:"),
    ({ shop }) => shop.git("checkout", "vibeops.yaml"),
  ],
  [
    "a grant that ended",
    "grant.ended",
    "warning",
    ({ context }) => context.setNow("2027-07-01T00:00:00Z"),
    async ({ shop, infra }) => [
      await shop.vibeops("grant", "add", "infra", "--until", "90d", "--yes"),
      await infra.vibeops("grant", "add", "shop", "--until", "90d", "--yes"),
    ],
  ],
  [
    "a grant that ends soon",
    "grant.ending",
    "warning",
    ({ context }) => context.setNow("2027-06-16T00:00:00Z"),
    ({ shop }) => shop.vibeops("grant", "add", "infra", "--until", "90d", "--yes"),
  ],
  [
    "a grant at one end",
    "grant.one-sided",
    "warning",
    ({ infra }) => infra.write("vibeops.yaml", infra.read("vibeops.yaml").split("peers:")[0] ?? ""),
    ({ infra }) => infra.git("checkout", "vibeops.yaml"),
  ],
  [
    "a peer that takes nothing",
    "grant.not-given",
    "warning",
    ({ infra }) => infra.vibeops("grant", "revoke", "shop"),
    ({ infra }) => infra.vibeops("grant", "add", "shop", "--yes"),
  ],
  [
    "a session that nobody ended",
    "session.open",
    "warning",
    async ({ shop, context }) => [
      await shop.vibeops("session", "start"),
      context.setNow("2026-11-22T00:00:00Z"),
    ],
    ({ shop }) => shop.vibeops("session", "end", "--no-note"),
  ],
  [
    "a runbook that is no good",
    "runbook.section",
    "error",
    ({ shop }) =>
      shop.write(
        "runbooks/20261120T150000Z-m2x9vaq4/runbook.md",
        "---\nid: 20261120T150000Z-m2x9vaq4\ntitle: T\nhosts: [a]\n---\n",
      ),
    ({ shop }) => rmSync(join(shop.root, "runbooks"), { recursive: true }),
  ],
  [
    "trust that others may write",
    "trust.writable",
    "error",
    ({ context }) => chmodSync(trustFolder(context), 0o777),
    ({ context }) => chmodSync(trustFolder(context), 0o700),
  ],
  [
    "signers that cannot be read",
    "trust.signers",
    "error",
    ({ context }) => writeFileSync(join(trustFolder(context), "allowed_signers"), "* ssh-ed25519 x\n"),
    ({ context }) => writeFileSync(join(trustFolder(context), "allowed_signers"), ""),
  ],
  [
    "a key without a passphrase",
    "trust.key-open",
    "error",
    ({ context }) => makeTestKey(join(trustFolder(context), "approval_key"), ""),
    ({ context }) => rmSync(join(trustFolder(context), "approval_key")),
  ],
  [
    "a key that is not listed",
    "trust.not-listed",
    "warning",
    ({ context }) => makeTestKey(join(trustFolder(context), "approval_key"), "correct horse"),
    ({ context }) => rmSync(join(trustFolder(context), "approval_key")),
  ],
  [
    "a key that others may read",
    "trust.key-mode",
    "error",
    ({ context }) => [
      makeTestKey(join(trustFolder(context), "approval_key"), "correct horse"),
      chmodSync(join(trustFolder(context), "approval_key"), 0o644),
    ],
    ({ context }) => chmodSync(join(trustFolder(context), "approval_key"), 0o600),
  ],
  [
    "clusters in reach",
    "reach.kube",
    "warning",
    ({ context }) => writeHome(context, ".kube/config", ""),
    ({ context }) => rmSync(join(context.env.HOME ?? "", ".kube"), { recursive: true }),
  ],
  [
    "cloud variables",
    "reach.variable",
    "warning",
    ({ context }) => Object.assign(context.env, { AWS_SECRET_ACCESS_KEY: "x", DOCKER_HOST: "tcp://x" }),
    ({ context }) => Object.assign(context.env, { AWS_SECRET_ACCESS_KEY: "", DOCKER_HOST: undefined }),
  ],
  [
    "cloud credentials",
    "reach.file",
    "warning",
    ({ context }) => writeHome(context, ".aws/credentials", ""),
    ({ context }) => rmSync(join(context.env.HOME ?? "", ".aws"), { recursive: true }),
  ],
  [
    "an open ssh key",
    "reach.ssh-key",
    "warning",
    ({ context }) => [
      mkdirSync(join(context.env.HOME ?? "", ".ssh")),
      makeTestKey(join(context.env.HOME ?? "", ".ssh/id_ed25519"), ""),
    ],
    ({ context }) => rmSync(join(context.env.HOME ?? "", ".ssh"), { recursive: true }),
  ],
];

function renameFirst(project: TestProject, name: string) {
  const [first = ""] = project.list("memos/incoming");
  renameSync(join(project.root, "memos/incoming", first), join(project.root, "memos/incoming", name));
}

function edit(project: TestProject, from: string, to: string) {
  project.write("vibeops.yaml", project.read("vibeops.yaml").replace(from, to));
}

function trustFolder({ env }: Workspace["context"]): string {
  const { directory } = trustPaths(env);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  return directory;
}

function writeHome({ env }: Workspace["context"], path: string, text: string) {
  const file = join(env.HOME ?? "", path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
}

describe("what is wrong is found, said with its place, and gone once it is put right:", () => {
  test.each(cases)("%s", async (_, name, status, breakIt, putRight) => {
    const space = healthy();
    await breakIt(space);
    const found = await examine(space.shop);
    const check = found.wrong.find((one) => one.name === name);
    expect(check, JSON.stringify(found.wrong)).toMatchObject({
      status,
      what: expect.stringMatching(/\w/),
      fix: expect.stringMatching(/\w/),
    });
    expect(found.exit).toBe(found.wrong.some((one) => one.status === "error") ? 4 : 0);
    expect(check?.mend === null).toBe(putRight !== "--fix");
    if (putRight === "--fix") {
      const mended = await space.shop.vibeops("doctor", "--fix", "--yes");
      expect(mended.stdout).toContain("Done: ");
    } else await putRight(space);
    expect((await examine(space.shop)).names).not.toContain(name);
  });
});

test("ssh-agent with keys is in reach, without keys it is not", async () => {
  const { shop, context } = healthy();
  const socket = join(context.env.HOME ?? "", "agent.sock");
  const key = join(context.env.HOME ?? "", "key");
  makeTestKey(key, "");
  const pid = /SSH_AGENT_PID=(\d+)/.exec(
    execFileSync("ssh-agent", ["-s", "-a", socket], { encoding: "utf8" }),
  )?.[1];
  try {
    Object.assign(context.env, { SSH_AUTH_SOCK: socket });
    expect((await examine(shop)).names).not.toContain("reach.ssh-agent");
    execFileSync("ssh-add", ["-q", key], { env: { ...process.env, SSH_AUTH_SOCK: socket }, stdio: "ignore" });
    const { wrong, exit } = await examine(shop);
    expect(exit).toBe(0);
    expect(wrong.find(({ name }) => name === "reach.ssh-agent")?.what).toContain("1 key ");
  } finally {
    process.kill(Number(pid));
  }
});

test("--fix appends and creates, and leaves what a person wrote byte for byte", async () => {
  const { shop, context } = healthy();
  shop.write(".gitignore", "# mine\r\n*.log");
  shop.write("CLAUDE.md", "My own words.\n");
  shop.write("memos/incoming/idea.txt", "An idea\n");
  age(shop.write(".vibeops-fedcba9876543210.tmp", "young"), context.now(), 1);
  const living = shop.write("vibeops.yaml.lock", formatOwner(newOwner()).toString());
  await shop.vibeops("doctor", "--fix", "--yes");
  expect(shop.read(".gitignore")).toMatch(/^# mine\r\n\*\.log\r\n[\s\S]*\.vibeops\//);
  expect(shop.read("CLAUDE.md")).toMatch(/^My own words\.\n[\s\S]*@AGENTS\.md/);
  expect(shop.read("memos/incoming/idea.txt")).toBe("An idea\n");
  expect(existsSync(join(shop.root, ".vibeops-fedcba9876543210.tmp"))).toBe(true);
  expect(readFileSync(living, "utf8")).toContain(String(process.pid));
  const before = snapshot(shop.root);
  const again = await examine(shop, "--fix", "--yes");
  expect(again.mended).toEqual([]);
  expect(snapshot(shop.root)).toEqual(before);
});

test("without a terminal and without --yes, --fix shows the plan and mends nothing", async () => {
  const { shop } = healthy();
  const lock = shop.write("STATE.md.lock", dead);
  const refused = await shop.vibeops("doctor", "--fix");
  expect(refused.exit).toBe(6);
  expect(refused.stdout).toContain("- remove what a killed vibeops left: STATE.md.lock");
  expect(refused.stderr).toContain("vibeops doctor --fix --yes");
  expect(readFileSync(lock, "utf8")).toBe(dead);
});

test("only looking changes nothing", async () => {
  const { shop, context } = healthy();
  shop.write("STATE.md.lock", dead);
  age(shop.write("memos/incoming/.vibeops-0123456789abcdef.tmp", "x"), context.now(), 99);
  rmSync(join(shop.root, "CLAUDE.md"));
  const before = snapshot(shop.root);
  await shop.vibeops("doctor");
  expect(snapshot(shop.root)).toEqual(before);
});

/** Every file below a folder by its hash; git's index may be refreshed by whoever looks. */
function snapshot(root: string, below = ""): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of readdirSync(join(root, below)).sort()) {
    const path = join(below, name);
    const full = join(root, path);
    if (lstatSync(full).isDirectory()) Object.assign(files, snapshot(root, path));
    else files[path] = createHash("sha256").update(readFileSync(full)).digest("hex");
  }
  return files;
}

const TRACER = "strace";
const missing = missingComponents(["tracer"]);

describe.skipIf(missing.length > 0)(
  nameWithMissing("--fix that is killed (strace puts the signal at the system call)", missing),
  () => {
    const program = fileURLToPath(new URL("../../bin/vibeops.js", import.meta.url));

    test("at any rename, link or unlink, what a person wrote is whole, and the next --fix ends it", async () => {
      let points = 0;
      for (let when = 1; when < 100; when += 1) {
        const { shop, context } = healthy();
        shop.write("CLAUDE.md", "My own words.\n");
        shop.write(".gitignore", "# mine\n");
        shop.write("STATE.md.lock", dead);
        age(shop.write("memos/incoming/.vibeops-0123456789abcdef.tmp", "x"), new Date(), 99);
        const calls = "rename,link,unlink";
        const inject = ["-e", `trace=${calls}`, "-e", `inject=${calls}:signal=SIGKILL:when=${when}`];
        const command = [process.execPath, program, "doctor", "--fix", "--yes"];
        const env = context.env as NodeJS.ProcessEnv;
        const killed = spawnSync(TRACER, ["-qq", "-o", "/dev/null", ...inject, ...command], {
          cwd: shop.root,
          env,
        });
        if (killed.signal === null) break;
        points += 1;
        expect(shop.read("CLAUDE.md"), `${when}`).toMatch(/^My own words\.\n/);
        expect(shop.read(".gitignore"), `${when}`).toMatch(/^# mine\n/);
        await shop.vibeops("doctor", "--fix", "--yes");
        const { wrong } = await examine(shop);
        const left = wrong.filter(({ name }) => /left-over|lacks|ignored|lock/.test(name));
        expect(
          left.map(({ what }) => what),
          `${when}`,
        ).toEqual([]);
        expect(shop.read("CLAUDE.md").match(/@AGENTS\.md/g), `${when}`).toHaveLength(1);
      }
      expect(points).toBeGreaterThan(5);
    }, 240_000);
  },
);
