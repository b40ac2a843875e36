import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { temporaryDirectory } from "../helpers/directory.ts";

const PROGRAM = resolve("bin/vibeops.js");

/** Runs the program where a shell has gone; `go` is what takes it there. */
function runAfter(go: string, ...argv: string[]) {
  const home = temporaryDirectory();
  const env = { PATH: process.env.PATH, HOME: home };
  const script = `${go}; exec "$0" "$@"`;
  const args = ["-c", script, process.execPath, PROGRAM, ...argv];
  return { home, ...spawnSync("sh", args, { cwd: home, env, encoding: "utf8" }) };
}

describe("where the person stands", () => {
  test("a folder that is gone is named as that", () => {
    const { status, stderr } = runAfter("mkdir away && cd away && rmdir ../away", "status");
    expect(stderr).toContain("error: the folder in which you stand is not there any more");
    expect(status).toBe(3);
  });

  test("a folder whose name is not UTF-8 is refused, and nothing is made beside it", () => {
    const go = `mkdir "$(printf 'caf\\351')" && cd caf*`;
    const { home, status, stdout } = runAfter(go, "init", "--role", "developer", "--name", "cafe", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: "folder.name" } });
    expect(status).toBe(2);
    expect(readdirSync(home)).toHaveLength(1);
  });

  test("a name that holds the character for what is none is a name", () => {
    const { status, stdout } = runAfter("mkdir 'a\u{fffd}' && cd a*", "init", "--name", "odd", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
    expect(status).toBe(0);
  });

  test("a project whose vibeops.yaml is a link that leads nowhere is named, and nothing goes to the one around it", () => {
    const make = "git init -q . && git config user.name P && git config user.email p@example.com";
    const outer = `${make} && "$0" "$1" init --name outer >init.log`;
    const go = `${outer} && mkdir inner && ln -s nowhere/vibeops.yaml inner && cd inner`;
    const { status, stdout, home } = runAfter(go, "state", "set", "--status", "For inner", "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { code: "file.symlink", file: "vibeops.yaml" },
    });
    expect(status).toBe(4);
    expect(readFileSync(join(home, "STATE.md"), "utf8")).not.toContain("For inner");
  });

  test("help and version are told anywhere", () => {
    expect(runAfter("mkdir away && cd away && rmdir ../away", "--version").status).toBe(0);
  });
});
