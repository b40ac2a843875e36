import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadInventory } from "../../src/project/inventory.ts";
import { loadProject } from "../../src/project/project.ts";
import {
  applyScaffold,
  hasScaffoldChanges,
  plannedProject,
  planScaffold,
  type ScaffoldRequest,
} from "../../src/project/scaffold.ts";
import { readState } from "../../src/state/state.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

function workshop() {
  const home = temporaryDirectory();
  const context = testContext(home);
  const root = join(home, "shop");
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: root, env: context.env as NodeJS.ProcessEnv, encoding: "utf8" });
  const write = (path: string, text: string | Buffer) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const read = (path: string) => readFileSync(join(root, path), "utf8");
  const plan = (request: Partial<ScaffoldRequest> = {}) => planScaffold(context, { root, ...request });
  const init = async (request: Partial<ScaffoldRequest> = {}) => {
    const planned = await plan(request);
    await applyScaffold(planned, context);
    return planned;
  };
  return { context, root, git, write, read, plan, init };
}

/** Every file below a folder and its text, `.git` left out. */
function contents(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("/.git/"));
  return Object.fromEntries(
    paths.sort().map((path) => [path.slice(root.length + 1), readFileSync(path, "latin1")]),
  );
}

describe("a new project", () => {
  test.each(["developer", "pm", "coordinator", "writer", "gardener"])(
    "for a %s can be loaded",
    async (role) => {
      const { root, init, read } = workshop();
      await init({ roles: [role] });
      const project = loadProject(root);
      expect(project.name).toBe("shop");
      expect(project.config.agents).toEqual({ [role]: { provider: "builtin" } });
      expect(readState(project)?.sections.status).toMatch(/^New project/);
      expect(read("AGENTS.md")).toContain(`### Your role: ${role}`);
      expect(Object.keys(contents(root))).toEqual([
        ".gitattributes",
        ".gitignore",
        "AGENTS.md",
        "CLAUDE.md",
        "GEMINI.md",
        "STATE.md",
        "memos/archived/.gitkeep",
        "memos/incoming/.gitkeep",
        "memos/sent/.gitkeep",
        "vibeops.yaml",
      ]);
    },
  );

  test("for a sysadmin has an inventory and a policy", async () => {
    const { root, init } = workshop();
    await init({ roles: ["sysadmin"] });
    expect(loadInventory(loadProject(root)).inventory).toEqual({ hosts: {}, services: {} });
    expect(existsSync(join(root, "policy.yaml"))).toBe(true);
  });

  test("holds examples that are right once their marks are taken out", async () => {
    const { root, init, read, write } = workshop();
    await init({ roles: ["sysadmin"] });
    for (const path of ["inventory.yaml", "vibeops.yaml"]) {
      write(
        path,
        read(path)
          .replaceAll(/: (?:\{\}|\[\])\n/g, ":\n")
          .replaceAll(/^# {2}/gm, "  "),
      );
    }
    const project = loadProject(root);
    expect(project.config).toMatchObject({
      peers: { infra: { path: "../infra" }, docs: {} },
      accepts: [{ from: "infra" }],
      commands: { test: "npm test" },
    });
    expect(loadInventory(project).inventory).toMatchObject({
      hosts: { web1: { tier: "live" } },
      services: { shop: { host: "web1" } },
    });
  });

  test("shows no example of a command beside one that was found", async () => {
    const { init, read } = workshop();
    await init({ roles: ["developer"], commands: { test: "vitest" } });
    expect(read("vibeops.yaml")).toMatch(/\ncommands:\n {2}test: vitest\n$/);
  });

  test("points CLAUDE.md and GEMINI.md to AGENTS.md and leaves no placeholder anywhere", async () => {
    const { root, init, read } = workshop();
    await init({ roles: ["developer", "sysadmin", "gardener"] });
    expect(read("CLAUDE.md")).toBe("@AGENTS.md\n");
    expect(read("GEMINI.md")).toContain("@./AGENTS.md\n");
    for (const text of Object.values(contents(root))) expect(text).not.toMatch(/\{\{|\}\}|undefined/);
  });

  test("has several roles, each with its text, and a provider", async () => {
    const { root, init, read } = workshop();
    await init({ roles: ["developer", "sysadmin"], provider: "claude", name: "site" });
    const { name, config } = loadProject(root);
    expect(name).toBe("site");
    expect(config.agents).toEqual({ developer: { provider: "claude" }, sysadmin: { provider: "claude" } });
    expect(read("AGENTS.md")).toContain("### Your role: sysadmin");
  });

  test("may be called something that YAML would read as a number", async () => {
    const { root, init } = workshop();
    await init({ name: "404", roles: ["true"] });
    expect(loadProject(root)).toMatchObject({ name: "404", config: { agents: { true: {} } } });
  });

  test("gets a repository, and nothing is committed or staged", async () => {
    const { git, init } = workshop();
    expect((await init()).repository).toBeNull();
    expect(
      git("status", "--porcelain")
        .split("\n")
        .every((line) => line === "" || line.startsWith("??")),
    ).toBe(true);
    expect(() => git("rev-parse", "--verify", "HEAD")).toThrow();
  });

  test("keeps local state out of git and approved bytes as they are, whatever core.autocrlf says", async () => {
    const { git, init, write, read } = workshop();
    await init();
    write(".vibeops/session.yaml", "x");
    write("runbooks/a/runbook.md", "one\r\ntwo\n");
    git("config", "core.autocrlf", "true");
    git("add", "--all");
    expect(git("ls-files")).not.toContain(".vibeops");
    git("commit", "--quiet", "--message", "First");
    git("rm", "--quiet", "-r", "--cached", ".");
    git("reset", "--quiet", "--hard");
    expect(read("runbooks/a/runbook.md")).toBe("one\r\ntwo\n");
    expect(read("vibeops.yaml")).not.toContain("\r");
  });

  test("takes the templates of the person", async () => {
    const { context, init, read } = workshop();
    const folder = join(context.env.HOME ?? "", ".config/vibeops/templates/roles");
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "gardener.md"), "You water {{project}} as {{role}}.\n");
    await init({ roles: ["gardener"] });
    expect(read("AGENTS.md")).toContain("### Your role: gardener\n\nYou water shop as gardener.\n");
  });
});

