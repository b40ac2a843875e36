import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadInventory } from "../../src/project/inventory.ts";
import { loadProject } from "../../src/project/project.ts";
import { assessedCommands, assessRunbook } from "../../src/runbook/assess-runbook.ts";
import { compileRunbook } from "../../src/runbook/compile-runbook.ts";
import { projectSource } from "../../src/runbook/project-files.ts";
import { fencesOf } from "../../src/runbook/runbook.ts";
import { loadRunbook } from "../../src/runbook/runbook-folder.ts";
import { type TestProject, workspace } from "../helpers/workspace.ts";

const ID = "20261120T143211Z-zzzzzzzz";
const GOLDEN = "test/fixtures/runbooks";
const TEMPLATES = readdirSync("templates/runbooks")
  .filter((name) => name.endsWith(".md"))
  .map((name) => name.replace(/\.md$/, ""));
const hasShellcheck = spawnSync("shellcheck", ["--version"]).status === 0;

/** A fresh project with two live hosts, where every id ends alike. */
function freshProject(): TestProject {
  const space = workspace();
  Object.assign(space.context, { randomBytes: (length: number) => Buffer.alloc(length, 31) });
  const infra = space.project("infra", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
  infra.write("inventory.yaml", "hosts:\n  web1: { tier: live }\n  web2: { tier: live }\n");
  return infra;
}

/** A runbook from a template, in a fresh project, with nothing said but its hosts. */
async function make(name: string) {
  const infra = freshProject();
  const hosts = name === "move-service" ? ["--host", "web1", "--host", "web2"] : ["--host", "web1"];
  const made = await infra.vibeops("runbook", "new", `Try ${name}`, "--from", name, ...hosts, "--json");
  expect(made, made.stdout).toMatchObject({ exit: 0 });
  const project = loadProject(infra.root);
  const { id, files } = JSON.parse(made.stdout).result;
  return { infra, id, files: files as string[], project, runbook: loadRunbook(project, id).runbook };
}

describe.each(TEMPLATES)("the template %s", (name) => {
  test("makes a whole runbook: no finding, compiled already, every section filled, as the golden files have it", async () => {
    const { infra, project, runbook, id, files } = await make(name);
    const said = await infra.vibeops("runbook", "lint", id, "--json");
    expect(JSON.parse(said.stdout)).toMatchObject({ ok: true, result: { findings: [] } });
    expect(compileRunbook(runbook.text, runbook.file, projectSource(project))).toBe(runbook.text);
    expect(infra.git("status", "--porcelain", "runbooks")).toBe("");
    for (const section of [runbook.risks, runbook.openQuestions, runbook.beforeYouStart])
      expect(section).not.toEqual([]);
    expect(runbook.summary).not.toBe("");
    expect(runbook.rollbackText).not.toBe("");
    for (const path of files)
      expectGolden(join(name, path.slice(`runbooks/${ID}/`.length)), infra.read(path));
  });

  test("holds back every change: what is not proven to read alone counts as its live host or more", async () => {
    const { project, runbook } = await make(name);
    const { inventory } = loadInventory(project);
    const assessment = assessRunbook(runbook, inventory, projectSource(project));
    for (const { command, tier, proven } of assessedCommands(assessment)) {
      if (proven === "read") expect(tier).toBe("read");
      else expect(["live", "destructive"], command.script).toContain(tier);
      expect(tier === "destructive", command.script).toBe(proven === "destructive");
    }
  });

  test.skipIf(!hasShellcheck)("has no command of its own of which shellcheck says anything", async () => {
    const { infra, runbook, files } = await make(name);
    const commands = [...runbook.steps.flatMap(fencesOf), ...runbook.verification];
    // What an action compiles to is held against shellcheck in action-arguments.test.ts.
    const own = commands.filter(({ raw }) => raw).map(({ script }) => script);
    const scripts = files.filter((path) => path.endsWith(".sh")).map((path) => infra.read(path));
    for (const script of [...own, ...scripts]) {
      const flags = ["--shell=sh", "--format=gcc", "-"];
      const checked = spawnSync("shellcheck", flags, { input: script, encoding: "utf8" });
      expect(checked.stdout, script).toBe("");
      expect(checked.status, script).toBe(0);
    }
  });
});

function expectGolden(name: string, text: string): void {
  const file = join(GOLDEN, name);
  if (process.env.UPDATE_GOLDEN === "1") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, "utf8"));
}

test("the ten kinds of work, and an empty skeleton, are there", () => {
  expect(TEMPLATES).toEqual([
    "empty",
    "harden-server",
    "install-engine-and-caddy",
    "investigate-container",
    "migrate-database",
    "move-service",
    "place-secrets",
    "restore-lost-disk",
    "rotate-secret",
    "schedule-backups",
    "take-down-service",
  ]);
});

test("whoever investigates reads first: nothing that changes anything comes before the last step", async () => {
  const { runbook } = await make("investigate-container");
  expect(runbook.steps.slice(0, -1).every(({ run }) => run === undefined)).toBe(true);
});

test("whoever hardens SSH has an automatic way back running before, and stops it over a new connection after", async () => {
  const { runbook } = await make("harden-server");
  const order = runbook.steps.map(({ title }) => title);
  const at = (title: string) => order.findIndex((candidate) => candidate.includes(title));
  expect(at("Start the timer")).toBeLessThan(at("Write the rules of SSH"));
  expect(at("Load the firewall")).toBeLessThan(at("Say that you still get in"));
  expect(runbook.beforeYouStart.join("\n")).toContain("second SSH session");
});

test.skipIf(spawnSync("/usr/sbin/nft", ["--version"]).status !== 0 || process.getuid?.() !== 0)(
  "nft would take the firewall's rules; that they are loaded no test here can show",
  async () => {
    const { infra, files } = await make("harden-server");
    const rules = infra.read(files.find((path) => path.endsWith("nftables.conf")) ?? "");
    const checked = spawnSync("/usr/sbin/nft", ["--check", "--file", "-"], {
      input: rules,
      encoding: "utf8",
    });
    expect(checked.stderr).toBe("");
    expect(checked.status).toBe(0);
  },
);
