import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Git, requireGit } from "../../src/platform/git.ts";
import { commitChanges, commitFiles, put, remove } from "../../src/platform/git-commit.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

function repository() {
  const directory = temporaryDirectory();
  const context = testContext(directory);
  const run = (...args: string[]) =>
    execFileSync("git", args, { cwd: directory, env: context.env as NodeJS.ProcessEnv, encoding: "utf8" });
  run("init", "--quiet", "--initial-branch=main");
  const target: Git = requireGit(directory, context.env);
  const write = (path: string, text: string) => {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), text);
    return join(directory, path);
  };
  return { directory, context, run, target, write };
}

describe("commitChanges", () => {
  test("makes the first commit of an empty repository", async () => {
    const { context, run, target, write } = repository();
    const path = write("a.md", "one\n");
    await commitChanges(target, [put(path, Buffer.from("one\n"))], "First\n\nWhy.", context);
    expect(run("log", "--format=%s|%an|%ad", "--date=iso-strict")).toBe(
      "First|Test Person|2026-11-20T14:32:11+00:00\n",
    );
    expect(run("status", "--porcelain")).toBe("");
    expect(run("for-each-ref", "--format=%(refname)")).toBe("refs/heads/main\n");
  });

  test("commits only its own paths, whatever else is staged or changed", async () => {
    const { context, run, target, write } = repository();
    write("mine.txt", "old\n");
    run("add", ".");
    run("commit", "--quiet", "-m", "start");
    write("mine.txt", "half-finished\n");
    write("staged.txt", "staged\n");
    run("add", "staged.txt");
    const path = write("memos/x.md", "memo\n");
    await commitFiles(target, [path], "A memo", context);
    expect(run("show", "--name-status", "--format=", "HEAD")).toBe("A\tmemos/x.md\n");
    expect(run("status", "--porcelain")).toBe(" M mine.txt\nA  staged.txt\n");
    expect(run("diff", "--cached", "--name-only")).toBe("staged.txt\n");
    expect(run("diff", "--name-only")).toBe("mine.txt\n");
  });

  test("the person's next plain commit keeps what we committed", async () => {
    const { context, run, target, write } = repository();
    write("a.txt", "a\n");
    run("add", ".");
    run("commit", "--quiet", "-m", "start");
    const path = write("memos/x.md", "memo\n");
    await commitFiles(target, [path], "A memo", context);
    write("b.txt", "b\n");
    run("add", "-A");
    run("commit", "--quiet", "-m", "theirs");
    expect(run("show", "--name-status", "--format=", "HEAD")).toBe("A\tb.txt\n");
    expect(run("ls-files")).toBe("a.txt\nb.txt\nmemos/x.md\n");
  });

  test("an edit goes into HEAD's version and into the staged one; the person's difference stays theirs", async () => {
    const { context, run, target, write } = repository();
    const path = write("STATE.md", "one\n");
    run("add", ".");
    run("commit", "--quiet", "-m", "start");
    write("STATE.md", "one\nstaged by the person\n");
    run("add", "STATE.md");
    const edit = (before: Buffer | null) => Buffer.concat([Buffer.from("ours\n"), before ?? Buffer.alloc(0)]);
    await commitChanges(target, [{ path, edit }], "State", context);
    expect(run("show", "HEAD:STATE.md")).toBe("ours\none\n");
    expect(run("show", ":STATE.md")).toBe("ours\none\nstaged by the person\n");
  });

  test("moves a file in one commit and says so when nothing differs", async () => {
    const { context, run, target, write } = repository();
    const from = write("memos/incoming/x.md", "memo\n");
    await commitFiles(target, [from], "In", context);
    const to = join(target.top, "memos/archived/x.md");
    await commitChanges(target, [remove(from), put(to, readFileSync(from))], "Done", context);
    expect(run("ls-tree", "-r", "--name-only", "HEAD")).toBe("memos/archived/x.md\n");
    const head = run("rev-parse", "HEAD").trim();
    expect(await commitChanges(target, [put(to, readFileSync(from))], "Again", context)).toBe(head);
  });

  test("eight writers with ten plain commits each beside ten of ours lose none", async () => {
    const { context, directory, run, target, write } = repository();
    write("start.txt", "start\n");
    run("add", ".");
    run("commit", "--quiet", "-m", "start");
    // Again for as long as git says that somebody else was there first, as a person would; anything else is a failure.
    // The two take turns: git commit with paths reads the index before it locks it, and loses what another plain git
    // has staged in between, with or without us.
    const script = `again() { until said=$(LC_ALL=C "$@" 2>&1); do case $said in
        *"File exists"*|*"cannot lock ref"*) sleep 0.0$((RANDOM % 9 + 1)) ;; *) echo "$said" >&2; exit 1 ;; esac; done; }
      exec 9> .git/turn
      for i in 1 2 3 4 5 6 7 8 9 10; do flock 9; echo $i > plain-$W-$i.txt
      again git add plain-$W-$i.txt; again git commit --quiet -m "plain $W $i" -- plain-$W-$i.txt; flock -u 9; done`;
    const plain = ["a", "b"].map(
      (name) =>
        new Promise<string>((resolve) => {
          const env = { ...(context.env as NodeJS.ProcessEnv), W: name };
          const shell = spawn("bash", ["-c", script], {
            cwd: directory,
            env,
            stdio: ["ignore", "ignore", "pipe"],
          });
          let said = "";
          shell.stderr.on("data", (chunk) => {
            said += chunk;
          });
          shell.on("close", (code) => resolve(`${code} ${said}`));
        }),
    );
    const ours = ["c", "d", "e", "f", "g", "h"].map(async (name) => {
      for (let i = 0; i < 10; i += 1) {
        const path = write(`ours-${name}-${i}.md`, `${name} ${i}\n`);
        await commitFiles(target, [path], `ours ${name} ${i}`, context);
      }
    });
    await Promise.all(ours);
    expect(await Promise.all(plain)).toEqual(["0 ", "0 "]);
    expect(run("rev-list", "--count", "HEAD").trim()).toBe("81");
    expect(run("ls-tree", "-r", "--name-only", "HEAD").trim().split("\n")).toHaveLength(81);
    expect(run("status", "--porcelain")).toBe("");
    run("fsck", "--strict");
  }, 600_000);
});

