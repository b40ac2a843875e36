import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import {
  argumentsWithoutFilters,
  type Git,
  mayNameFilters,
  requireGit,
  tryGit,
} from "../../src/platform/git.ts";
import { askAhead } from "../../src/platform/git-ahead.ts";
import { commitChanges, commitFiles, put } from "../../src/platform/git-commit.ts";
import { mendGit } from "../../src/platform/git-mend.ts";
import { readObjects } from "../../src/platform/git-objects.ts";
import { readChanges } from "../../src/session/changes.ts";
import { readTrail, trailQuestions } from "../../src/session/trail.ts";
import { listUncommitted } from "../../src/session/uncommitted.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

/* An agent writes `.git`; a person runs our commands in it. Nothing in it is started by them. */

const HOOKS = [
  ...["reference-transaction", "post-index-change", "pre-commit", "commit-msg", "prepare-commit-msg"],
  ...["post-commit", "post-checkout", "pre-auto-gc", "fsmonitor-watchman", "post-rewrite"],
];

let target: Git;
let marker: string;
let context: ReturnType<typeof testContext>;
let script: string;

const git = (...args: string[]) =>
  execFileSync("git", args, { cwd: target.top, env: context.env as NodeJS.ProcessEnv, encoding: "utf8" });

beforeEach(async () => {
  const directory = temporaryDirectory();
  const top = join(directory, "project");
  mkdirSync(top);
  context = testContext(join(directory, "home"));
  marker = join(directory, "marker");
  script = join(directory, "evil");
  writeFileSync(script, `#!/bin/sh\necho "$0 $*" >>'${marker}'\ncat\n`);
  chmodSync(script, 0o755);
  execFileSync("git", ["init", "--quiet"], { cwd: top, env: context.env as NodeJS.ProcessEnv });
  target = requireGit(top, context.env);
  for (const name of ["a.txt", "b.txt"]) writeFileSync(join(top, name), `${name}\n`);
  git("add", ".");
  const signed = git("commit-tree", git("write-tree").trim(), "-m", "Start").trim();
  git("reset", "--quiet", signed);
});

/** Everything that our commands do with a repository. */
async function useGit(): Promise<void> {
  const since = git("rev-parse", "HEAD").trim();
  const memo = join(target.top, "memo.md");
  writeFileSync(memo, "words\n");
  writeFileSync(join(target.top, "a.txt"), "A.TXT\n");
  await commitFiles(target, [memo], "A memo", context);
  await commitChanges(target, [put(join(target.top, "b.txt"), Buffer.from("other\n"))], "Other", context);
  await mendGit(target, context.now());
  await listUncommitted(target, target.top);
  await readChanges(target, target.top, since);
  await readObjects(target, ["HEAD^{commit}", "1".repeat(40)]);
  const now = context.now();
  const ahead = askAhead(target, trailQuestions(target, target.top, since, now));
  await readTrail(ahead, target.top, since, now);
}

