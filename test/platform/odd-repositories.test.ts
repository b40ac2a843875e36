import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { headCommit, requireGit } from "../../src/platform/git.ts";
import { commitChanges, type FileChange, put } from "../../src/platform/git-commit.ts";
import { checkRepository } from "../../src/platform/repository-checks.ts";
import { workTreesOf } from "../../src/platform/work-trees.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

function repository() {
  const directory = temporaryDirectory();
  const context = testContext(directory);
  const top = join(directory, "project");
  mkdirSync(top);
  const run = (...args: string[]) =>
    execFileSync("git", args, {
      cwd: top,
      env: context.env as NodeJS.ProcessEnv,
      encoding: "utf8",
      stdio: "pipe",
    });
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), text);
    return join(top, path);
  };
  run("init", "--quiet", "--initial-branch=main");
  write("a.txt", "a\n");
  run("add", ".");
  run("commit", "--quiet", "-m", "Start");
  const commit = (path = join(top, "b.txt"), env = context.env) =>
    commitChanges(requireGit(dirname(path), env), [put(path, Buffer.from("b\n"))], "B", context);
  return { directory, top, context, run, write, commit };
}

/** Adds a line to what HEAD holds, as an edit of STATE.md does. */
function addLine(path: string): FileChange {
  return { path, edit: (before) => Buffer.from(`${before?.toString("utf8") ?? "all of it\n"}ours\n`) };
}

describe("a .git that is no repository", () => {
  test.each([
    ["is empty", () => undefined],
    ["has an empty HEAD", (inner: string) => execFileSync("git", ["init", "--quiet", inner])],
  ])("and %s: nothing is committed to the repository around it", async (_, prepare) => {
    const { top, run, write, commit, context } = repository();
    const file = write("inner/b.txt", "b\n");
    mkdirSync(join(top, "inner/.git"));
    prepare(join(top, "inner"));
    writeFileSync(join(top, "inner/.git/HEAD"), "");
    const head = run("rev-parse", "HEAD");
    await expect(commit(file)).rejects.toMatchObject({
      code: "git.no-repository",
      exit: 4,
      fix: expect.stringContaining("git init"),
    });
    expect(run("rev-parse", "HEAD")).toBe(head);
    expect(existsSync(join(top, "inner/.git/index"))).toBe(false);
    const checks = await checkRepository(join(top, "inner"), context);
    expect(checks).toMatchObject([{ name: "git.no-repository", status: "error" }]);
  });
});

describe("a branch whose file a power cut emptied", () => {
  test("is named, and not taken for a history that has not begun; the fix mends it", async () => {
    const { top, run, commit, context } = repository();
    const head = run("rev-parse", "HEAD").trim();
    writeFileSync(join(top, ".git/refs/heads/main"), "");
    const damaged = { code: "git.damaged", exit: 4, message: expect.stringContaining("refs/heads/main") };
    await expect(commit()).rejects.toMatchObject(damaged);
    await expect(headCommit(requireGit(top, context.env))).rejects.toMatchObject(damaged);
    const checks = await checkRepository(top, context);
    const found = checks.filter(({ status }) => status === "error");
    expect(found).toMatchObject([
      { name: "git.damaged", fix: expect.stringContaining(".git/logs/refs/heads/main") },
    ]);
    const [, last] = readFileSync(join(top, ".git/logs/refs/heads/main"), "utf8").split(" ");
    expect(last).toBe(head);
    execFileSync("rm", [join(top, ".git/refs/heads/main")]);
    run("update-ref", "refs/heads/main", last ?? "");
    await commit();
    expect(run("log", "--format=%s")).toBe("B\nStart\n");
  });
});

describe("a repository of somebody else's", () => {
  test("is refused with the command that trusts it", async () => {
    const { top, commit, context } = repository();
    const env = { ...context.env, GIT_TEST_ASSUME_DIFFERENT_OWNER: "1" };
    const fix = expect.stringContaining(`safe.directory '${top}'`);
    await expect(commit(undefined, env)).rejects.toMatchObject({ code: "git.owner", exit: 5, fix });
    expect(await checkRepository(top, { ...context, env })).toMatchObject([{ name: "git.owner", fix }]);
  });
});

