import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  linkSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { answerHook, type HookAnswer } from "../../src/agent/vendors/answer-hook.ts";
import { hookForms } from "../../src/agent/vendors/hooks.ts";
import { type Vendor, vendors } from "../../src/agent/vendors/vendor.ts";
import { readCorpus } from "../helpers/corpus.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import fc from "../helpers/property.ts";

interface Place {
  root: string;
  env: Record<string, string>;
  ask(vendor: Vendor, tool: string, input: unknown, cwd?: string): Promise<HookAnswer>;
}

/** A project with the hosts and commands that the corpus assumes. */
function place(): Place {
  const directory = temporaryDirectory();
  const [root, home] = [join(directory, "infra"), join(directory, "home")];
  mkdirSync(join(root, "src"), { recursive: true });
  mkdirSync(join(root, "memos/incoming"), { recursive: true });
  mkdirSync(join(root, "runbooks/r1/approvals"), { recursive: true });
  mkdirSync(home);
  const scripts = "npm test|npm run build|npm run lint|npm run typecheck|make test|node dist/cli.js".split(
    "|",
  );
  const commands = scripts.map((script, index) => `  c${index}: ${script}\n`).join("");
  const config = `project: infra\nagents: { sysadmin: { provider: claude } }\ncommands:\n${commands}`;
  writeFileSync(join(root, "vibeops.yaml"), config);
  writeFileSync(join(root, "policy.yaml"), "delegate: []\n");
  writeFileSync(
    join(root, "inventory.yaml"),
    "hosts:\n  prod: { tier: live }\n  staging: { tier: staging }\n  web1: { address: web1.example.com }\n" +
      "  db1: { address: 10.0.0.5 }\n  edge: { address: deploy@203.0.113.10 }\n",
  );
  const env = { PATH: process.env.PATH ?? "", HOME: home };
  return {
    root,
    env,
    ask: (vendor, tool, input, cwd = root) =>
      answerHook(vendor, eventOf(vendor, tool, input, cwd), { env, cwd: root }),
  };
}

function eventOf(vendor: Vendor, tool: string, input: unknown, cwd: string): string {
  return JSON.stringify({
    session_id: "s",
    transcript_path: "/t",
    cwd,
    hook_event_name: hookForms[vendor].before,
    tool_name: tool,
    tool_input: input,
  });
}

const shells: Readonly<Record<Vendor, string>> = {
  claude: "Bash",
  codex: "Bash",
  gemini: "run_shell_command",
};

/** The reason of a denial in the vendor's form; null where nothing is said. */
function reasonOf(vendor: Vendor, { exit, stdout }: HookAnswer): string | null {
  expect(exit).toBe(0);
  if (stdout === "") return null;
  const answer = JSON.parse(stdout);
  if (vendor === "gemini") {
    expect(answer.decision).toBe("deny");
    return answer.reason;
  }
  expect(answer.hookSpecificOutput).toMatchObject({
    hookEventName: "PreToolUse",
    permissionDecision: "deny",
  });
  return answer.hookSpecificOutput.permissionDecisionReason;
}

