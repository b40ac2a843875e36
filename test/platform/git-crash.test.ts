import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { beforeAll, describe, expect, test } from "vitest";
import { requireGit } from "../../src/platform/git.ts";
import { mendGit } from "../../src/platform/git-mend.ts";
import { missingComponents, nameWithMissing } from "../e2e/missing-components.ts";
import { testContext } from "../helpers/context.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

const TRACER = "strace";
const missing = missingComponents(["tracer"]);

/** What the main thread of a commit calls that changes the disk. */
const CALLS = ["link", "rename", "unlink", "fsync"] as const;

function repository(directory = temporaryDirectory()) {
  const { env } = testContext(directory);
  const root = join(directory, "repository");
  const run = (...args: string[]) =>
    execFileSync("git", args, { cwd: root, env: env as NodeJS.ProcessEnv, encoding: "utf8", stdio: "pipe" });
  const again = existsSync(root);
  mkdirSync(join(root, "memos"), { recursive: true });
  if (!again) {
    run("init", "--quiet", "--initial-branch=main");
    writeFileSync(join(root, "STATE.md"), "one\n");
    run("add", ".");
    run("commit", "--quiet", "-m", "start");
    writeFileSync(join(root, "STATE.md"), "one\nstaged by the person\n");
    writeFileSync(join(root, "theirs.txt"), "staged by the person\n");
    run("add", ".");
    writeFileSync(join(root, "memos/x.md"), "memo\n");
  }
  return { directory, root, env, run };
}

let child = "";

beforeAll(async () => {
  const folder = execFileSync("mktemp", ["-d"], { encoding: "utf8" }).trim();
  child = join(folder, "commit-child.mjs");
  await build({
    input: fileURLToPath(new URL("./commit-child.ts", import.meta.url)),
    platform: "node",
    logLevel: "silent",
    output: { file: child, format: "esm", codeSplitting: false },
  });
  return () => rmSync(folder, { recursive: true });
});

