import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compileAction } from "../../src/runbook/actions/actions.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

interface Repository {
  path: string;
  git: (...args: string[]) => string;
  write: (file: string, text: string | Buffer) => void;
  commit: () => string;
}

function repository(): Repository {
  const path = join(temporaryDirectory(), "a service");
  mkdirSync(path);
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], {
      cwd: path,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  git("init", "--quiet", "--initial-branch=main");
  return {
    path,
    git,
    write: (file, text) => {
      mkdirSync(join(path, file, ".."), { recursive: true });
      writeFileSync(join(path, file), text);
    },
    commit: () => {
      git("add", "--all");
      git("commit", "--quiet", "--message", "x");
      return git("rev-parse", "HEAD").trim();
    },
  };
}

function place(repo: Repository, commit: string, env: Record<string, string> = {}) {
  const directory = join(repo.path, "../srv");
  const { run } = compileAction(
    {
      use: "release.place",
      hosts: ["here"],
      with: { source: repo.path, commit, directory, version: "1.0" },
    },
    { runbook: "20261120T150000Z-m2x9vaq4", readFile: () => Buffer.from("") },
  );
  const result = spawnSync("sh", ["-eu", "-c", run?.script ?? "false"], {
    encoding: "utf8",
    cwd: temporaryDirectory(),
    env: { PATH: process.env.PATH, HOME: temporaryDirectory(), ...env },
  });
  return { exit: result.status, stderr: result.stderr, release: join(directory, "releases/1.0"), directory };
}

test("what is placed are the bytes of the commit: a replaced object in the repository changes nothing", () => {
  const repo = repository();
  repo.write("file", "approved\n");
  const commit = repo.commit();
  repo.write("file", "evil\n");
  const evil = repo.commit();
  repo.git("replace", commit, evil);
  const blob = repo.git("--no-replace-objects", "rev-parse", `${commit}:file`).trim();
  repo.git("replace", blob, repo.git("rev-parse", `${evil}:file`).trim());
  const { exit, release } = place(repo, commit);
  expect(exit).toBe(0);
  expect(readFileSync(join(release, "file"), "utf8")).toBe("approved\n");
});

test("no attribute and no filter, of the tree, the repository or the person, rewrites, adds or leaves out anything", () => {
  const repo = repository();
  const smudge = "smudge = sed s/approved/evil/";
  repo.write("file", "approved $Format:%H$ $Id$\n");
  repo.write("left-out", "here\n");
  repo.write("crlf.txt", "one\ntwo\n");
  repo.write("deep/left-out", "here\n");
  repo.write("deep/.gitattributes", "left-out export-ignore\n");
  const attributes = [
    "[attr]mine filter=mine export-subst",
    "file mine ident filter=evil",
    "left-out export-ignore",
    "crlf.txt text eol=crlf",
    "wide working-tree-encoding=UTF-16",
  ];
  repo.write("wide", Buffer.from("\ufefftext\n", "utf16le"));
  repo.write(".gitattributes", `${attributes.join("\n")}\n`);
  const commit = repo.commit();
  writeFileSync(join(repo.path, ".git/info/attributes"), "file filter=evil\n");
  repo.git("config", "filter.evil.smudge", "sed s/approved/evil/");
  repo.git("config", "filter.evil.required", "true");
  repo.git("config", "core.autocrlf", "true");
  const home = temporaryDirectory();
  writeFileSync(
    join(home, ".gitconfig"),
    `[core]\n\tautocrlf = true\n\tattributesFile = ${home}/attributes\n[filter "evil"]\n\t${smudge}\n`,
  );
  writeFileSync(join(home, "attributes"), "* filter=evil\n");
  const { exit, release, stderr } = place(repo, commit, { HOME: home });
  expect([exit, stderr]).toEqual([0, ""]);
  const files = repo.git("ls-tree", "-r", "--name-only", commit).trim().split("\n");
  for (const file of files) {
    const bytes = execFileSync("git", ["cat-file", "blob", `${commit}:${file}`], { cwd: repo.path });
    expect(readFileSync(join(release, file)).equals(bytes), file).toBe(true);
  }
  expect(files).toContain("deep/left-out");
});

test("an object whose bytes were changed in the repository is found, and nothing is placed", () => {
  const repo = repository();
  repo.write("file", "approved\n");
  const commit = repo.commit();
  const blob = repo.git("rev-parse", `${commit}:file`).trim();
  repo.write("file", "evil\n");
  const other = repo.git("hash-object", "-w", "file").trim();
  const objectPath = (id: string) => join(repo.path, ".git/objects", id.slice(0, 2), id.slice(2));
  chmodSync(objectPath(blob), 0o644);
  writeFileSync(objectPath(blob), readFileSync(objectPath(other)));
  const { exit, release } = place(repo, commit);
  expect(exit).not.toBe(0);
  expect(existsSync(release)).toBe(false);
});

test("links and executable files are placed as the commit has them", () => {
  const repo = repository();
  repo.write("run", "#!/bin/sh\n");
  chmodSync(join(repo.path, "run"), 0o755);
  symlinkSync("run", join(repo.path, "link"));
  const { exit, release } = place(repo, repo.commit());
  expect(exit).toBe(0);
  expect(lstatSync(join(release, "run")).mode & 0o100).toBe(0o100);
  expect(readlinkSync(join(release, "link"))).toBe("run");
});

test("a release folder that somebody filled beforehand under the commit's name is not taken for it", () => {
  const repo = repository();
  repo.write("file", "approved\n");
  const commit = repo.commit();
  const release = join(repo.path, "../srv/releases/1.0");
  mkdirSync(release, { recursive: true });
  writeFileSync(join(release, "file"), "evil\n");
  writeFileSync(`${release}.commit`, `${commit}\n`);
  const { exit, stderr, directory } = place(repo, commit);
  expect(exit).not.toBe(0);
  expect(stderr).toContain("is not what the commit holds");
  expect(existsSync(join(directory, "current"))).toBe(false);
});

test("placed again, with what the service wrote beside the files of the commit, it stays as it is", () => {
  const repo = repository();
  repo.write("file", "approved\n");
  const commit = repo.commit();
  const { release } = place(repo, commit);
  writeFileSync(join(release, "cache"), "x");
  expect(place(repo, commit).exit).toBe(0);
  expect(readFileSync(join(release, "cache"), "utf8")).toBe("x");
});

test("a commit of a shallow clone and one in a repository with SHA-256 names are placed too", () => {
  const repo = repository();
  repo.write("file", "one\n");
  repo.commit();
  repo.write("file", "two\n");
  const commit = repo.commit();
  const clone = join(temporaryDirectory(), "clone");
  execFileSync("git", ["clone", "--quiet", "--depth=1", `file://${repo.path}`, clone]);
  expect(place({ ...repo, path: clone }, commit).exit).toBe(0);
  const wide = repository();
  execFileSync("rm", ["-rf", join(wide.path, ".git")]);
  wide.git("init", "--quiet", "--object-format=sha256");
  wide.write("file", "x\n");
  const { exit, release } = place(wide, wide.commit());
  expect(exit).toBe(0);
  expect(readFileSync(join(release, "file"), "utf8")).toBe("x\n");
});