describe.each(vendors)("%s", (vendor) => {
  test("a live command is denied in the vendor's form, with what to do instead", async () => {
    const answer = await place().ask(vendor, shells[vendor], { command: "ssh prod uptime" });
    expect(reasonOf(vendor, answer)).toMatch(/live: .*ssh.*runbook/);
  });

  test("a local command and a reading tool are left to the vendor", async () => {
    const { ask } = place();
    const reader = { claude: "Read", codex: "update_plan", gemini: "read_file" }[vendor];
    expect(await ask(vendor, shells[vendor], { command: "ls -la && npm test" })).toMatchObject({
      exit: 0,
      stdout: "",
    });
    expect(await ask(vendor, reader, { file_path: "/etc/hosts" })).toMatchObject({ exit: 0, stdout: "" });
  });

  test.each([
    ["no JSON", "{"],
    ["nothing", ""],
    ["a list", "[]"],
    ["no event", "{}"],
    ["another event", JSON.stringify({ hook_event_name: "PostToolUse", tool_name: "Read", tool_input: {} })],
  ])("what cannot be read is denied by exit code: %s", async (_what, text) => {
    const { env, root } = place();
    const answer = await answerHook(vendor, text, { env, cwd: root });
    expect(answer).toMatchObject({ exit: 2, stdout: "" });
    expect(answer.stderr).toContain("denied");
  });

  test("a tool that nobody knows is denied", async () => {
    expect((await place().ask(vendor, "Overwrite", { file_path: "x" })).exit).toBe(2);
    expect((await place().ask(vendor, "mcp__other__write", {})).exit).toBe(2);
  });

  test("a shell tool without a command that can be read is denied", async () => {
    expect((await place().ask(vendor, shells[vendor], { command: { $: "ssh prod" } })).exit).toBe(2);
    expect((await place().ask(vendor, shells[vendor], null)).exit).toBe(2);
  });

  test.each(["vibeops.yaml", "inventory.yaml"])(
    "in a project whose %s is broken nothing is let through",
    async (file) => {
      const { ask, root } = place();
      expect((await ask(vendor, shells[vendor], { command: "ls" })).exit).toBe(0);
      writeFileSync(join(root, file), "hosts: [\n");
      const answer = await ask(vendor, shells[vendor], { command: "ls" });
      expect(answer.exit).toBe(2);
      expect(answer.stderr).toContain(file);
    },
  );
});

test("every command of the corpus gets its answer through the guard's door", async () => {
  const { ask } = place();
  const wrong: string[] = [];
  // Contexts of Kubernetes and Docker are in no file of a project, so all of them count as unknown here.
  const contexts = /kind-dev|minikube|docker-desktop/;
  for (const { id, text, expected } of readCorpus("command")) {
    const { stdout, exit } = await ask("claude", "Bash", { command: text });
    const isLet = exit === 0 && stdout === "";
    if (isLet !== (expected === "local") && !(expected === "local" && contexts.test(text)))
      wrong.push(`${id}: ${text}`);
  }
  expect(wrong).toEqual([]);
});

const editors = [
  ["claude", "Edit", (path: string) => ({ file_path: path, old_string: "a", new_string: "b" })],
  ["claude", "Write", (path: string) => ({ file_path: path, content: "x" })],
  ["claude", "MultiEdit", (path: string) => ({ file_path: path, edits: [] })],
  ["claude", "NotebookEdit", (path: string) => ({ notebook_path: path, new_source: "x" })],
  ["gemini", "write_file", (path: string) => ({ file_path: path, content: "x" })],
  ["gemini", "replace", (path: string) => ({ file_path: path, old_string: "a", new_string: "b" })],
  [
    "codex",
    "apply_patch",
    (path: string) => ({ command: `*** Begin Patch\n*** Update File: ${path}\n@@\n-a\n+b\n*** End Patch` }),
  ],
  [
    "codex",
    "Bash",
    (path: string) => ({
      command: `apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: ${path}\n+b\n*** End Patch\nEOF`,
    }),
  ],
] as const;

const refused = [
  "policy.yaml",
  "POLICY.YAML",
  "./src/../policy.yaml",
  "inventory.yaml",
  "vibeops.yaml",
  "src/vibeops.yaml",
  "runbooks/r1/approvals/n.yaml",
  "runbooks/r1/records/w.jsonl",
  "runbooks/r1/record.md",
  "runbooks/r1/seal.yaml",
  "templates/roles/sysadmin.md",
  "AGENTS.md",
  "src/CLAUDE.md",
  "GEMINI.md",
  "memos/archived/2026-11/a.md",
  "memos/sent/2026-11/a.md",
  ".vibeops/session.yaml",
  ".claude/settings.json",
  ".claude/settings.local.json",
  ".codex/config.toml",
  ".codex/hooks.json",
  ".gemini/settings.json",
  ".mcp.json",
  ".git/config",
  ".Git/hooks/pre-commit",
  "src/.git/config",
  ".g\u200cit/config",
  "ｐolicy.yaml",
  "../other/a.txt",
  "../infra-2/a.txt",
  "/etc/passwd",
  "/tmp/x",
  "~/.config/vibeops/allowed_signers",
  "src/a\u202e.ts",
];

