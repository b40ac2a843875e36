import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../src/platform/hash.ts";
import { compileAction } from "../../src/runbook/actions/actions.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

const shells = [["/bin/dash"], ["/bin/bash"], ["/bin/busybox", "sh"]].filter(([path]) =>
  existsSync(path ?? ""),
);

const FIRST = { "index.html": "one\n", "assets/it's $HOME.css": "a { }\n" };
const SECOND = { "index.html": "two\n" };

let directory: string;

beforeEach(() => {
  directory = join(temporaryDirectory(), "shop");
});

/** A person brought these files, and files.install the list of those that were approved. */
function bring(version: string, files: Record<string, string>, approved = files) {
  for (const [path, text] of Object.entries(files)) {
    const file = join(directory, "releases", version, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { mode: 0o600 });
  }
  const list = Object.entries(approved)
    .map(([path, text]) => `${sha256(text)}  ${path}\n`)
    .join("");
  const installed = join(directory, "releases", `${version}.sha256`);
  writeFileSync(installed, list);
  return compileAction(
    { use: "release.switch", hosts: ["here"], with: { directory, version, list: "list", installed } },
    { runbook: `20261120T150000Z-m2x9va${version.replaceAll(".", "")}`, readFile: () => Buffer.from(list) },
  );
}

describe.each(shells)("with %s", (program = "", ...args) => {
  const run = (script: string | undefined) =>
    spawnSync(program, [...args, "-euc", script ?? "exit 99"], { encoding: "utf8" });
  const served = () => readFileSync(join(directory, "current/index.html"), "utf8");

  test("release.switch serves the release in one move, and the way back serves the one before, also when done twice", () => {
    const first = bring("1.0", FIRST);
    expect(run(first.run?.script)).toMatchObject({ status: 0, stderr: "" });
    expect(run(first.check?.script)).toMatchObject({ status: 0, stderr: "" });
    expect(served()).toBe("one\n");
    expect(statSync(join(directory, "releases/1.0/index.html")).mode & 0o777).toBe(0o644);
    expect(statSync(join(directory, "releases/1.0/assets")).mode & 0o777).toBe(0o755);

    const second = bring("1.1", SECOND);
    expect(run(second.run?.script).status).toBe(0);
    expect(run(second.run?.script).status).toBe(0);
    expect(served()).toBe("two\n");
    expect(run(first.check?.script).status).not.toBe(0);
    expect(run(second.rollback?.script).status).toBe(0);
    expect(run(second.rollback?.script).status).toBe(0);
    expect(readlinkSync(join(directory, "current"))).toBe("releases/1.0");
    expect(existsSync(join(directory, "releases/1.1/index.html"))).toBe(true);

    expect(run(first.rollback?.script).status).toBe(0);
    expect(existsSync(join(directory, "current"))).toBe(false);
  });

  test.each([
    ["a changed file", { "index.html": "one!\n", "assets/it's $HOME.css": "a { }\n" }, /index\.html: FAILED/],
    ["a file too many", { ...FIRST, "extra.php": "<?php\n" }, /other files/],
    ["a file too few", { "index.html": "one\n" }, /other files/],
  ])("%s is found before anything is switched", (_, files, said) => {
    const action = bring("1.0", files as Record<string, string>, FIRST);
    const outcome = run(action.run?.script);
    expect(outcome.status).not.toBe(0);
    expect(outcome.stderr).toMatch(said);
    expect(existsSync(join(directory, "current"))).toBe(false);
  });

  test("a link among the files, a folder that is a link, no folder, or another list are refused", () => {
    const action = bring("1.0", FIRST);
    const release = join(directory, "releases/1.0");
    symlinkSync("/etc/passwd", join(release, "passwd"));
    expect(run(action.run?.script)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/no ordinary file/),
    });
    rmSync(release, { recursive: true });
    expect(run(action.run?.script)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/is not there/),
    });
    symlinkSync("/etc", release);
    expect(run(action.run?.script)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/is not there/),
    });
    writeFileSync(join(directory, "releases/1.0.sha256"), "");
    expect(run(action.run?.script)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/not what was approved/),
    });
    expect(existsSync(join(directory, "current"))).toBe(false);
  });
});

/** sha256sum passes over a line that it cannot read, and the file that it names would be any file. */
test.each([
  ["a hash that is a digit short", `${"a".repeat(63)}  evil.js`],
  ["a comment", "#evil.js"],
  ["no hash", "  evil.js"],
  ["an empty line", ""],
  ["a name that is written otherwise", `\\${"a".repeat(64)}  evil\\\\.js`],
  ["a carriage return", `${"a".repeat(64)}  evil.js\r`],
  ["a way out of the release", `${"a".repeat(64)}  ../evil.js`],
])("a list with a line that is not compared is refused: %s", (_, line) => {
  const list = `${sha256("one\n")}  index.html\n${line}\n`;
  const compile = () =>
    compileAction(
      {
        use: "release.switch",
        hosts: ["here"],
        with: { directory: "/srv/shop", version: "1.0", list: "list", installed: "/srv/shop/list" },
      },
      { runbook: "20261120T150000Z-m2x9va10", readFile: () => Buffer.from(list) },
    );
  expect(compile).toThrow(/line 2 of list/);
});