describe("init again", () => {
  test("changes nothing", async () => {
    const { root, plan, init } = workshop();
    await init({ roles: ["developer", "sysadmin"] });
    const before = contents(root);
    const again = await plan({ roles: ["sysadmin"] });
    expect(hasScaffoldChanges(again)).toBe(false);
    expect(new Set(again.steps.map((step) => step.action))).toEqual(new Set(["unchanged"]));
    await init();
    expect(contents(root)).toEqual(before);
  });

  test("writes what is missing, with the names that vibeops.yaml holds", async () => {
    const { init, read, write } = workshop();
    write("vibeops.yaml", "project: other\nagents:\n  writer: { provider: builtin }\n");
    const planned = await init();
    expect(planned).toMatchObject({ name: "other", roles: ["writer"] });
    expect(read("AGENTS.md")).toContain("# other: instructions");
    expect(read("vibeops.yaml")).toBe("project: other\nagents:\n  writer: { provider: builtin }\n");
  });

  test("adds a role that is new, to vibeops.yaml and to AGENTS.md", async () => {
    const { root, init, read } = workshop();
    await init({ roles: ["developer"] });
    const before = contents(root);
    await init({ roles: ["pm"], provider: "codex" });
    expect(loadProject(root).config.agents).toEqual({
      developer: { provider: "builtin" },
      pm: { provider: "codex" },
    });
    expect(contents(root)["AGENTS.md"]?.startsWith(before["AGENTS.md"] ?? "?")).toBe(true);
    expect(read("AGENTS.md")).toContain("### Another role here: pm");
    const after = contents(root);
    await init({ roles: ["pm"] });
    expect(contents(root)).toEqual(after);
  });

  test("does not rename a project", async () => {
    const { init, plan } = workshop();
    await init();
    await expect(plan({ name: "other" })).rejects.toMatchObject({ code: "init.project", exit: 7, line: 4 });
  });

  test("stops at a vibeops.yaml that cannot be read, and leaves the disk as it was", async () => {
    const { root, plan, write } = workshop();
    write("vibeops.yaml", "project: shop\nagents:\n  developer: { provider: builtin }\npeeers: {}\n");
    const before = contents(root);
    await expect(plan()).rejects.toMatchObject({ code: "schema.invalid", line: 4 });
    expect(contents(root)).toEqual(before);
  });
});

