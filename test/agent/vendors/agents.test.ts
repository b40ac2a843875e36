import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { checkVendors } from "../../../src/agent/vendors/checks.ts";
import { type Vendor, vendors } from "../../../src/agent/vendors/vendor.ts";
import { loadProject } from "../../../src/project/project.ts";
import { runIn } from "../../helpers/cli.ts";
import { workspace } from "../../helpers/workspace.ts";
import { config, make, snapshot } from "./vendor-project.ts";

const settings: Readonly<Record<Vendor, string>> = {
  claude: ".claude/settings.json",
  codex: ".codex/hooks.json",
  gemini: ".gemini/settings.json",
};

describe.each(vendors)("%s", (vendor) => {
  test("its configuration calls the guard, fails closed where that is missing, and is found by `agents list`", async () => {
    const { read, vibeops } = make();
    expect((await vibeops("agents", "add", vendor)).exit).toBe(0);
    expect(read(settings[vendor])).toContain(`"vibeops guard --hook ${vendor} || exit 2"`);
    expect(read(settings[vendor])).toContain(`"vibeops session start --hook ${vendor}"`);
    const { agents } = JSON.parse((await vibeops("agents", "list", "--json")).stdout).result;
    expect(agents.filter((one: { configured: boolean }) => one.configured)).toMatchObject([{ vendor }]);
  });

  test("adding twice changes nothing, a dry run writes nothing, and removing leaves every byte as it was", async () => {
    const { root, vibeops } = make();
    const before = snapshot(root);
    const planned = await vibeops("agents", "add", vendor, "--dry-run");
    expect(planned.stdout).toContain("|| exit 2");
    expect(snapshot(root)).toEqual(before);
    await vibeops("agents", "add", vendor);
    const after = snapshot(root);
    expect(after).not.toEqual(before);
    await vibeops("agents", "add", vendor);
    expect(snapshot(root)).toEqual(after);
    await vibeops("agents", "remove", vendor);
    expect(snapshot(root)).toEqual(before);
    expect(existsSync(join(root, settings[vendor], ".."))).toBe(false);
  });

  test("in settings that are there already, comments and spacing stay, and removing takes out just ours", async () => {
    const { root, read, write, vibeops } = make();
    const own = '{\r\n\t// mine\r\n\t"model":   "m", /* why */\r\n\t"hooks": {"Stop": [ ]}\r\n}\r\n';
    write(settings[vendor], own);
    await vibeops("agents", "add", vendor);
    expect(read(settings[vendor])).toContain('\t// mine\r\n\t"model":   "m", /* why */\r\n');
    expect(read(settings[vendor]).replaceAll("\r\n", "")).not.toContain("\n");
    const changed = read(settings[vendor]).replace('"m"', '"n"');
    write(settings[vendor], changed);
    await vibeops("agents", "remove", vendor);
    expect(read(settings[vendor])).not.toContain("vibeops");
    expect(read(settings[vendor])).toContain('\t// mine\r\n\t"model":   "n", /* why */\r\n');
    write(settings[vendor], own);
    await vibeops("agents", "add", vendor);
    await vibeops("agents", "remove", vendor);
    expect(snapshot(root)[settings[vendor]]).toBe(own);
  });

  test("settings that are not well-formed are left as they are, with the line", async () => {
    const { read, write, vibeops } = make();
    write(settings[vendor], '{\n  "hooks": [\n');
    const { exit, stderr } = await vibeops("agents", "add", vendor);
    expect(exit).toBe(4);
    expect(stderr).toContain(settings[vendor]);
    expect(read(settings[vendor])).toBe('{\n  "hooks": [\n');
  });

  test("the start hook gets the brief in the vendor's form, the same again on resume", async () => {
    const { vibeops } = make();
    const first = JSON.parse((await vibeops("session", "start", "--hook", vendor)).stdout);
    const again = JSON.parse((await vibeops("session", "start", "--hook", vendor)).stdout);
    expect(first.hookSpecificOutput).toMatchObject({ hookEventName: "SessionStart" });
    expect(first.hookSpecificOutput.additionalContext).toContain("# infra (sysadmin)");
    expect(again).toEqual(first);
  });

  test("the check fires the hook itself, and says what the vendor leaves open", async () => {
    const { root, context, vibeops } = make();
    await vibeops("agents", "add", vendor);
    const program = { command: "vibeops", isOnPath: true };
    const findings = await checkVendors(loadProject(root), context, program);
    expect(findings).toContainEqual(
      expect.objectContaining({ name: "agents.guard", status: "ok", what: expect.stringContaining(vendor) }),
    );
    expect(findings).toContainEqual(expect.objectContaining({ name: "agents.open", status: "warning" }));
    const without = { ...context, env: { ...context.env, PATH: "/usr/bin:/bin" } };
    const broken = await checkVendors(loadProject(root), without, program);
    expect(broken).toContainEqual(
      expect.objectContaining({
        name: "agents.guard",
        status: "error",
        what: expect.stringContaining(vendor),
      }),
    );
  });
});

