import { execFileSync } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { findGit, type Git, git, requireGit, tryGit } from "../../src/platform/git.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

let target: Git;
let env: NodeJS.ProcessEnv;
let directory: string;

const run = (...args: string[]) =>
  execFileSync("git", args, { cwd: target.top, env, encoding: "utf8" }).trim();

beforeEach(() => {
  directory = temporaryDirectory();
  const top = join(directory, "project");
  mkdirSync(top);
  env = testContext(join(directory, "home")).env as NodeJS.ProcessEnv;
  execFileSync("git", ["init", "--quiet"], { cwd: top, env });
  target = requireGit(top, env);
  writeFileSync(join(top, "a.txt"), "a\n");
  run("add", ".");
  run("commit", "--quiet", "-m", "Start");
});

function makePipe(...path: string[]): void {
  const file = join(target.top, ".git", ...path);
  rmSync(file, { force: true });
  execFileSync("mkfifo", [file]);
}

describe("where git would wait for ever, it is not asked", () => {
  test.each([
    ["objects/info/alternates"],
    ["HEAD"],
    ["config"],
    ["index"],
    ["packed-refs"],
    ["shallow"],
    ["info/exclude"],
    ["info/attributes"],
    ["objects/info/commit-graph"],
  ])("a named pipe in the place of .git/%s is an error that names it", async (name) => {
    makePipe(...name.split("/"));
    const file = join(target.top, ".git", name);
    await expect(tryGit(target, ["rev-parse", "HEAD"])).rejects.toMatchObject({
      code: "git.no-file",
      file,
      message: "a named pipe lies where git expects a file",
    });
  });

  test("nor in a linked work tree, whose own files lie elsewhere", async () => {
    const linked = join(directory, "linked");
    run("worktree", "add", "--quiet", linked);
    const tree = requireGit(linked, env);
    makePipe("worktrees", "linked", "commondir");
    await expect(tryGit(tree, ["rev-parse", "HEAD"])).rejects.toMatchObject({ code: "git.no-file" });
  });

  test("a pipe among the linked work trees keeps nobody from finding the repository", () => {
    mkdirSync(join(target.top, ".git/worktrees/gone"), { recursive: true });
    makePipe("worktrees", "gone", "gitdir");
    expect(findGit(target.top, env)?.top).toBe(target.top);
  });

  test("what is a link to a file, as some tools make of .git/config, is in order", async () => {
    const file = join(target.top, ".git/config");
    execFileSync("mv", [file, join(directory, "config")]);
    execFileSync("ln", ["-s", join(directory, "config"), file]);
    expect((await tryGit(target, ["rev-parse", "HEAD"])).exitCode).toBe(0);
  });
});

test("a git that does not come to an end is ended, and that is said", async () => {
  const id = run("rev-parse", "HEAD");
  makePipe("objects", id.slice(0, 2), id.slice(2));
  await expect(tryGit(target, ["cat-file", "-p", id], undefined, 300)).rejects.toMatchObject({
    code: "git.hung",
    message: expect.stringContaining("git cat-file did not come to an end"),
    fix: expect.stringContaining("find .git -type p"),
  });
});

describe("what git says is put into words", () => {
  test("a line of its settings that it cannot read", async () => {
    appendFileSync(join(target.top, ".git/config"), "[broken\n");
    await expect(git(target, ["rev-list", "HEAD"])).rejects.toMatchObject({
      code: "git.config",
      exit: 4,
      message: expect.stringMatching(/^git cannot read its settings: line \d+ of \.git\/config$/),
      fix: expect.stringContaining("git config --list --file"),
    });
  });

  test.each([
    ["a commit", "HEAD", ["rev-list", "HEAD"]],
    ["a tree", "HEAD^{tree}", ["ls-tree", "-r", "HEAD"]],
    ["a file", "HEAD:a.txt", ["cat-file", "blob", "HEAD:a.txt"]],
  ])("%s that is damaged, by its name", async (_, name, args) => {
    run("commit", "--quiet", "--allow-empty", "-m", "Next");
    const id = run("rev-parse", name === "HEAD" ? "HEAD~1" : name);
    const file = join(target.top, ".git/objects", id.slice(0, 2), id.slice(2));
    chmodSync(file, 0o644);
    writeFileSync(file, "garbage");
    const error = {
      code: "git.damaged",
      exit: 4,
      message: `object ${id} of this repository is damaged or missing`,
      fix: expect.stringContaining("git fetch --refetch"),
    };
    await expect(git(target, args)).rejects.toMatchObject(error);
  });

  test.each<[string, string, () => void]>([
    ["a damaged index", "git.damaged", () => writeFileSync(join(target.top, ".git/index"), "x".repeat(100))],
    [
      "a tree that is gone",
      "git.damaged",
      () => {
        const tree = run("rev-parse", "HEAD^{tree}");
        rmSync(join(target.top, ".git/objects", tree.slice(0, 2), tree.slice(2)));
      },
    ],
    ["a work tree that is switched off", "git.bare", () => void run("config", "core.bare", "true")],
    [
      "an extension that it does not know",
      "git.too-new",
      () => {
        run("config", "core.repositoryFormatVersion", "1");
        run("config", "extensions.tomorrow", "true");
      },
    ],
    ["a later format", "git.too-new", () => void run("config", "core.repositoryFormatVersion", "9")],
  ])("%s, with what mends it", async (_, code, damage) => {
    damage();
    await expect(git(target, ["status"])).rejects.toMatchObject({
      code,
      exit: 4,
      fix: expect.stringContaining("git") as string,
    });
  });

  test("a commit that is gone, by its name", async () => {
    run("commit", "--quiet", "--allow-empty", "-m", "Next");
    const id = run("rev-parse", "HEAD~1");
    rmSync(join(target.top, ".git/objects", id.slice(0, 2), id.slice(2)));
    await expect(git(target, ["rev-list", "HEAD"])).rejects.toMatchObject({
      code: "git.damaged",
      message: `object ${id} of this repository is damaged or missing`,
    });
  });

  test("a git that ends without a word: how it ended", async () => {
    await expect(git(target, ["diff", "--quiet", "--no-index", "a.txt", "/dev/null"])).rejects.toMatchObject({
      message: "git diff failed: it ended with exit code 1 and said nothing",
    });
  });

  test("one that was killed: by which signal", async () => {
    const bin = join(directory, "bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "git"), "#!/bin/sh\nkill -9 $$\n");
    chmodSync(join(bin, "git"), 0o755);
    const killed = { ...target, env: { ...target.env, PATH: `${bin}:${env.PATH}` } };
    await expect(git(killed, ["rev-parse", "HEAD"])).rejects.toMatchObject({
      message: "git rev-parse failed: it was ended by SIGKILL and said nothing",
    });
  });
});