describe("a .git that links to a folder elsewhere", () => {
  test("is committed to, as git does", async () => {
    const { directory, top, run, commit } = repository();
    renameSync(join(top, ".git"), join(directory, "elsewhere.git"));
    symlinkSync("../elsewhere.git", join(top, ".git"));
    await commit();
    expect(run("log", "--format=%s")).toBe("B\nStart\n");
    expect(run("ls-files")).toBe("a.txt\nb.txt\n");
  });
});

describe("a linked work tree", () => {
  test("whose place is written relative to the repository is known as one of its trees", () => {
    const { directory, top, run } = repository();
    run("worktree", "add", "--quiet", "../linked");
    writeFileSync(join(top, ".git/worktrees/linked/gitdir"), "../../../../linked/.git\n");
    expect(workTreesOf(top)).toContain(join(directory, "linked"));
  });

  test("is told of the hooks, settings and locks that it shares with the main one", async () => {
    const { directory, top, run, write, context } = repository();
    run("worktree", "add", "--quiet", "../linked");
    run("config", "core.editor", "vi");
    const hook = write(".git/hooks/pre-commit", "#!/bin/sh\n");
    write(".git/config.lock", "");
    execFileSync("touch", ["-d", "2026-11-20T13:00:00Z", join(top, ".git/config.lock")]);
    const checks = await checkRepository(join(directory, "linked"), context);
    const places = Object.fromEntries(checks.map(({ name, file }) => [name, file]));
    expect(places).toMatchObject({
      "git.hooks": dirname(hook),
      "git.programs": join(top, ".git/config"),
      "git.lock": join(top, ".git/config.lock"),
    });
  });

  test("whose repository lies in a folder with a line break in its name is found", () => {
    const { directory, top } = repository();
    const odd = join(directory, "two\nlines ");
    renameSync(top, odd);
    execFileSync("git", ["worktree", "add", "--quiet", join(directory, "linked")], { cwd: odd });
    expect(workTreesOf(join(directory, "linked"))).toEqual(expect.arrayContaining([odd, join(odd, ".git")]));
  });
});

describe("a project in a folder with a line break in its name", () => {
  test("keeps what a person has not finished out of the commit", async () => {
    const { top, run, write, context } = repository();
    const file = write("two\nlines/STATE.md", "before\n");
    run("add", ".");
    run("commit", "--quiet", "-m", "State");
    writeFileSync(file, "before\nunfinished\n");
    await commitChanges(requireGit(top, context.env), [addLine(file)], "Ours", context);
    expect(run("show", "HEAD:two\nlines/STATE.md")).toBe("before\nours\n");
  });
});

describe("an environment that changes what the name of a file means to git", () => {
  test.each(["GIT_LITERAL_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_GLOB_PATHSPECS"])(
    "%s: what a person has staged stays staged",
    async (name) => {
      const { top, run, write, context } = repository();
      const file = write("a.txt", "staged\n");
      run("add", "a.txt");
      const target = requireGit(top, { ...context.env, [name]: "1" });
      await commitChanges(target, [addLine(file)], "Ours", context);
      expect(run("show", "HEAD:a.txt")).toBe("a\nours\n");
      expect(run("show", ":a.txt")).toBe("staged\nours\n");
    },
  );
});

describe("a first commit that is refused", () => {
  test("leaves no index where there was none", async () => {
    const directory = temporaryDirectory();
    const context = testContext(directory);
    execFileSync("git", ["init", "--quiet", "--initial-branch=main", directory], { env: context.env });
    // git can hold HEAD, and then not write what it did.
    mkdirSync(join(directory, ".git/logs/refs/heads/main"), { recursive: true });
    writeFileSync(join(directory, ".git/logs/refs/heads/main/in-the-way"), "");
    const target = requireGit(directory, context.env);
    const change = put(join(directory, "a.txt"), Buffer.from("a\n"));
    await expect(commitChanges(target, [change], "A", context)).rejects.toThrow();
    expect(readdirSync(join(directory, ".git")).filter((name) => name.startsWith("index"))).toEqual([]);
  });
});