test("a guard that was found and cannot judge is not said to be missing on the PATH", async () => {
  const { root, context, write, vibeops } = make();
  await vibeops("agents", "add", "codex");
  write("inventory.yaml", "hosts: {}\nhosts: {}\n");
  const findings = await checkVendors(loadProject(root), context, { command: "vibeops", isOnPath: true });
  expect(findings).toContainEqual(
    expect.objectContaining({
      name: "agents.guard",
      what: expect.stringContaining('the key "hosts" stands here twice'),
      fix: "mend what it names",
    }),
  );
});

describe("doctor", () => {
  async function examine(vibeops: ReturnType<typeof make>["vibeops"]) {
    const { stdout } = await vibeops("doctor", "--json");
    const { checks } = JSON.parse(stdout).result as {
      checks: { name: string; status: string; what: string }[];
    };
    return checks.filter(({ name }) => name.startsWith("agents."));
  }

  test("says nothing of a CLI that is not set up and plays no role, and that nothing fences one that does", async () => {
    const { vibeops } = make();
    expect(await examine(vibeops)).toEqual([
      expect.objectContaining({ name: "agents.settings", status: "error", fix: "vibeops agents add claude" }),
    ]);
  });

  test.each(vendors)("makes the hook of %s fire, and names what its vendor leaves open", async (vendor) => {
    const { vibeops } = make();
    await vibeops("agents", "add", "claude");
    await vibeops("agents", "add", vendor);
    const checks = await examine(vibeops);
    expect(checks).toContainEqual(
      expect.objectContaining({ status: "ok", what: `the guard of ${vendor} stops an ssh` }),
    );
    expect(checks.filter(({ name }) => name === "agents.open")).toHaveLength(vendor === "claude" ? 1 : 2);
  });

  test.each(vendors)("finds it out when somebody takes the hook of %s away or weakens it", async (vendor) => {
    const { read, write, vibeops } = make();
    await vibeops("agents", "add", vendor);
    write(settings[vendor], read(settings[vendor]).replace(" || exit 2", ""));
    expect(await examine(vibeops)).toContainEqual(
      expect.objectContaining({
        name: "agents.settings",
        status: "error",
        fix: `vibeops agents add ${vendor}`,
      }),
    );
  });

  test("settings of one that are broken hide nothing of another", async () => {
    const { write, vibeops } = make();
    await vibeops("agents", "add", "gemini");
    write(settings.claude, "{ nothing");
    const found = await examine(vibeops);
    expect(found).toContainEqual(expect.objectContaining({ name: "agents.settings", file: settings.claude }));
    expect(found).toContainEqual(expect.objectContaining({ name: "agents.open" }));
  });

  test("a person's own rules are not taken for a part of ours", async () => {
    const { write, vibeops } = make();
    write("vibeops.yaml", config.replace("claude", "builtin"));
    write(settings.claude, '{ "permissions": { "deny": ["Read(./.env)", "Bash(ssh *)"] } }\n');
    expect(await examine(vibeops)).toEqual([]);
  });

  test("says that Codex runs no hook until the person trusted it, and never writes that they did", async () => {
    const { root, context, vibeops } = make();
    await vibeops("agents", "add", "codex");
    const untrusted = expect.objectContaining({ name: "agents.trust", status: "error" });
    expect(await examine(vibeops)).toContainEqual(untrusted);
    const folder = join(context.env.HOME ?? "", ".codex");
    expect(existsSync(folder)).toBe(false);
    mkdirSync(folder);
    // As Codex 0.169.0 names a hook, seen in what its `hooks/list` answers.
    const trusted = `[hooks.state."${root}/.codex/hooks.json:pre_tool_use:0:0"]\ntrusted_hash = "sha256:0"\n`;
    writeFileSync(join(folder, "config.toml"), trusted);
    expect(await examine(vibeops)).not.toContainEqual(untrusted);
    renameSync(join(folder, "config.toml"), join(folder, "elsewhere.toml"));
    symlinkSync("elsewhere.toml", join(folder, "config.toml"));
    expect(await examine(vibeops), "dot files may be links").not.toContainEqual(untrusted);
    rmSync(join(folder, "config.toml"));
    writeFileSync(join(folder, "config.toml"), `${trusted}enabled = false\n`);
    expect(await examine(vibeops)).toContainEqual(untrusted);
    writeFileSync(
      join(folder, "config.toml"),
      `${trusted.replace(/trusted_hash.*/, "")}[x]\ntrusted_hash = "y"\n`,
    );
    expect(await examine(vibeops)).toContainEqual(untrusted);
  });
});

