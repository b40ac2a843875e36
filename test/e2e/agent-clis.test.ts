import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Vendor, vendors } from "../../src/agent/vendors/vendor.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import { startAnthropicServer } from "../helpers/model-servers/anthropic.ts";
import { startGeminiServer } from "../helpers/model-servers/gemini.ts";
import type { ModelRequest, ModelServer, Script, Turn } from "../helpers/model-servers/model-server.ts";
import { startOpenaiServer } from "../helpers/model-servers/openai.ts";
import { installAgentCli } from "./agent-clis.ts";

const command = "ssh prod uptime";

interface Client {
  start(script: Script): Promise<ModelServer>;
  /** The call with which this vendor's model runs a shell command. */
  shell(command: string, request: ModelRequest): Turn;
  edit(path: string, request: ModelRequest): Turn;
  /** The call of a tool of our MCP server. */
  mcp(tool: string, input: Readonly<Record<string, unknown>>): Turn;
  run(place: Place, server: ModelServer): { args: string[]; env: Record<string, string> };
}

interface Place {
  root: string;
  home: string;
  /** Another project, which accepts what comes from this one. */
  peer: string;
}

const clients: Readonly<Record<Vendor, Client>> = {
  claude: {
    start: startAnthropicServer,
    shell: (text) => ({ tool: "Bash", input: { command: text, description: "look" } }),
    edit: (path) => ({ tool: "Write", input: { file_path: path, content: "delegate: []\n" } }),
    mcp: (tool, input) => ({ tool: `mcp__vibeops__${tool}`, input }),
    run: (_place, { url }) => ({
      args: ["-p", "Look after prod.", "--permission-mode", "bypassPermissions"],
      env: {
        ANTHROPIC_BASE_URL: url,
        ANTHROPIC_API_KEY: "made-up",
        DISABLE_TELEMETRY: "1",
        DISABLE_AUTOUPDATER: "1",
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
        IS_SANDBOX: "1",
      },
    }),
  },
  codex: {
    start: startOpenaiServer,
    shell: (text, { body }) => {
      const names = (body.tools as { name?: string }[]).map(({ name }) => name);
      if (names.includes("exec_command")) return { tool: "exec_command", input: { cmd: text } };
      if (names.includes("shell_command")) return { tool: "shell_command", input: { command: text } };
      return { tool: "shell", input: { command: ["bash", "-lc", text] } };
    },
    edit: (path, request) => {
      const patch = `*** Begin Patch\n*** Add File: ${path}\n+delegate: []\n*** End Patch`;
      return clients.codex.shell(`apply_patch <<'EOF'\n${patch}\nEOF`, request);
    },
    mcp: (tool, input) => ({ tool, namespace: "mcp__vibeops", input }),
    run: ({ root, home }, { url }) => {
      mkdirSync(join(home, ".codex"), { recursive: true });
      const settings = [
        'model = "scripted"',
        'model_provider = "scripted"',
        "check_for_update_on_startup = false",
        "[analytics]",
        "enabled = false",
        "[model_providers.scripted]",
        'name = "scripted"',
        `base_url = "${url}/v1"`,
        'wire_api = "responses"',
        'env_key = "SCRIPTED_KEY"',
        `[projects."${root}"]`,
        'trust_level = "trusted"',
        "",
      ];
      writeFileSync(join(home, ".codex/config.toml"), settings.join("\n"));
      return {
        args: [
          "exec",
          "--dangerously-bypass-hook-trust",
          "--sandbox",
          "danger-full-access",
          "Look after prod.",
        ],
        env: { SCRIPTED_KEY: "made-up" },
      };
    },
  },
  gemini: {
    start: startGeminiServer,
    shell: (text) => ({ tool: "run_shell_command", input: { command: text, description: "look" } }),
    edit: (path) => ({ tool: "write_file", input: { file_path: path, content: "delegate: []\n" } }),
    mcp: (tool, input) => ({ tool: `mcp_vibeops_${tool}`, input }),
    run: ({ home }, { url }) => {
      mkdirSync(join(home, ".gemini"), { recursive: true });
      const settings = {
        security: { auth: { selectedType: "gemini-api-key" } },
        general: { disableAutoUpdate: true, enableAutoUpdate: false },
        privacy: { usageStatisticsEnabled: false },
        telemetry: { enabled: false },
      };
      writeFileSync(join(home, ".gemini/settings.json"), JSON.stringify(settings));
      return {
        args: ["--yolo", "-p", "Look after prod.", "--model", "gemini-2.5-flash"],
        env: { GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: "made-up", GEMINI_CLI_TRUST_WORKSPACE: "true" },
      };
    },
  },
};

/** A folder whose `ssh` tells on whoever calls it, and in which `vibeops` is this repository's. */
function programs(): string {
  const folder = join(temporaryDirectory(), "bin");
  mkdirSync(folder);
  symlinkSync(resolve("bin/vibeops.js"), join(folder, "vibeops"));
  writeFileSync(join(folder, "ssh"), `#!/bin/sh\necho reached > '${folder}/reached'\n`, { mode: 0o755 });
  return folder;
}

