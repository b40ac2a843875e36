import { existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { checkVendors } from "../../../src/agent/vendors/checks.ts";
import { loadProject } from "../../../src/project/project.ts";
import { config, make, snapshot } from "./vendor-project.ts";

test("hooks that call vibeops where it lay before are replaced, and a person's own stay", async () => {
  const { root, read, write, vibeops } = make(false);
  const before = "'/opt/node-v20/lib/node_modules/vibeops/bin/vibeops.js'";
  const hook = (command: string) => ({ type: "command", command, timeout: 60 });
  const own = {
    matcher: "Bash",
    hooks: [hook("./mine.sh"), hook(`${before} guard --hook claude || exit 2`)],
  };
  const PreToolUse = [own, { matcher: "Bash", hooks: [hook(`${before} guard --hook claude || exit 2`)] }];
  const SessionStart = [{ hooks: [hook(`${before} session start --hook claude`)] }];
  write(".claude/settings.local.json", JSON.stringify({ hooks: { SessionStart, PreToolUse } }, null, 2));
  await vibeops("agents", "add", "claude");
  const { hooks } = JSON.parse(read(".claude/settings.local.json"));
  expect(hooks.PreToolUse).toHaveLength(2);
  expect(hooks.PreToolUse[0]).toEqual(own);
  expect(hooks.PreToolUse[1].hooks[0].command).toBe(
    `'${resolve("bin/vibeops.js")}' guard --hook claude || exit 2`,
  );
  expect(hooks.SessionStart).toHaveLength(1);
  expect(hooks.SessionStart[0].hooks[0].command).not.toContain("node-v20");
  const after = snapshot(root);
  await vibeops("agents", "add", "claude");
  expect(snapshot(root)).toEqual(after);
});

test("hooks that call vibeops where it lies no more stop every tool: doctor says so, and adding mends it", async () => {
  const { root, read, write, vibeops, context } = make(false);
  await vibeops("agents", "add", "claude");
  const moved = read(".claude/settings.local.json").replaceAll(resolve("bin/vibeops.js"), "/gone/vibeops.js");
  write(".claude/settings.local.json", moved);
  const program = { command: `'${resolve("bin/vibeops.js")}'`, isOnPath: false };
  const bad = { status: "error", fix: "vibeops agents add claude" };
  expect(await checkVendors(loadProject(root), context, program)).toContainEqual(
    expect.objectContaining(bad),
  );
  await vibeops("agents", "add", "claude");
  expect(read(".claude/settings.local.json")).not.toContain("/gone/");
  const good = { name: "agents.guard", status: "ok" };
  expect(await checkVendors(loadProject(root), context, program)).toContainEqual(
    expect.objectContaining(good),
  );
});

test("once vibeops is on the PATH, the hooks with the absolute path go", async () => {
  const { root, read, vibeops, context } = make(false);
  await vibeops("agents", "add", "claude");
  symlinkSync(resolve("bin/vibeops.js"), join(context.env.PATH?.split(":")[0] ?? "", "vibeops"));
  await vibeops("agents", "add", "claude");
  expect(read(".claude/settings.json")).toContain('"vibeops guard --hook claude || exit 2"');
  expect(existsSync(join(root, ".claude/settings.local.json"))).toBe(false);
});

describe("settings that hooks would be lost in", () => {
  test.each([
    ['{ "hooks": { "PreToolUse": [] }, "hooks": {} }', "hooks stands there twice"],
    ['{ "permissions": null }', "permissions is no object"],
    ['{ "hooks": { "PreToolUse": {} } }', "hooks.PreToolUse is no list"],
  ])("%s is refused, with its line", async (text, why) => {
    const { read, write, vibeops } = make();
    write(".claude/settings.json", text);
    const { exit, stderr } = await vibeops("agents", "add", "claude");
    expect(exit).toBe(4);
    expect(stderr).toContain(why);
    expect(read(".claude/settings.json")).toBe(text);
  });

  test("a byte order mark and Windows line ends stay, and the hooks are found", async () => {
    const { read, write, vibeops } = make();
    const text = '\uFEFF{\r\n  "model": "m"\r\n}\r\n';
    write(".claude/settings.json", text);
    expect((await vibeops("agents", "add", "claude")).exit).toBe(0);
    const added = read(".claude/settings.json");
    expect(added).toMatch(/^\uFEFF\{\r\n {2}"model": "m",\r\n/);
    expect(added.replaceAll("\r\n", "")).not.toContain("\n");
    const { agents } = JSON.parse((await vibeops("agents", "list", "--json")).stdout).result;
    expect(agents[0]).toMatchObject({ vendor: "claude", configured: true });
    await vibeops("agents", "remove", "claude");
    expect(read(".claude/settings.json")).toBe(text);
  });
});

describe("hooks that somebody switched off fence nothing", () => {
  test.each([
    ["claude", "project", ".claude/settings.local.json", '{ "disableAllHooks": true }'],
    ["claude", "home", ".claude/settings.json", '{ "disableAllHooks": true }'],
    ["gemini", "home", ".gemini/settings.json", '{ "hooksConfig": { "enabled": false } }'],
    ["gemini", "home", ".gemini/settings.json", '{ "hooksConfig": { "disabled": ["vibeops-guard"] } }'],
    ["codex", "home", ".codex/config.toml", 'model = "m"\n[features]\nweb = true\nhooks = false\n'],
    ["codex", "home", ".codex/config.toml", "features.codex_hooks = false\n"],
  ] as const)("%s, in the %s's %s: %s", async (vendor, where, path, text) => {
    const { root, write, vibeops, context } = make();
    write("vibeops.yaml", config.replace("claude", vendor));
    await vibeops("agents", "add", vendor);
    const folder = where === "home" ? (context.env.HOME ?? "") : root;
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
    const program = { command: "vibeops", isOnPath: true };
    expect(await checkVendors(loadProject(root), context, program)).toContainEqual(
      expect.objectContaining({ name: "agents.switched-off", status: "error", file: join(folder, path) }),
    );
    const { exit, stderr } = await vibeops("session", "run");
    expect(exit).toBe(5);
    expect(stderr).toContain("so nothing fences it");
  });

  test("and what a nearer file switches on again is on", async () => {
    const { root, write, vibeops, context } = make();
    await vibeops("agents", "add", "claude");
    mkdirSync(join(context.env.HOME ?? "", ".claude"), { recursive: true });
    writeFileSync(join(context.env.HOME ?? "", ".claude/settings.json"), '{ "disableAllHooks": true }');
    write(".claude/settings.local.json", '{ "disableAllHooks": false }');
    const checks = await checkVendors(loadProject(root), context, { command: "vibeops", isOnPath: true });
    expect(checks.map(({ name }) => name)).not.toContain("agents.switched-off");
  });
});
