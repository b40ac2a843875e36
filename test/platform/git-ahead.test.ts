import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { committedQuestion, readCommitted } from "../../src/memo/in-head.ts";
import { type Git, requireGit, tryGit } from "../../src/platform/git.ts";
import { askAhead } from "../../src/platform/git-ahead.ts";
import { readTrail, trailQuestions } from "../../src/session/trail.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

let directory: string;
let target: Git;
let context: ReturnType<typeof testContext>;

const NAMES = ["it's.txt", 'a "b" $(c) `d`.txt', "line\nbreak.txt", "-dash.txt", "ü \x01.txt"];

const git = (...args: string[]) =>
  execFileSync("git", args, { cwd: target.top, env: context.env as NodeJS.ProcessEnv, encoding: "utf8" });

beforeEach(() => {
  directory = temporaryDirectory();
  const top = join(directory, "project");
  mkdirSync(join(top, "memos/archived"), { recursive: true });
  context = testContext(join(directory, "home"));
  execFileSync("git", ["init", "--quiet"], { cwd: top, env: context.env as NodeJS.ProcessEnv });
  target = requireGit(top, context.env);
  for (const name of NAMES) writeFileSync(join(top, name), `${name}\n\0\n`);
  writeFileSync(join(top, "memos/archived/note.md"), "A note.\n");
  git("add", ".");
  git("commit", "--quiet", "--message", "Start");
});

/** A `git` that tells when it starts, in a file, and goes on as this script says. */
function replaceGit(script: string): Git {
  const folder = join(directory, "bin");
  mkdirSync(folder);
  writeFileSync(join(folder, "git"), `#!/bin/sh\necho "$$ $*" >>'${directory}/started'\n${script}\n`);
  chmodSync(join(folder, "git"), 0o755);
  return { ...target, env: { ...target.env, PATH: `${folder}:${target.env.PATH}` } };
}

const started = () => readFileSync(join(directory, "started"), "utf8").trimEnd().split("\n");

describe("git, asked several things at once", () => {
  test("answers each as if it had been asked alone, whatever is in the question or the answer", async () => {
    const questions = [
      ["ls-tree", "-z", "--name-only", "HEAD"],
      ...NAMES.map((name) => ["--literal-pathspecs", "log", "--format=%H%n%x00", "--", name]),
      ...NAMES.map((name) => ["cat-file", "blob", `HEAD:${name}`]),
      ["log", "--max-count=0"],
    ];
    const ahead = askAhead(target, questions);
    for (const question of questions) {
      const answer = await ahead.takeAnswer?.(question);
      const { stdoutBytes } = await tryGit(target, question);
      expect(answer?.stdoutBytes.equals(stdoutBytes), question.join(" ")).toBe(true);
      expect(answer?.exitCode).toBe(0);
    }
  });

  test("gives an answer once, and is asked anew the next time", async () => {
    const question = ["rev-parse", "HEAD"];
    const ahead = askAhead(target, [question]);
    const first = await tryGit(ahead, question);
    git("commit", "--quiet", "--allow-empty", "--message", "Next");
    const second = await tryGit(ahead, question);
    expect(second.stdout).toBe(git("rev-parse", "HEAD"));
    expect(second.stdout).not.toBe(first.stdout);
  });

  test("is asked alone again what it failed to answer, and the others have their answers", async () => {
    const questions = [
      ["rev-parse", "HEAD"],
      ["cat-file", "blob", "HEAD:none"],
      ["rev-parse", "HEAD^{tree}"],
    ];
    const ahead = askAhead(target, questions);
    const [commit, missing, tree] = await Promise.all(questions.map((question) => tryGit(ahead, question)));
    expect(commit?.stdout).toBe(git("rev-parse", "HEAD"));
    expect(missing?.exitCode).toBe(128);
    expect(missing?.stderr).toContain("none");
    expect(tree?.stdout).toBe(git("rev-parse", "HEAD^{tree}"));
  });

  test("gives each answer while the next is still awaited, however it is cut into pieces", async () => {
    const go = join(directory, "go");
    const waits = `case "$*" in *two*) until [ -e '${go}' ]; do sleep 0.05; done;; esac`;
    const slow = replaceGit(`${waits}\nhead -c 200000 /dev/zero | tr '\\0' x; sleep 0.2; echo " $*"`);
    const ahead = askAhead(slow, [["one"], ["two"]]);
    expect((await ahead.takeAnswer?.(["one"]))?.stdout).toMatch(/^x{200000} .* one\n$/);
    writeFileSync(go, "");
    expect((await ahead.takeAnswer?.(["two"]))?.stdout).toMatch(/^x{200000} .* two\n$/);
  });

  test("that is ended in the middle is asked alone again", async () => {
    const slow = replaceGit('case "$*" in *HEAD*) kill -9 $$;; esac; echo fine');
    const ahead = askAhead(slow, [["one"], ["two", "HEAD"], ["three"]]);
    expect((await ahead.takeAnswer?.(["one"]))?.stdout).toBe("fine\n");
    expect(await ahead.takeAnswer?.(["two", "HEAD"])).toBeNull();
    expect((await ahead.takeAnswer?.(["three"]))?.stdout).toBe("fine\n");
  });

  test("is ended with the shell that asked, where it does not come to an end", async () => {
    const hung = replaceGit("exec sleep 60");
    const ahead = askAhead(hung, [["one"], ["two"]], 300);
    expect(await ahead.takeAnswer?.(["one"])).toBeNull();
    expect(started()).toHaveLength(1);
    const [pid] = (started()[0] ?? "").split(" ");
    expect(() => process.kill(Number(pid), 0)).toThrow("ESRCH");
  });

  test("costs one process of ours where it is not there at all, and the error comes from the question", async () => {
    const none = { ...target, env: { ...target.env, PATH: join(directory, "nothing") } };
    const question = ["rev-parse", "HEAD"];
    const ahead = askAhead(none, [question]);
    await expect(tryGit(ahead, question)).rejects.toMatchObject({ code: "process.missing" });
  });
});

describe("what a session asks ahead is what it asks", () => {
  /** A git that was asked nothing ahead, and notes what it is asked. */
  function noting(): { asked: string[]; noted: Git } {
    const asked: string[] = [];
    const takeAnswer = async (args: readonly string[]) => {
      asked.push(args.join(" "));
      return null;
    };
    return { asked, noted: { ...target, takeAnswer } };
  }

  test.each([
    ["for the first time", () => null],
    ["since the last one", () => git("rev-parse", "HEAD").trim()],
  ])("%s", async (_, since) => {
    const { asked, noted } = noting();
    const now = context.now();
    const from = since();
    await readTrail(noted, target.top, from, now);
    const questions = trailQuestions(target, target.top, from, now).map((question) => question.join(" "));
    expect(questions.length).toBeGreaterThan(2);
    expect(asked.toSorted()).toEqual(questions.toSorted());
  });

  test("of the names in HEAD", async () => {
    const { asked, noted } = noting();
    const folders = [join(target.top, "memos/archived")];
    await readCommitted(noted, folders);
    expect(asked).toEqual([committedQuestion(target, folders).join(" ")]);
  });
});