describe.each(editors)("%s %s", (vendor, tool, input) => {
  test.each(refused)("does not write %j", async (path) => {
    const { ask } = place();
    const answer = await ask(vendor, tool, input(path));
    // A shell may write to a temporary folder, as everybody may.
    if (tool === "Bash" && path.startsWith("/tmp/")) return;
    expect(answer.exit === 2 || reasonOf(vendor, answer) !== null).toBe(true);
  });

  test("writes what an agent prepares", async () => {
    const { ask, root } = place();
    for (const path of [
      "src/a.ts",
      join(root, "deploy/shop/compose.yaml"),
      "runbooks/r1/runbook.md",
      "STATE.md",
    ]) {
      expect(await ask(vendor, tool, input(path)), path).toMatchObject({ exit: 0, stdout: "" });
    }
  });

  test("goes through no link", async () => {
    const { ask, root } = place();
    symlinkSync("../policy.yaml", join(root, "src/link"));
    symlinkSync("../..", join(root, "src/up"));
    symlinkSync("/nowhere/yet", join(root, "src/dangling"));
    linkSync(join(root, "policy.yaml"), join(root, "src/hard"));
    for (const path of ["src/link", "src/up/x", "src/dangling", "src/hard"]) {
      expect(reasonOf(vendor, await ask(vendor, tool, input(path))), path).not.toBeNull();
    }
  });
});

test("a memo that came in may be ticked in an editor, one that is archived may not", async () => {
  const { ask } = place();
  expect(reasonOf("claude", await ask("claude", "Edit", { file_path: "memos/incoming/a.md" }))).toBeNull();
  expect(
    reasonOf("claude", await ask("claude", "Edit", { file_path: "memos/archived/2026-11/a.md" })),
  ).not.toBeNull();
});

test("where a protected name is itself a link, the file behind it is protected too", async () => {
  const { ask, root } = place();
  mkdirSync(join(root, "config/claude"), { recursive: true });
  symlinkSync("config/claude", join(root, ".claude"));
  const answer = await ask("claude", "Write", { file_path: "config/claude/settings.json" });
  expect(reasonOf("claude", answer)).toContain(".claude");
});

test("a shell writes through no link, and not into a neighbour's project", async () => {
  const { ask, root } = place();
  symlinkSync("../policy.yaml", join(root, "src/link"));
  const neighbour = join(root, "../shop");
  mkdirSync(neighbour);
  writeFileSync(
    join(neighbour, "vibeops.yaml"),
    "project: shop\nagents: { developer: { provider: builtin } }\n",
  );
  for (const command of [
    "echo x > src/link",
    `echo x > ${neighbour}/policy.yaml`,
    "cp src/a ../shop/README.md",
  ]) {
    expect(reasonOf("claude", await ask("claude", "Bash", { command })), command).not.toBeNull();
  }
});

test("where the agent's shell has gone to, neither another project's commands nor its hosts count", async () => {
  const { ask, root } = place();
  const other = join(root, "../evil");
  mkdirSync(other);
  writeFileSync(
    join(other, "vibeops.yaml"),
    "project: evil\nagents: { developer: { provider: builtin } }\ncommands: { go: ssh prod uptime }\n",
  );
  expect(
    reasonOf("claude", await ask("claude", "Bash", { command: "ssh prod uptime" }, other)),
  ).not.toBeNull();
  expect(reasonOf("claude", await ask("claude", "Bash", { command: "npm test" }, other))).not.toBeNull();
});