test("a hook's environment does not lead git to the hook's repository", async () => {
  const { context, root, plan } = workshop();
  const elsewhere = join(temporaryDirectory(), "elsewhere.git");
  const inHook = { ...context, env: { ...context.env, GIT_DIR: elsewhere } };
  await applyScaffold(await plan(), inHook);
  expect(existsSync(join(root, ".git/HEAD"))).toBe(true);
  expect(existsSync(elsewhere)).toBe(false);
});

describe("in a repository that is in use", () => {
  test("adds to what is there and overwrites nothing", async () => {
    const { root, git, init, write } = workshop();
    mkdirSync(root);
    git("init", "--quiet");
    const own: Record<string, string> = {
      "AGENTS.md": "# Ours\n\nUse tabs.",
      "CLAUDE.md": "Be brief.\r\nAlways.\r\n",
      "GEMINI.md": "",
      "STATE.md": "# Mine\n",
      ".gitignore": "node_modules\n/.vibeops\n",
      ".gitattributes": "* text=auto\nmemos/**   -text",
      "memos/incoming/old.txt": "a note",
    };
    for (const [path, text] of Object.entries(own)) write(path, text);
    const planned = await init();
    expect(planned.repository).toBe(root);
    const after = contents(root);
    for (const [path, text] of Object.entries(own)) expect(after[path]?.startsWith(text)).toBe(true);
    expect(after["STATE.md"]).toBe("# Mine\n");
    const [kept, added] = (after[".gitignore"] ?? "").split(/(?<=\/\.vibeops\n)/);
    expect(kept).toBe("node_modules\n/.vibeops\n");
    expect(added?.split("\n").filter((line) => line !== "" && !line.startsWith("#"))).toEqual([
      ".vibeops-*.tmp",
      "STATE.md.lock",
      "vibeops.yaml.lock",
      "memos/**/*.lock",
      ".claude/settings.local.json",
    ]);
    expect(after[".gitattributes"]).toMatch(
      /^\* text=auto\nmemos\/\*\* {3}-text\n# .*\nrunbooks\/\*\* -text\n/,
    );
    expect(after["AGENTS.md"]).toMatch(
      /Use tabs\.\n\n<!-- vibeops: begin -->\n[\s\S]*<!-- vibeops: end -->\n$/,
    );
    expect(after["CLAUDE.md"]).toBe("Be brief.\r\nAlways.\r\n\r\n@AGENTS.md\r\n");
    expect(after["memos/incoming/.gitkeep"]).toBeUndefined();
    await init();
    expect(contents(root)).toEqual(after);
  });

  test("uses the repository around a folder, and makes one where that repository ignores the folder", async () => {
    const { context, init, root } = workshop();
    const outer = dirname(root);
    execFileSync("git", ["init", "--quiet"], { cwd: outer, env: context.env as NodeJS.ProcessEnv });
    expect((await init()).repository).toBe(outer);
    writeFileSync(join(outer, ".gitignore"), "/play/\n");
    const play = await planScaffold(context, { root: join(outer, "play/deep") });
    expect(play.repository).toBeNull();
  });

  test("follows an AGENTS.md that is a link to CLAUDE.md, and writes into CLAUDE.md once", async () => {
    const { root, init, read, write } = workshop();
    write("CLAUDE.md", "Be brief.\n");
    symlinkSync("CLAUDE.md", join(root, "AGENTS.md"));
    const planned = await init();
    expect(planned.steps.find((step) => step.path === "AGENTS.md")?.action).toBe("skip");
    expect(read("CLAUDE.md")).toMatch(/^Be brief\.\n\n<!-- vibeops: begin -->/);
    const after = contents(root);
    await init();
    expect(contents(root)).toEqual(after);
  });

  test("leaves a link to elsewhere alone and says so", async () => {
    const { root, init, write } = workshop();
    write("../elsewhere.md", "secret\n");
    mkdirSync(root, { recursive: true });
    symlinkSync("../elsewhere.md", join(root, "STATE.md"));
    const planned = await init();
    expect(planned.steps.find((step) => step.path === "STATE.md")).toMatchObject({ action: "skip" });
    expect(readFileSync(join(root, "../elsewhere.md"), "utf8")).toBe("secret\n");
  });

  test("refuses a memo folder that is a link", async () => {
    const { root, plan } = workshop();
    mkdirSync(root);
    symlinkSync("/tmp", join(root, "memos"));
    await expect(plan()).rejects.toMatchObject({ code: "file.symlink" });
  });

  test("leaves a file alone that somebody made since the plan", async () => {
    const { context, plan, write, read } = workshop();
    const planned = await plan();
    write("STATE.md", "theirs\n");
    await expect(applyScaffold(planned, context)).rejects.toMatchObject({ code: "file.changed", exit: 7 });
    expect(read("STATE.md")).toBe("theirs\n");
  });
});

