import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Context } from "../../src/platform/context.ts";
import { type CliResult, runIn } from "./cli.ts";
import { testContext } from "./context.ts";
import { temporaryDirectory } from "./directory.ts";

/** A project of a test: a folder in a git repository of its own. */
export interface TestProject {
  root: string;
  git: (...args: string[]) => string;
  vibeops: (...argv: string[]) => Promise<CliResult>;
  /** As `vibeops`, with text on standard input. */
  pipe: (input: string, ...argv: string[]) => Promise<CliResult>;
  write: (path: string, text: string) => string;
  read: (path: string) => string;
  /** Names in a folder without `.gitkeep`; empty where there is none. */
  list: (path: string) => string[];
}

export interface Workspace {
  directory: string;
  context: Context & { setNow: (now: string) => void };
  project: (name: string, config: string) => TestProject;
}

/** A folder for several projects, with a clock that the test sets and a home of its own. */
export function workspace(): Workspace {
  const directory = temporaryDirectory();
  let now = new Date("2026-11-20T14:32:11Z");
  const base = testContext(join(directory, "home"));
  mkdirSync(join(directory, "home"), { mode: 0o700 });
  const context = {
    ...base,
    now: () => now,
    setNow: (text: string) => {
      now = new Date(text);
    },
  };
  return {
    directory,
    context,
    project: (name, config) => makeProject(join(directory, name), config, context),
  };
}

function makeProject(root: string, config: string, context: Context): TestProject {
  mkdirSync(root, { recursive: true });
  const env = context.env as NodeJS.ProcessEnv;
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, env, encoding: "utf8" });
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
    return join(root, path);
  };
  git("init", "--quiet", "--initial-branch=main");
  write("vibeops.yaml", config);
  write(".gitignore", ".vibeops/\n");
  git("add", ".");
  git("commit", "--quiet", "-m", "Start");
  return {
    root,
    git,
    write,
    vibeops: (...argv) => runIn(root, context, argv),
    pipe: (input, ...argv) => runIn(root, context, argv, input),
    read: (path) => readFileSync(join(root, path), "utf8"),
    list: (path) => listFolder(join(root, path)),
  };
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path)
      .filter((name) => name !== ".gitkeep")
      .sort();
  } catch {
    return [];
  }
}

/** Two projects that accept each other's mail: a developer's and a sysadmin's. */
export function shopAndInfra(): Workspace & { shop: TestProject; infra: TestProject } {
  const space = workspace();
  const shop = space.project(
    "shop",
    [
      "project: shop",
      "agents: { developer: { provider: builtin } }",
      "peers: { infra: { path: ../infra } }",
      "accepts: [{ from: infra, types: [request, info] }]",
      "",
    ].join("\n"),
  );
  const infra = space.project(
    "infra",
    [
      "project: infra",
      "agents: { sysadmin: { provider: builtin } }",
      "peers: { shop: { path: ../shop } }",
      "accepts: [{ from: shop, types: [deployment, request, info], until: 2027-06-30 }]",
      "",
    ].join("\n"),
  );
  return { ...space, shop, infra };
}
