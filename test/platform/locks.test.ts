import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test, vi } from "vitest";
import { requireGit } from "../../src/platform/git.ts";
import { commitChanges, put } from "../../src/platform/git-commit.ts";
import { newHolder } from "../../src/platform/git-holder.ts";
import { findGitLeftOvers, mendGit } from "../../src/platform/git-mend.ts";
import { acquireLock, withLock } from "../../src/platform/lock.ts";
import { formatOwner, newOwner } from "../../src/platform/lock-owner.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

function repository() {
  const directory = temporaryDirectory();
  const context = testContext(directory);
  const run = (...args: string[]) =>
    execFileSync("git", args, { cwd: directory, env: context.env as NodeJS.ProcessEnv, encoding: "utf8" });
  run("init", "--quiet", "--initial-branch=main");
  run("commit", "--quiet", "--allow-empty", "-m", "start");
  const target = requireGit(directory, context.env);
  const commit = () => commitChanges(target, [put(join(directory, "a"), Buffer.from("a\n"))], "A", context);
  return { directory, context, run, target, commit, inGit: (name: string) => join(directory, ".git", name) };
}

/** A process namespace of its own, as agents' sandboxes make them; it ends with the program that made it. */
const SANDBOX = ["--user", "--map-root-user", "--pid", "--fork", "--kill-child"];

function hasSandboxes(): boolean {
  return spawnSync("unshare", [...SANDBOX, "true"]).status === 0;
}

/** The pid of a process that has ended. */
function deadPid(): number {
  return Number(execFileSync("sh", ["-c", "echo $$"], { encoding: "utf8" }));
}

describe("a lock that git left", () => {
  test.each(["HEAD.lock", "refs/heads/main.lock", "packed-refs.lock"])(
    "%s: the commit ends with the file, its age and the command",
    async (name) => {
      const { run, commit, inGit, context } = repository();
      const lock = inGit(name);
      writeFileSync(lock, "");
      utimesSync(lock, context.now(), new Date(context.now().getTime() - 3_600_000));
      const head = run("rev-parse", "HEAD");
      await expect(commit()).rejects.toMatchObject({
        code: "git.ref-locked",
        exit: 7,
        file: lock,
        message: expect.stringContaining("of 3600 seconds ago"),
        fix: expect.stringContaining(`rm '${lock}'`),
      });
      expect(run("rev-parse", "HEAD")).toBe(head);
      expect(run("ls-files")).toBe("");
      rmSync(lock);
      await commit();
      expect(run("ls-files")).toBe("a\n");
    },
  );

  test("one that its git gives back in the meantime is waited for", async () => {
    const { run, commit, inGit } = repository();
    writeFileSync(inGit("HEAD.lock"), "");
    setTimeout(() => rmSync(inGit("HEAD.lock")), 300);
    await commit();
    expect(run("ls-tree", "--name-only", "HEAD")).toBe("a\n");
  });
});

describe("a lock that somebody planted", () => {
  const makePipe = "mkfifo";
  const plant = {
    "a pipe": (path: string) => execFileSync(makePipe, [path]),
    "a link": (path: string) => symlinkSync("/etc/passwd", path),
    "a link to nowhere": (path: string) => symlinkSync("/nonexistent/x", path),
  };

  const inGitDirectory = ["index.lock", "vibeops.lock"].flatMap((lock) =>
    Object.entries(plant).map(([kind, make]) => ({ kind, lock, make })),
  );

  test.each(inGitDirectory)("$kind as $lock is an error that names it", async ({ lock, make }) => {
    const { commit, inGit, target } = repository();
    make(inGit(lock));
    const named = { code: expect.stringMatching(/^file\.(type|symlink)$/), file: inGit(lock) };
    await expect(commit()).rejects.toMatchObject(named);
    await expect(findGitLeftOvers(target, new Date())).rejects.toMatchObject(named);
    await expect(mendGit(target, new Date())).rejects.toMatchObject(named);
  });

  test.each(Object.entries(plant))("%s as a lock of ours is an error that names it", async (_kind, make) => {
    const file = join(temporaryDirectory(), "STATE.md");
    make(`${file}.lock`);
    await expect(withLock(file, () => "never")).rejects.toMatchObject({
      code: expect.stringMatching(/^file\.(type|symlink)$/),
      file: `${file}.lock`,
    });
  });
});