describe("a merge of the person's that is not settled", () => {
  /** On `main` and on a branch the same files differ, and the merge of the two has stopped. */
  function inConflict() {
    const { run, write, ...rest } = repository();
    const commit = (text: string, where: string) => {
      for (const name of ["STATE.md", "memos/x.md"]) write(name, text);
      run("add", ".");
      run("commit", "--quiet", "-m", where);
    };
    commit("start\n", "start");
    run("switch", "--quiet", "-c", "theirs");
    commit("theirs\n", "theirs");
    run("switch", "--quiet", "main");
    commit("ours\n", "ours");
    expect(() => run("merge", "--quiet", "theirs")).toThrow();
    return { run, write, ...rest };
  }

  const changes = {
    "an edit of a file in conflict": (path: string) => ({
      path: join(path, "STATE.md"),
      edit: (before: Buffer | null) => Buffer.from(`${before ?? ""}- Done\n`),
    }),
    "a new version of it": (path: string) => put(join(path, "STATE.md"), Buffer.from("all new\n")),
    "its removal": (path: string) => remove(join(path, "memos/x.md")),
  };
  for (const [what, change] of Object.entries(changes)) {
    test(`stays as it is: ${what} is refused, and the index keeps all three sides`, async () => {
      const { context, run, target, directory } = inConflict();
      const before = { head: run("rev-parse", "HEAD"), sides: run("ls-files", "--unmerged") };
      const committing = commitChanges(target, [change(directory)], "Ours", context);
      await expect(committing).rejects.toMatchObject({ code: "git.unmerged", exit: 7 });
      expect({ head: run("rev-parse", "HEAD"), sides: run("ls-files", "--unmerged") }).toEqual(before);
      expect(run("for-each-ref", "--format=%(refname)", "refs/vibeops")).toBe("");
    });
  }

  test("keeps nobody from committing other files", async () => {
    const { context, run, target, write } = inConflict();
    const path = write("memos/y.md", "memo\n");
    await commitFiles(target, [path], "A memo", context);
    expect(run("show", "--name-status", "--format=", "HEAD")).toBe("A\tmemos/y.md\n");
    expect(run("status", "--porcelain")).toBe("UU STATE.md\nUU memos/x.md\n");
  });
});