describe("our git starts nothing that the repository names", () => {
  test("hooks in .git and where core.hooksPath says", async () => {
    for (const folder of [join(target.top, ".git/hooks"), join(target.top, "evil-hooks")]) {
      mkdirSync(folder, { recursive: true });
      for (const hook of HOOKS) {
        writeFileSync(join(folder, hook), `#!/bin/sh\necho ${hook} >>'${marker}'\n`);
        chmodSync(join(folder, hook), 0o755);
      }
    }
    await useGit();
    git("config", "core.hooksPath", join(target.top, "evil-hooks"));
    await useGit();
    expect(existsSync(marker)).toBe(false);
  });

  test("a file system monitor", async () => {
    git("config", "core.fsmonitor", script);
    await useGit();
    expect(existsSync(marker)).toBe(false);
  });

  test.each(["clean", "process"])("a filter's %s, of a name that needs care", async (kind) => {
    const name = 'e.v=i"l \u00fc';
    git("config", `filter.${name}.${kind}`, script);
    git("config", `filter.${name}.required`, "true");
    git("config", "filter.plain.clean", script);
    writeFileSync(join(target.top, ".gitattributes"), "a.txt filter=plain\n");
    await useGit();
    appendFileSync(join(target.top, ".gitattributes"), "* filter=plain\n");
    await useGit();
    expect(existsSync(marker)).toBe(false);
  });

  describe("a filter where git finds its settings elsewhere than in .git", () => {
    const inGit = (name: string) => join(target.top, ".git", name);
    beforeEach(() => {
      git("config", "filter.evil.clean", script);
      writeFileSync(join(target.top, ".gitattributes"), "* filter=evil\n");
    });

    test.each(["a file", "a link"])("commondir, %s", async (kind) => {
      mkdirSync(inGit("other"));
      for (const name of ["objects", "refs", "config"]) renameSync(inGit(name), inGit(`other/${name}`));
      writeFileSync(inGit("config"), "");
      writeFileSync(inGit(kind === "a link" ? "to" : "commondir"), "other\n");
      if (kind === "a link") symlinkSync("to", inGit("commondir"));
      expect(git("config", "filter.evil.clean").trim()).toBe(script);
      await useGit();
      expect(existsSync(marker)).toBe(false);
    });

    test("the folder itself, where .git is no repository", async () => {
      for (const name of ["HEAD", "objects", "refs", "config", "index"])
        renameSync(inGit(name), join(target.top, name));
      const settings = join(target.top, "config");
      git("config", "--file", settings, "core.bare", "false");
      git("config", "--file", settings, "core.worktree", ".");
      expect(git("config", "filter.evil.clean").trim()).toBe(script);
      await expect(listUncommitted(target, target.top)).rejects.toThrow();
      expect(existsSync(marker)).toBe(false);
      // A git before 2.38 knows no such setting.
      expect(await argumentsWithoutFilters(target)).toEqual([]);
      expect(mayNameFilters(target)).toBe(true);
    });
  });

  test("a nested repository's own filters", async () => {
    const nested = join(target.top, "nested");
    execFileSync("git", ["init", "--quiet", nested]);
    const inNested = (...args: string[]) =>
      execFileSync("git", ["-C", nested, ...args], { env: context.env as NodeJS.ProcessEnv, stdio: "pipe" });
    writeFileSync(join(nested, "x"), "x\n");
    inNested("add", ".");
    inNested("commit", "--quiet", "-m", "Nested");
    git("-c", "advice.addEmbeddedRepo=false", "add", "nested");
    git("commit", "--quiet", "-m", "Holds a nested one");
    inNested("config", "filter.evil.clean", script);
    writeFileSync(join(nested, ".gitattributes"), "* filter=evil\n");
    writeFileSync(join(nested, "x"), "y\n");
    await useGit();
    expect(existsSync(marker)).toBe(false);
  });

  test("a program that would check signatures", async () => {
    git("config", "gpg.program", script);
    git("config", "log.showSignature", "true");
    git("config", "gpg.format", "openpgp");
    const signature = "-----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----";
    const raw = git("cat-file", "commit", "HEAD").replace("\n\n", `\ngpgsig ${signature}\n\n`);
    writeFileSync(join(target.top, ".git/raw"), raw);
    git("reset", "--quiet", git("hash-object", "-t", "commit", "-w", ".git/raw").trim());
    await useGit();
    await tryGit(target, ["log", "--format=%h"]);
    expect(existsSync(marker)).toBe(false);
  });

  test.each([
    ["ext::touch MARKER", "protocol.ext.allow", "always"],
    ["somebody@example.com:there", "core.sshCommand", ""],
    ["file:///nowhere", "remote.origin.uploadpack", ""],
  ])("what would fetch a missing object from %s", async (url, key, value) => {
    git("config", "core.repositoryFormatVersion", "1");
    git("config", "extensions.partialClone", "origin");
    git("config", "remote.origin.promisor", "true");
    git("config", "remote.origin.url", url.replace("MARKER", marker));
    git("config", key, value === "" ? `touch '${marker}' #` : value);
    await useGit();
    expect(existsSync(marker)).toBe(false);
  });
});

describe("git's own log is no way out of the repository", () => {
  const WORDS = "Memo: x; touch ~/here #";
  const logs = (name: string) => join(target.top, ".git/logs", name);
  const branch = () => git("symbolic-ref", "HEAD").trim();
  let outside: string;
  beforeEach(() => {
    outside = join(dirname(marker), "start-file");
    writeFileSync(outside, "mine\n");
  });

  async function refusesToCommit(): Promise<void> {
    const before = git("rev-parse", "HEAD");
    const change = put(join(target.top, "b.txt"), Buffer.from("other\n"));
    await expect(commitChanges(target, [change], WORDS, context)).rejects.toMatchObject({
      code: "git.foreign-log",
    });
    expect(git("rev-parse", "HEAD")).toBe(before);
    expect(readFileSync(outside, "utf8")).toBe("mine\n");
  }

  test("HEAD's, as a link", async () => {
    rmSync(logs("HEAD"));
    symlinkSync(outside, logs("HEAD"));
    await refusesToCommit();
  });

  test("HEAD's, as a second name", async () => {
    rmSync(logs("HEAD"));
    linkSync(outside, logs("HEAD"));
    await refusesToCommit();
  });

  test("the branch's, as a link to nothing yet", async () => {
    rmSync(logs(branch()));
    symlinkSync(`${outside}-new`, logs(branch()));
    await refusesToCommit();
    expect(existsSync(`${outside}-new`)).toBe(false);
  });

  test("a folder of logs, as a link", async () => {
    rmSync(logs("refs"), { recursive: true });
    mkdirSync(join(dirname(marker), "start.d/heads"), { recursive: true });
    symlinkSync(join(dirname(marker), "start.d"), logs("refs"));
    await refusesToCommit();
  });

  test("that of a ref which the branch names in its turn", async () => {
    const other = "refs/other/one";
    git("update-ref", other, "HEAD");
    writeFileSync(join(target.top, ".git", branch()), `ref: ${other}\n`);
    mkdirSync(dirname(logs(other)), { recursive: true });
    symlinkSync(outside, logs(other));
    await refusesToCommit();
  });

  test("links among the logs of repositories that share them stay", async () => {
    const shared = join(dirname(marker), "shared/logs/refs");
    mkdirSync(dirname(shared), { recursive: true });
    renameSync(logs("refs"), shared);
    symlinkSync(shared, logs("refs"));
    const change = put(join(target.top, "b.txt"), Buffer.from("other\n"));
    await commitChanges(target, [change], WORDS, context);
    expect(readFileSync(join(shared, branch().replace("refs/", "")), "utf8")).toContain(WORDS);
  });
});
