import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findGit } from "../../src/platform/git.ts";
import { runProcess } from "../../src/platform/process.ts";
import { cleanPath, distrustPrograms, findProgram } from "../../src/platform/program.ts";
import { workTreesOf } from "../../src/platform/work-trees.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import { workspace } from "../helpers/workspace.ts";

function program(directory: string, name: string, text = "echo false"): string {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

test("empty and relative entries of the PATH do not count: neither for us nor for what we start", async () => {
  const { directory, context } = workspace();
  program(directory, "git");
  const path = `:.:bin:${directory.slice(1)}:${context.env.PATH}`;
  expect(findProgram("git", path)).toMatch(/^\/.*\/git$/);
  expect(findProgram("git", path)).not.toContain(directory);
  const result = await runProcess("sh", ["-c", 'echo "$PATH"; git --version'], {
    cwd: directory,
    env: { ...context.env, PATH: path },
  });
  expect(result.stdout).toContain("git version");
  expect(
    result.stdout
      .split("\n")[0]
      ?.split(":")
      .every((entry) => entry.startsWith("/")),
  ).toBe(true);
});

test("a program that lies in the project's work tree, or behind a link into it, is refused", async () => {
  const space = workspace();
  const project = space.project("shop", "project: shop\nagents: { developer: { provider: builtin } }\n");
  const bin = join(project.root, "node_modules/.bin");
  program(bin, "ssh-keygen");
  const outside = join(space.directory, "outside");
  mkdirSync(outside);
  symlinkSync(join(bin, "ssh-keygen"), join(outside, "ssh-keygen"));
  findGit(project.root, space.context.env);
  for (const first of [bin, outside]) {
    const env = { ...space.context.env, PATH: `${first}:${space.context.env.PATH}` };
    await expect(runProcess("ssh-keygen", ["-?"], { env })).rejects.toMatchObject({
      code: "program.inside",
      exit: 5,
      file: join(first, "ssh-keygen"),
    });
  }
  expect(cleanPath(`${bin}:/usr/bin`)).toBe("/usr/bin");
});

test("a program that was looked up before its work tree was known is refused from then on", () => {
  const directory = temporaryDirectory();
  program(directory, "some-tool");
  expect(findProgram("some-tool", directory)).toBe(join(directory, "some-tool"));
  distrustPrograms(directory);
  expect(() => findProgram("some-tool", directory)).toThrow(/inside the project/);
});

test("what decides and signs is not taken from a folder that others may write; other programs are", () => {
  const directory = temporaryDirectory();
  const open = join(directory, "open");
  const safe = join(directory, "safe");
  for (const name of ["ssh-keygen", "docker"]) program(open, name);
  program(safe, "ssh-keygen");
  for (const mode of [0o777, 0o1777, 0o775]) {
    chmodSync(open, mode);
    expect(() => findProgram("ssh-keygen", open)).toThrow(/only in a folder that others may write/);
    expect(findProgram("ssh-keygen", `${open}:${safe}`)).toBe(join(safe, "ssh-keygen"));
    expect(findProgram("docker", open)).toBe(join(open, "docker"));
  }
});

test("what is no program is passed over, and what is not there says so", async () => {
  const { directory, context } = workspace();
  mkdirSync(join(directory, "a/sh"), { recursive: true });
  mkdirSync(join(directory, "b"));
  writeFileSync(join(directory, "b/sh"), "no x bit");
  const path = `${join(directory, "a")}:${join(directory, "b")}:${context.env.PATH}`;
  expect(findProgram("sh", path)).not.toContain(directory);
  await expect(runProcess("no-such-tool", [], { env: context.env })).rejects.toMatchObject({
    code: "process.missing",
    fix: "install no-such-tool",
  });
});

test("all work trees of a repository are found, from each of them", () => {
  const space = workspace();
  const project = space.project("shop", "project: shop\nagents: { developer: { provider: builtin } }\n");
  const linked = join(space.directory, "linked");
  project.git("worktree", "add", "--quiet", "--detach", linked);
  const all = [project.root, linked].map((path) => realpathSync(path));
  for (const top of all) expect(workTreesOf(top)).toEqual(expect.arrayContaining(all));
  expect(workTreesOf(linked)).toContain(realpathSync(join(project.root, ".git")));
});
