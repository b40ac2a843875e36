import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadProject } from "../../src/project/project.ts";
import { startSession } from "../../src/session/start.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

const CHECKED_OUT = Date.UTC(2026, 0, 1) / 1000;

/** A project as a clone leaves it: files and index of one second, long ago. */
function cloned(files: number) {
  const directory = temporaryDirectory();
  const root = join(directory, "project");
  mkdirSync(join(root, "many"), { recursive: true });
  const context = testContext(join(directory, "home"));
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: root, env: context.env as NodeJS.ProcessEnv, encoding: "utf8" });
  const many = Array.from({ length: files }, (_, i) => join(root, "many", `${i}`));
  for (const path of many) writeFileSync(path, "text\n");
  const config = join(root, "vibeops.yaml");
  writeFileSync(config, "project: project\nagents: { sysadmin: { provider: builtin } }\n");
  writeFileSync(join(root, ".gitignore"), ".vibeops/\n");
  for (const path of [...many, config]) utimesSync(path, CHECKED_OUT, CHECKED_OUT);
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "--message", "Start");
  const index = join(root, ".git/index");
  utimesSync(index, CHECKED_OUT, CHECKED_OUT);
  const start = async () =>
    await startSession(loadProject(root), context, { program: "vibeops", pendingRunbooks: () => [] });
  return { root, git, index, start };
}

test("a start writes an index anew that git could not trust, and nothing else in it changes", async () => {
  const { root, git, index, start } = cloned(1_200);
  appendFileSync(join(root, "many/7"), "staged\n");
  git("add", "many/7");
  utimesSync(index, CHECKED_OUT, CHECKED_OUT);
  appendFileSync(join(root, "many/7"), "not staged\n");
  // As long as before, and within that second: only its text tells.
  writeFileSync(join(root, "many/8"), "TEXT\n");
  utimesSync(join(root, "many/8"), CHECKED_OUT, CHECKED_OUT);
  const before = git("ls-files", "--stage");
  const { facts } = await start();
  expect(statSync(index).mtimeMs).toBeGreaterThan(CHECKED_OUT * 1000 + 1000);
  expect(git("ls-files", "--stage")).toBe(before);
  expect(git("--no-optional-locks", "status", "--porcelain")).toBe("MM many/7\n M many/8\n");
  expect(facts.warnings.map(({ text }) => text).join("\n")).not.toMatch(/index|lock/);
  expect(readdirSync(join(root, ".git")).filter((name) => name.startsWith("index"))).toEqual(["index"]);
  const written = statSync(index).mtimeMs;
  await start();
  expect(statSync(index).mtimeMs).toBe(written);
});

test("an index that somebody holds, and a short one, stay as they are", async () => {
  const held = cloned(1_200);
  const lock = `${held.index}.lock`;
  writeFileSync(lock, "");
  await held.start();
  expect(statSync(held.index).mtimeMs).toBe(CHECKED_OUT * 1000);
  expect(readFileSync(lock, "utf8")).toBe("");
  const short = cloned(10);
  await short.start();
  expect(statSync(short.index).mtimeMs).toBe(CHECKED_OUT * 1000);
});