test("where vibeops is not on the PATH, Claude's hooks stand in the person's own settings with the absolute path", async () => {
  const { root, read, vibeops } = make(false);
  const before = snapshot(root);
  await vibeops("agents", "add", "claude");
  expect(read(".claude/settings.json")).not.toContain("guard --hook");
  expect(read(".claude/settings.local.json")).toContain(
    `'${resolve("bin/vibeops.js")}' guard --hook claude || exit 2`,
  );
  await vibeops("agents", "remove", "claude");
  expect(snapshot(root)).toEqual(before);
});

test("`init --with` sets up a new project for several agent CLIs at once", async () => {
  const space = workspace();
  const root = join(space.directory, "fresh");
  mkdirSync(root);
  execFileSync("git", ["init", "--quiet"], { cwd: root });
  const { exit, stdout } = await runIn(root, space.context, [
    "init",
    "--with",
    "claude",
    "--with",
    "codex, gemini",
  ]);
  expect(exit).toBe(0);
  expect(stdout).toMatch(/git add .*\.claude\/settings\.json .*\.gemini\/settings\.json/);
  expect(stdout, "what is of this machine alone").not.toMatch(/git add .*settings\.local\.json/);
  for (const path of [
    ...Object.values(settings),
    ".mcp.json",
    ".codex/rules/vibeops.rules",
    "CLAUDE.md",
    "GEMINI.md",
  ]) {
    expect(existsSync(join(root, path)), path).toBe(true);
  }
});

test("Codex's settings keep what a person wrote, and a server of that name is not overwritten", async () => {
  const { read, write, vibeops } = make();
  write(".codex/config.toml", 'model = "m" # mine\n\n[mcp_servers.other]\ncommand = "x"');
  await vibeops("agents", "add", "codex");
  expect(read(".codex/config.toml")).toContain('command = "x"\n# vibeops: begin\n[mcp_servers.vibeops]\n');
  await vibeops("agents", "remove", "codex");
  expect(read(".codex/config.toml")).toBe('model = "m" # mine\n\n[mcp_servers.other]\ncommand = "x"');
  write(".codex/config.toml", '[mcp_servers.vibeops]\ncommand = "own"\n');
  expect((await vibeops("agents", "add", "codex")).exit).toBe(4);
  expect(read(".codex/config.toml")).toBe('[mcp_servers.vibeops]\ncommand = "own"\n');
});

test("an agent CLI that nothing fences is not started", async () => {
  const { vibeops } = make();
  const { exit, stderr } = await vibeops("session", "run");
  expect(exit).toBe(5);
  expect(stderr).toContain("vibeops agents add claude");
});

test("git sees the committed settings, and not the local ones", async () => {
  const { root, vibeops } = make();
  await vibeops("agents", "add", "claude");
  const seen = execFileSync("git", ["status", "--short", "--untracked-files=all"], {
    cwd: root,
    encoding: "utf8",
  });
  expect(seen).toContain(".claude/settings.json");
  expect(seen).not.toContain("agents.json");
});

test("a vendor that there is none of is named as what was typed, with those that there are", async () => {
  const { vibeops } = make();
  const { exit, stderr } = await vibeops("agents", "add", "cursor");
  expect(exit).toBe(2);
  expect(stderr).toMatch(/no agent CLI 'cursor'[\s\S]*claude, codex, gemini/);
});