/** Runs the commit, and kills it as it enters the `when`-th call of that name. Returns whether it was killed. */
function killAt(space: ReturnType<typeof repository>, call: string, when: number): boolean {
  const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=SIGKILL:when=${when}`];
  const args = ["-qq", "-o", "/dev/null", ...inject, process.execPath, child, space.root];
  const result = spawnSync(TRACER, args, { env: space.env as NodeJS.ProcessEnv, encoding: "utf8" });
  if (result.signal === null) expect(result.stderr).toBe("");
  while (isSomebodyIn(space.root)) spawnSync("sleep", ["0.01"]);
  return result.signal !== null;
}

/** A git that outlives its vibeops notices, gives its locks back and ends. */
function isSomebodyIn(root: string): boolean {
  return readdirSync("/proc").some((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === root;
    } catch {
      return false;
    }
  });
}

/** The person's own plain commit; returns what it took away. */
function commitAsPerson({ run }: ReturnType<typeof repository>): string {
  const before = run("rev-parse", "HEAD").trim();
  run("commit", "--quiet", "-m", "theirs");
  return (
    run("diff", "--name-only", "--diff-filter=D", before, "HEAD") +
    run("diff", before, "HEAD", "--", "STATE.md")
  );
}

function expectNothingTaken(space: ReturnType<typeof repository>, where: string): void {
  const taken = commitAsPerson(space);
  expect(
    taken.split("\n").filter((line) => /^-[^-]/.test(line) || /^memos/.test(line)),
    where,
  ).toEqual([]);
  expect(space.run("show", "HEAD:STATE.md"), where).toContain("staged by the person");
  expect(space.run("show", "HEAD:theirs.txt"), where).toBe("staged by the person\n");
  space.run("fsck", "--strict");
}

function litter({ root, run }: ReturnType<typeof repository>): string[] {
  const names = readdirSync(join(root, ".git")).filter((name) => /\.lock|vibeops/.test(name));
  return [...names, ...run("for-each-ref", "--format=%(refname)", "refs/vibeops").split("\n")].filter(
    Boolean,
  );
}

describe.skipIf(missing.length > 0)(
  nameWithMissing("a commit that is killed (strace puts the signal at the system call)", missing),
  () => {
    test.each(CALLS)(
      "at any %s: the person's plain commit takes nothing away, with or without the next vibeops",
      async (call) => {
        let points = 0;
        for (let when = 1; ; when += 1) {
          const space = repository();
          if (!killAt(space, call, when)) break;
          points += 1;
          const copy = temporaryDirectory();
          cpSync(space.directory, copy, { recursive: true });
          rmSync(join(space.root, ".git/index.lock"), { force: true });
          expectNothingTaken(space, `${call} ${when}, lock removed by hand`);

          const mended = repository(copy);
          // A day and a half later, so that what names no owner is old as well.
          await mendGit(requireGit(mended.root, mended.env), new Date(Date.now() + 37 * 3_600_000));
          expect(litter(mended), `${call} ${when}`).toEqual([]);
          expectNothingTaken(mended, `${call} ${when}, mended`);
        }
        expect(points).toBeGreaterThan(0);
      },
    );

    test("a lock that cannot be given back, whatever the error, does not make a commit that is made a failure", () => {
      const traced = (space: ReturnType<typeof repository>, ...inject: string[]) => {
        const log = join(space.directory, "log");
        const args = ["-qq", "-o", log, "-e", "trace=unlink", ...inject, process.execPath, child, space.root];
        const { status } = spawnSync(TRACER, args, { env: space.env as NodeJS.ProcessEnv });
        const lines = readFileSync(log, "utf8").split("\n");
        return { status, unlinks: lines.filter((line) => line.startsWith("unlink(")) };
      };
      const { unlinks } = traced(repository());
      const last = unlinks.slice(-2).map((line) => /[a-z]+\.lock/.exec(line)?.[0]);
      expect(last).toEqual(["index.lock", "vibeops.lock"]);
      for (const when of [unlinks.length - 1, unlinks.length]) {
        for (const error of ["EIO", "ENOSPC", "EDQUOT"]) {
          const space = repository();
          const { status } = traced(space, "-e", `inject=unlink:error=${error}:when=${when}`);
          expect(status, `unlink ${when}: ${error}`).toBe(0);
          expect(space.run("show", "HEAD:memos/x.md")).toBe("memo\n");
        }
      }
    });

    test("git itself killed while it moves HEAD: the same", () => {
      let points = 0;
      for (let when = 1; ; when += 1) {
        const space = repository();
        const folder = join(space.directory, "bin");
        const real = execFileSync("which", ["git"], { encoding: "utf8" }).trim();
        mkdirSync(folder);
        const killed = `strace -qq -o '${folder}/log' -e trace=rename,unlink -e inject=rename,unlink:signal=SIGKILL:when=${when}`;
        writeFileSync(
          join(folder, "git"),
          `#!/bin/sh\ncase "$*" in\n*update-ref*--stdin*) exec ${killed} ${real} "$@" ;;\n*) exec ${real} "$@" ;;\nesac\n`,
        );
        chmodSync(join(folder, "git"), 0o755);
        const env = { ...space.env, PATH: `${folder}:${space.env.PATH}` } as NodeJS.ProcessEnv;
        const result = spawnSync(process.execPath, [child, space.root], { env, encoding: "utf8" });
        if (result.status === 0 && !readFileSync(join(folder, "log"), "utf8").includes("SIGKILL")) break;
        points += 1;
        for (const name of ["index", "HEAD", "packed-refs", "refs/heads/main"]) {
          rmSync(join(space.root, ".git", `${name}.lock`), { force: true });
        }
        expectNothingTaken(space, `git ${when}`);
      }
      expect(points).toBeGreaterThan(0);
    });
  },
);