describe("planScaffold", () => {
  test("writes nothing", async () => {
    const { root, plan } = workshop();
    const planned = await plan({ roles: ["sysadmin"] });
    expect(planned.steps.map((step) => `${step.action} ${step.path}`)).toEqual([
      "create .gitignore",
      "create .gitattributes",
      "create memos/incoming/.gitkeep",
      "create memos/archived/.gitkeep",
      "create memos/sent/.gitkeep",
      "create STATE.md",
      "create inventory.yaml",
      "create policy.yaml",
      "create AGENTS.md",
      "create CLAUDE.md",
      "create GEMINI.md",
      "create vibeops.yaml",
    ]);
    expect(existsSync(root)).toBe(false);
    expect(plannedProject(planned)).toMatchObject({ name: "shop", root });
  });

  test.each([
    [{ name: "../x" }, "init.name"],
    [{ name: "My Shop" }, "init.name"],
    [{ roles: ["a@b"] }, "init.role"],
    [{ roles: [""] }, "init.role"],
  ])("refuses names that cannot be part of an address: %j", async (request, code) => {
    await expect(workshop().plan(request)).rejects.toMatchObject({ code, exit: 2 });
  });
});

test("nothing is made a project in what git keeps for itself, but in a work tree that lies there", async () => {
  const { context, root } = workshop();
  const env = context.env as NodeJS.ProcessEnv;
  const git = (cwd: string, ...args: string[]) => execFileSync("git", args, { cwd, env, encoding: "utf8" });
  mkdirSync(root);
  git(root, "init", "--quiet", "--bare", "bare.git");
  git(root, "init", "--quiet", "plain");
  const refused = expect.objectContaining({ code: "init.git" });
  for (const folder of ["bare.git", "bare.git/hooks/new", "plain/.git"])
    await expect(planScaffold(context, { root: join(root, folder), name: "shop" })).rejects.toThrow(refused);
  const bare = join(root, "bare.git");
  const commit = git(bare, "commit-tree", "-m", "Begin", git(bare, "write-tree").trim()).trim();
  git(bare, "worktree", "add", "--quiet", "--detach", "main", commit);
  const planned = await planScaffold(context, { root: join(bare, "main"), name: "shop" });
  expect(planned.repository).toBe(join(bare, "main"));
});