function makeProject(vendor: Vendor, path: string): Place {
  const directory = temporaryDirectory();
  const [root, peer, home] = ["infra", "shop", "home"].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(home, { mode: 0o700 });
  const env = {
    PATH: path,
    HOME: home,
    GIT_AUTHOR_NAME: "Test Person",
    GIT_AUTHOR_EMAIL: "test@example.com",
    GIT_COMMITTER_NAME: "Test Person",
    GIT_COMMITTER_EMAIL: "test@example.com",
  };
  const runIn = (cwd: string, program: string, ...args: string[]) =>
    execFileSync(program, args, { cwd, env });
  const begin = (cwd: string, ...args: string[]) => {
    mkdirSync(cwd);
    runIn(cwd, "git", "init", "--quiet");
    // For the MCP server: some clients hand it hardly any variables.
    runIn(cwd, "git", "config", "user.name", "Test Person");
    runIn(cwd, "git", "config", "user.email", "test@example.com");
    runIn(cwd, "vibeops", "init", ...args, "--yes");
  };
  begin(peer, "--role", "developer");
  begin(root, "--role", "sysadmin", "--with", vendor, "--peer", "../shop");
  writeFileSync(join(root, "inventory.yaml"), "hosts:\n  prod: { address: prod.example.com }\n");
  for (const cwd of [peer, root]) {
    runIn(cwd, "git", "add", ".");
    runIn(cwd, "git", "commit", "--quiet", "-m", "Start");
  }
  runIn(root, "vibeops", "memo", "new", "Look at the marmot", "--to", "infra", "--body", "It whistles.");
  return { root, home, peer };
}

function runToItsEnd(
  program: string,
  args: string[],
  cwd: string,
  env: Record<string, string>,
): Promise<string> {
  return new Promise((done) => {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    const stop = setTimeout(() => child.kill("SIGKILL"), 90_000);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("close", (code) => {
      clearTimeout(stop);
      done(`${output}\nexit ${code}`);
    });
  });
}

describe.each(vendors)("the real %s in a project that `init --with` made", (vendor) => {
  const cli = installAgentCli(vendor);
  const why = "missing" in cli ? `; LEFT OUT: ${cli.missing}` : "";

  test.skipIf("missing" in cli)(
    `hands its model the brief, and stops an ssh and a forged memo with our reason${why}`,
    { timeout: 120_000 },
    async () => {
      if ("missing" in cli) return;
      const bin = programs();
      const path = [bin, dirname(process.execPath), process.env.PATH].join(":");
      const place = makeProject(vendor, path);
      const { start, shell, edit, run } = clients[vendor];
      const server = await start([
        (request) => shell(command, request),
        (request) => edit(join(place.root, "memos/sent/2026-11/x.md"), request),
        (request) => shell("echo the-marmot-is-local", request),
      ]);
      onTestFinished(() => server.close());
      const { args, env } = run(place, server);
      const output = await runToItsEnd(cli.path, args, place.root, { PATH: path, HOME: place.home, ...env });
      const asked = server.requests.map(({ body }) => JSON.stringify(body));
      const all = asked.join("\n");

      expect(
        asked.find((text) => text.includes("Look at the marmot")),
        output,
      ).toBeDefined();
      expect(all, output).toContain("vibeops guard: live");
      expect(all).toContain("memos change through 'vibeops memo' only");
      expect(all).toMatch(/the-marmot-is-local\\?n?/);
      expect(existsSync(join(bin, "reached"))).toBe(false);
      expect(existsSync(join(place.root, "memos/sent/2026-11/x.md"))).toBe(false);
    },
  );

  test.skipIf("missing" in cli)(
    `hands a memo that its model writes through MCP to the peer, and git log shows it${why}`,
    { timeout: 120_000 },
    async () => {
      if ("missing" in cli) return;
      const path = [programs(), dirname(process.execPath), process.env.PATH].join(":");
      const place = makeProject(vendor, path);
      const { start, shell, mcp, run } = clients[vendor];
      const memo = { to: ["shop"], subject: "The marmot whistles", text: "Twice." };
      const server = await start([
        // The server is started beside the first turn.
        (request) => shell("sleep 2", request),
        () => mcp("memo_new", memo),
      ]);
      onTestFinished(() => server.close());
      const { args, env } = run(place, server);
      const output = await runToItsEnd(cli.path, args, place.root, { PATH: path, HOME: place.home, ...env });
      const inbox = join(place.peer, "memos/incoming");
      const arrived = readdirSync(inbox).filter((name) => name.endsWith("the-marmot-whistles.md"));
      expect(arrived, output).toHaveLength(1);
      const text = readFileSync(join(inbox, arrived[0] ?? ""), "utf8");
      expect(text).toContain("from: sysadmin@infra");
      const log = execFileSync("git", ["log", "-1", "--format=%B"], { cwd: place.root, encoding: "utf8" });
      expect(log).toContain("The marmot whistles");
      expect(log).toMatch(/^Agent: sysadmin@infra\nAgent-Tool: .*(claude|codex|gemini)/m);
    },
  );
});
