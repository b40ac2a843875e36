import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { type CompiledAction, compileAction } from "../../src/runbook/actions/actions.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

const RUNBOOK = "20261120T150000Z-m2x9vaq4";
const OTHER = "20261121T150000Z-m2x9vaq5";
const hasRestic = spawnSync("/bin/sh", ["-c", "command -v restic"]).status === 0;

let host: string;

beforeEach(() => {
  host = temporaryDirectory();
});

function compile(use: string, parameters: unknown, runbook = RUNBOOK): CompiledAction {
  const readFile = () => Buffer.alloc(0);
  return compileAction({ use, hosts: ["here"], with: parameters }, { runbook, readFile });
}

function run(script: string | undefined, env: Record<string, string> = {}) {
  const result = spawnSync("/bin/sh", ["-eu", "-c", script ?? "exit 99"], {
    encoding: "utf8",
    env: { PATH: `${join(host, "bin")}:${process.env.PATH}`, HOME: host, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { exit: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** A program on the host, written for the test. */
function program(name: string, script: string): void {
  mkdirSync(join(host, "bin"), { recursive: true });
  writeFileSync(join(host, "bin", name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(host, "bin", name), 0o755);
}

const dumpOf = (more: object = {}) => ({
  kind: "mysqldump",
  database: "shop",
  file: join(host, "backups/shop.sql"),
  ...more,
});

test("a dump gets its name when it is whole, only its owner may read it, and its check knows it again", () => {
  program("mysqldump", 'echo "insert 1"; echo "-- Dump completed on a day"');
  const { run: make, check } = compile("backup.create", dumpOf());
  expect(run(make?.script)).toMatchObject({ exit: 0, stderr: "" });
  const file = join(host, "backups/shop.sql");
  expect(readFileSync(file, "utf8")).toContain("insert 1");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(run(check?.script)).toMatchObject({ exit: 0 });
  writeFileSync(file, `${readFileSync(file, "utf8").replace("1", "2")}`);
  expect(run(check?.script)).toMatchObject({ exit: 1, stderr: `${file} is not the backup that was made\n` });
});

test.each([
  ["the program fails", "echo half; exit 3"],
  ["the dump is empty", "exit 0"],
  ["the dump is cut off", "echo half"],
])("no backup appears where %s", (_, script) => {
  program("mysqldump", script);
  const { run: make, check } = compile("backup.create", dumpOf());
  expect(run(make?.script).exit).not.toBe(0);
  expect(existsSync(join(host, "backups/shop.sql"))).toBe(false);
  expect(run(check?.script).exit).not.toBe(0);
});

test("a backup may be made again by its own runbook, and never over somebody else's", () => {
  program("mysqldump", 'date +%N; echo "-- Dump completed"');
  const script = compile("backup.create", dumpOf()).run?.script;
  expect(run(script).exit).toBe(0);
  expect(run(script).exit).toBe(0);
  const before = readFileSync(join(host, "backups/shop.sql"), "utf8");
  expect(run(compile("backup.create", dumpOf(), OTHER).run?.script)).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining("this runbook did not make it"),
  });
  expect(readFileSync(join(host, "backups/shop.sql"), "utf8")).toBe(before);
});

test("a database's password is in no argument, in the container neither", () => {
  program("docker", `printf '%s\\n' "$@" >>${host}/arguments; echo "-- Dump completed"`);
  const compose = { directory: "/srv/shop", service: "db", password_variable: "DB_PASSWORD" };
  expect(
    run(compile("backup.create", dumpOf({ compose })).run?.script, { DB_PASSWORD: "hunter2" }),
  ).toMatchObject({ exit: 0 });
  const given = readFileSync(join(host, "arguments"), "utf8");
  expect(given).not.toContain("hunter2");
  // What the container's shell is given sets the variable from its own environment.
  const inner = given.split("\n").indexOf("-c") + 1;
  program("mysqldump", 'echo "with $MYSQL_PWD"');
  const words = given.trim().split("\n").slice(inner);
  const result = spawnSync("/bin/sh", ["-c", ...words], {
    env: { PATH: `${join(host, "bin")}:/usr/bin:/bin`, DB_PASSWORD: "hunter2" },
    encoding: "utf8",
  });
  expect(result.stdout).toBe("with hunter2\n");
});

test("a restore is destructive, wants the very bytes of the backup, and replaces the database by them", () => {
  program("mysqldump", 'echo "insert 1"; echo "-- Dump completed"');
  program("mysql", `case "$*" in *--execute=*) echo 4 ;; *) cat >${host}/database ;; esac`);
  run(compile("backup.create", dumpOf()).run?.script);
  const restore = compile("backup.restore", dumpOf(), OTHER);
  expect(restore.effect.run).toBe("destructive");
  expect(restore.noRollback).toMatch(/overwritten/);
  expect(run(restore.run?.script)).toMatchObject({ exit: 0 });
  expect(readFileSync(join(host, "database"), "utf8")).toContain("insert 1");
  expect(run(restore.check?.script).exit).toBe(0);
  rmSync(join(host, "database"));
  writeFileSync(join(host, "backups/shop.sql"), "other bytes\n-- Dump completed\n");
  expect(run(restore.run?.script).exit).not.toBe(0);
  expect(existsSync(join(host, "database"))).toBe(false);
});

test("a connection string is no database, and a password in an address is refused", () => {
  for (const database of ["host=evil password=x", "postgres://u:p@h/db", "-x", "a b", ""]) {
    expect(() => compile("backup.create", dumpOf({ database }))).toThrow(/backup\.create/);
  }
  const restic = { kind: "restic", password_file: "/etc/p", paths: ["/srv"] };
  expect(() => compile("backup.create", { ...restic, repository: "rest:https://u:p@host/" })).toThrow(
    /without a password/,
  );
});

test.skipIf(!hasRestic)("restic: what was backed up comes back, and a check without a snapshot fails", () => {
  const data = join(host, "data");
  mkdirSync(data);
  writeFileSync(join(data, "a b"), "one");
  writeFileSync(join(host, "password"), "secret");
  writeFileSync(join(host, "environment"), `RESTIC_CACHE_DIR='${host}/cache'\n`);
  const repository = {
    kind: "restic",
    repository: join(host, "repo"),
    password_file: join(host, "password"),
    environment: join(host, "environment"),
  };
  run(`restic init --repo ${repository.repository} --password-file ${repository.password_file}`);
  const create = compile("backup.create", { ...repository, paths: [data], percent: "100" });
  expect(run(create.check?.script)).toMatchObject({
    exit: 1,
    stderr: "there is no snapshot of this runbook\n",
  });
  expect(run(create.run?.script)).toMatchObject({ exit: 0, stderr: "" });
  expect(run(create.check?.script)).toMatchObject({ exit: 0 });
  writeFileSync(join(data, "a b"), "two");
  const restore = compile(
    "backup.restore",
    { ...repository, paths: [data], target: "/", made_by: RUNBOOK },
    OTHER,
  );
  expect(run(restore.check?.script).exit).toBe(0);
  expect(run(restore.run?.script)).toMatchObject({ exit: 0 });
  expect(readFileSync(join(data, "a b"), "utf8")).toBe("one");
  // What the backup never held is there, and stays as broken as it is: that is no restore.
  const other = join(host, "other");
  mkdirSync(other);
  const missing = compile(
    "backup.restore",
    { ...repository, paths: [data, other], target: "/", made_by: RUNBOOK },
    OTHER,
  );
  expect(run(missing.run?.script)).toMatchObject({
    exit: 1,
    stderr: `the backup holds no ${other}\n`,
  });
  const part = compile(
    "backup.restore",
    { ...repository, paths: [join(data, "a b")], target: join(host, "elsewhere"), made_by: RUNBOOK },
    OTHER,
  );
  expect(run(part.run?.script)).toMatchObject({ exit: 0 });
  expect(readFileSync(join(host, "elsewhere", data, "a b"), "utf8")).toBe("one");
});