describe("a lock that somebody alive holds", () => {
  test("is waited for beyond ten seconds while its holder gets on", async () => {
    const file = join(temporaryDirectory(), "STATE.md");
    const done: string[] = [];
    const held = await acquireLock(`${file}.lock`);
    const later = withLock(file, () => done.push("next"));
    for (let second = 0; second < 12; second += 1) {
      await sleep(1_000);
      held.getOn();
    }
    done.push("holder");
    held.release();
    await later;
    expect(done).toEqual(["holder", "next"]);
  });

  test("is not waited for where nothing happens", async () => {
    const file = join(temporaryDirectory(), "STATE.md");
    const held = await acquireLock(`${file}.lock`);
    await expect(withLock(file, () => "never")).rejects.toMatchObject({ code: "lock.held" });
    held.release();
  });
});

describe("what a kill left", () => {
  test("a dead owner's lock is broken, also where the one that broke it died as well", async () => {
    const file = join(temporaryDirectory(), "STATE.md");
    const dead = { ...newOwner(), pid: deadPid() };
    writeFileSync(`${file}.lock`, formatOwner(dead));
    writeFileSync(`${file}.lock.${dead.nonce}`, formatOwner({ ...newOwner(), pid: deadPid() }));
    expect(await withLock(file, () => "ours")).toBe("ours");
  });

  test("the lock of another start of this machine is broken; a living process's and git's own are left", async () => {
    const { target, inGit } = repository();
    writeFileSync(inGit("index.lock"), formatOwner({ ...newOwner(), boot: "another" }));
    await mendGit(target, new Date());
    expect(existsSync(inGit("index.lock"))).toBe(false);
    for (const content of [formatOwner(newOwner()), "", "what git writes"]) {
      writeFileSync(inGit("index.lock"), content);
      await mendGit(target, new Date());
      expect(existsSync(inGit("index.lock"))).toBe(true);
    }
  });

  test.skipIf(!hasSandboxes())(
    "the lock of a process that a sandbox numbers is left while it lives",
    async () => {
      const { target, inGit } = repository();
      const count = "i=0; while [ $i -lt 50 ]; do /bin/true; i=$((i+1)); done";
      const script = `${count}; sleep 60 & echo $! $(readlink /proc/self/ns/pid); wait`;
      const sandbox = spawn("unshare", [...SANDBOX, "sh", "-c", script], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      const [printed] = (await once(sandbox.stdout, "data")) as [Buffer];
      const [pid = "", numbering = ""] = printed.toString().trim().split(" ");
      const lock = inGit("index.lock");
      writeFileSync(lock, formatOwner({ ...newOwner(), pid: Number(pid), numbering }));
      await mendGit(target, new Date());
      expect(existsSync(lock)).toBe(true);
      sandbox.kill("SIGKILL");
      await once(sandbox, "close");
      // Its pipe is closed a moment before the system lets go of its number.
      await vi.waitFor(
        async () => {
          await mendGit(target, new Date());
          expect(existsSync(lock)).toBe(false);
        },
        { timeout: 10_000 },
      );
    },
  );

  test("index copies, holders and temporaries go; a living process's holder and fresh temporaries stay", async () => {
    const { run, target, inGit } = repository();
    writeFileSync(inGit("index.vibeops-0123456789abcdef"), "");
    writeFileSync(inGit("index.vibeops-0123456789abcdef.lock"), "");
    writeFileSync(inGit(".vibeops-0123456789abcdef.tmp"), "");
    const old = inGit(".vibeops-fedcba9876543210.tmp");
    writeFileSync(old, "");
    utimesSync(old, new Date(), new Date(Date.now() - 37 * 3_600_000));
    const ours = newHolder();
    run("update-ref", ours, "HEAD");
    run("update-ref", ours.replace(`-${process.pid}-`, `-${deadPid()}-`), "HEAD");
    run("update-ref", "refs/vibeops/pending-0000000000000000-1-0123456789abcdef", "HEAD");
    await mendGit(target, new Date());
    expect(run("for-each-ref", "--format=%(refname)", "refs/vibeops").trim().split("\n").sort()).toEqual(
      [ours, "refs/vibeops/pending-0000000000000000-1-0123456789abcdef"].sort(),
    );
    expect(readdirSync(inGit("")).filter((name) => name.includes("vibeops-"))).toEqual([
      ".vibeops-0123456789abcdef.tmp",
    ]);
    await mendGit(target, new Date(Date.now() + 37 * 3_600_000));
    expect(run("for-each-ref", "--format=%(refname)", "refs/vibeops").trim()).toBe(ours);
  });
});