test("however a protected path is spelled, no editor writes it", async () => {
  const { ask, root } = place();
  const detour = fc.array(fc.constantFrom(".", "src/..", "runbooks/../src/..", "nowhere/.."), {
    maxLength: 4,
  });
  const name = fc.constantFrom(
    "policy.yaml",
    ".git/config",
    ".claude/settings.json",
    "runbooks/r1/record.md",
  );
  const spelling = fc.tuple(detour, name, fc.boolean(), fc.infiniteStream(fc.boolean()), fc.boolean());
  await fc.assert(
    fc.asyncProperty(spelling, async ([way, file, isAbsolute, cases, isDecomposed]) => {
      const letters = [...file]
        .map((letter) => (cases.next().value ? letter.toUpperCase() : letter))
        .join("");
      const path = [...(isAbsolute ? [root] : []), ...way, letters].join("/");
      const answer = await ask("claude", "Write", { file_path: isDecomposed ? path.normalize("NFD") : path });
      expect(answer.exit === 2 || answer.stdout !== "").toBe(true);
    }),
  );
});

describe("the program", () => {
  const bin = resolve("bin/vibeops.js");
  const run = (vendor: string, input: string, { root, env }: Place, program = bin) =>
    spawnSync(process.execPath, [program, "guard", "--hook", vendor], {
      cwd: root,
      env,
      input,
      encoding: "utf8",
    });

  test.each(vendors)("answers %s as the library does", async (vendor) => {
    const here = place();
    const event = eventOf(vendor, shells[vendor], { command: "ssh prod uptime" }, here.root);
    const { status, stdout } = run(vendor, event, here);
    const expected = await answerHook(vendor, event, { env: here.env, cwd: here.root });
    expect({ exit: status, stdout }).toMatchObject({ exit: 0, stdout: expected.stdout });
  });

  test("a vendor that nobody knows, too much input and bytes that are no text are denied", () => {
    const here = place();
    expect(run("other", "{}", here).status).toBe(2);
    expect(run("claude", `{"a":"${"x".repeat(17 * 1024 * 1024)}"}`, here).status).toBe(2);
    const { status } = spawnSync(process.execPath, [bin, "guard", "--hook", "claude"], {
      cwd: here.root,
      env: here.env,
      input: Buffer.from([0x7b, 0xff, 0x7d]),
    });
    expect(status).toBe(2);
  });

  test("a guard that is broken, or not there, denies: the hook's line as a shell runs it", () => {
    const here = place();
    const copy = join(here.root, "../program");
    for (const folder of ["bin", "dist"]) cpSync(resolve(folder), join(copy, folder), { recursive: true });
    const program = join(copy, "bin/vibeops.js");
    const event = eventOf("claude", "Bash", { command: "ls" }, here.root);
    expect(run("claude", event, here, program).status).toBe(0);
    writeFileSync(join(copy, "dist/guard.cjs"), "throw new Error('broken')");
    expect(run("claude", event, here, program).status).toBe(2);
    rmSync(join(copy, "dist"), { recursive: true });
    expect(run("claude", event, here, program).status).toBe(2);
    const line = "no-such-vibeops guard --hook claude || exit 2";
    expect(spawnSync("sh", ["-c", line], { cwd: here.root, env: here.env, input: event }).status).toBe(2);
  });

  test("what it remembers of a project lies outside it, and nothing depends on it", () => {
    const here = place();
    const event = eventOf("claude", "Bash", { command: "npm run extra" }, here.root);
    expect(run("claude", event, here).stdout).toContain("deny");
    const before = execFileSync("cat", [join(here.root, "vibeops.yaml")], { encoding: "utf8" });
    writeFileSync(join(here.root, "vibeops.yaml"), `${before}  extra: npm run extra\n`);
    expect(run("claude", event, here).stdout).toBe("");
    const state = join(here.env.HOME ?? "", ".local/state/vibeops/guard");
    for (const name of readdirSync(state)) writeFileSync(join(state, name), "{");
    expect(run("claude", event, here).stdout).toBe("");
    rmSync(state, { recursive: true });
    writeFileSync(state, "");
    expect(run("claude", event, here).stdout).toBe("");
    expect(readdirSync(here.root)).not.toContain(".vibeops");
    chmodSync(state, 0o600);
  });
});
