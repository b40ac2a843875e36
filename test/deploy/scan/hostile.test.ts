import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scanRepository } from "../../../src/deploy/scan/scan-repository.ts";
import { testContext } from "../../helpers/context.ts";
import { temporaryDirectory } from "../../helpers/directory.ts";
import { makeFolder, rules } from "./folder.ts";

const WEB = "services:\n  web:\n    image: acme/web:1.0.0\n";

test.each([false, true])(
  "a file of 10 MB is named and not read, the others are (in git: %s)",
  async (inGit) => {
    const { write, git, scan } = makeFolder();
    write("compose.yaml", "#".repeat(10 * 1024 * 1024));
    write("package.json", '{"name":"shop","version":"1.0.0"}');
    write("big.ts", `process.env.BIG;\n${"x".repeat(10 * 1024 * 1024)}`);
    if (inGit) git("init", "--quiet");
    const found = await scan();
    expect(rules(found)).toContain("scan.size compose.yaml:1");
    expect(found.block).toMatchObject({ service: "shop", version: "1.0.0" });
  },
);

test.each([false, true])("a link out of the tree is named and never followed (in git: %s)", async (inGit) => {
  const { directory, write, git, scan } = makeFolder();
  const outside = join(directory, "../outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "compose.yaml"), WEB);
  writeFileSync(join(outside, "a.ts"), "process.env.OUTSIDE\n");
  symlinkSync(join(outside, "compose.yaml"), join(directory, "compose.yaml"));
  symlinkSync(outside, join(directory, "linked"));
  write("real.ts", "process.env.INSIDE\n");
  if (inGit) git("init", "--quiet");
  const found = await scan();
  expect(rules(found)).toContain("scan.symlink compose.yaml:1");
  expect(found.block.env).toEqual([{ name: "INSIDE" }]);
  expect(JSON.stringify(found)).not.toContain("OUTSIDE");
});

test("a folder that became a link after it was committed is not read through", async () => {
  const { directory, write, git, scan } = makeFolder();
  write("app/compose.yaml", WEB);
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "-m", "x");
  const outside = join(directory, "../outside");
  execFileSync("mv", [join(directory, "app"), outside]);
  writeFileSync(join(outside, "a.ts"), "process.env.OUTSIDE\n");
  symlinkSync(outside, join(directory, "app"));
  const found = await scan();
  expect(found.block.artifacts).toBeUndefined();
  expect(JSON.stringify(found)).not.toContain("OUTSIDE");
});

test.each([false, true])("a FIFO does not hold the scan (in git: %s)", async (inGit) => {
  const { directory, write, git, scan } = makeFolder();
  write("Dockerfile", "FROM alpine:3.20\nEXPOSE 80\n");
  execFileSync("mkfifo", [join(directory, "compose.yaml"), join(directory, "a.ts")]);
  if (inGit) git("init", "--quiet");
  const found = await scan();
  expect(found.block.ports).toEqual([{ container: 80 }]);
});

test("binary bytes are named with their line", async () => {
  const { write, scan } = makeFolder();
  write("compose.yaml", new Uint8Array([...Buffer.from("a: 1\nb: "), 0, 1, 2]));
  write("Dockerfile", new Uint8Array([0xff, 0x00, 0xd8]));
  expect(rules(await scan())).toEqual(
    expect.arrayContaining(["scan.binary compose.yaml:2", "scan.binary Dockerfile:1"]),
  );
});

test("what a Compose file names outside of the tree is not opened", async () => {
  const { directory, write, scan } = makeFolder();
  writeFileSync(join(directory, "../secret.env"), "OUTSIDE=1\n");
  write(
    "compose.yaml",
    `${WEB}    env_file: [../secret.env, /etc/passwd, ~/x.env]\n    extends: { file: ../base.yaml, service: x }\n`,
  );
  const found = await scan();
  expect(rules(found).filter((rule) => rule.startsWith("scan.outside"))).toHaveLength(2);
  expect(JSON.stringify(found)).not.toContain("OUTSIDE");
});

test("aliases that multiply, and merge keys that do, cost no more than their text", async () => {
  const { write, scan } = makeFolder();
  const levels = Array.from(
    { length: 40 },
    (_, i) => `x${i + 1}: &x${i + 1} { a: *x${i}, b: *x${i}, c: *x${i} }`,
  );
  const bomb = `x0: &x0 { a: 1 }\n${levels.join("\n")}\nservices:\n  web:\n    image: acme/web:1.0.0\n    environment: *x40\n`;
  write("compose.yaml", `${bomb}    labels: *x40\n`);
  write("compose.override.yaml", bomb);
  const found = await scan();
  expect(found.findings.every(({ file }) => file?.startsWith("compose"))).toBe(true);
  expect(JSON.stringify(found).length).toBeLessThan(100_000);
});

test("deep nesting and many keys end in a finding, not in a crash", async () => {
  const { write, scan } = makeFolder();
  write("compose.yaml", `a: ${"[".repeat(5_000)}`);
  write("package.json", `{"a":`.repeat(3_000));
  write("Cargo.toml", `a = ${"[".repeat(20_000)}`);
  write("pom.xml", "<a>".repeat(20_000));
  const found = await scan();
  expect(new Set(found.findings.map(({ file }) => file))).toEqual(
    new Set(["compose.yaml", "package.json", "Cargo.toml", "pom.xml"]),
  );
});

test("a Compose file with a thousand services in a chain is read", async () => {
  const { write, scan } = makeFolder();
  const services = Array.from(
    { length: 1_000 },
    (_, i) => `  s${i}:\n    image: acme/s${i}:1.0.0\n    depends_on: [s${i + 1}]\n`,
  );
  write(
    "compose.yaml",
    `services:\n${services.join("")}  s1000:\n    image: acme/x:1.0.0\n    depends_on: [s0]\n`,
  );
  const found = await scan();
  expect(rules(found)).toContain("scan.depends-cycle compose.yaml:3004");
});

test("control characters of a file reach nobody's terminal through the block", async () => {
  const { write, scan } = makeFolder();
  write(
    "compose.yaml",
    'services:\n  web:\n    image: "acme/web:1.0.0\\u001b[31m"\n    environment: { "A\\u202eB": x }\n',
  );
  const found = await scan();
  expect(found.block.artifacts).toBeUndefined();
  expect(found.block.env).toBeUndefined();
});

test("a folder that is not there is an error that names it", async () => {
  const directory = join(temporaryDirectory(), "gone");
  await expect(scanRepository(directory, {}, testContext("/"))).rejects.toMatchObject({
    code: "scan.folder",
    exit: 3,
  });
});

test("what git ignores and what tests read is no part of the service", async () => {
  const { write, git, scan } = makeFolder();
  write(".gitignore", "local.ts\n.env\n");
  write("local.ts", "process.env.IGNORED\n");
  write(".env", "TOKEN=abc\n");
  write("src/a.ts", "process.env.USED\n");
  write("src/a.test.ts", "process.env.ONLY_TESTED\n");
  write("node_modules/x/index.js", "process.env.THEIRS\n");
  git("init", "--quiet");
  expect((await scan()).block.env).toEqual([{ name: "USED" }]);
});

test("the commit and a tag on it are facts; a tag that differs from the manifest is a conflict", async () => {
  const { write, git, scan } = makeFolder();
  write("package.json", '{"name":"shop","version":"1.0.0"}');
  git("init", "--quiet");
  git("add", ".");
  git("commit", "--quiet", "-m", "x");
  git("tag", "v1.0.0");
  const same = await scan();
  expect(same.block.version).toBe("1.0.0");
  expect(same.block.source?.commit).toMatch(/^[0-9a-f]{40}$/);
  git("tag", "v1.1.0");
  const other = await scan();
  expect(other.block.version).toBeUndefined();
  expect(other.conflicts.map(({ field }) => field)).toEqual(["version"]);
});

test("names that no file can have are files that are not there", async () => {
  const { write, scan } = makeFolder();
  const long = "a".repeat(5_000);
  const names = [String.raw`"a\0b"`, `"${long}"`, `"${"b/".repeat(3_000)}c"`];
  const service = (name: string, i: number) =>
    `  s${i}:\n    image: acme/web:1.0.0\n    env_file: [${name}]\n    build: { context: ${name} }\n    extends: { file: ${name}, service: x }\n`;
  write("compose.yaml", `include: [${names.join(", ")}]\nservices:\n${names.map(service).join("")}`);
  const found = await scan();
  expect(found.findings.length).toBeGreaterThan(0);
  expect(found.findings.every(({ file, line }) => file === "compose.yaml" && (line ?? 0) > 0)).toBe(true);
});

test("a configuration that only opens comments takes no time", async () => {
  const { write, scan } = makeFolder();
  write("next.config.mjs", "/* ".repeat(340_000));
  expect((await scan()).block).toEqual({});
});

test("hundreds of thousands of lines that each say something do not end the scan", async () => {
  const { write, scan } = makeFolder();
  write("Procfile", "a: b\n".repeat(200_000));
  expect((await scan()).remarks).toHaveLength(200_000);
});

test.each([false, true])(
  "thousands of lines that each hold one of the words cost no more than their text (in git: %s)",
  async (inGit) => {
    const { write, git, scan } = makeFolder();
    if (inGit) git("init");
    write("index.js", `${"} = process.env;\n".repeat(20_000)}process.env.PORT;\n`);
    expect((await scan()).block.env).toEqual([{ name: "PORT" }]);
  },
);

test.each([false, true])("code that is too long to be searched is named (in git: %s)", async (inGit) => {
  const { write, git, scan } = makeFolder();
  if (inGit) git("init");
  write("bundle.js", `process.env.PORT;\n${"x".repeat(4 * 1024 * 1024)}`);
  expect(rules(await scan())).toEqual(["scan.search bundle.js:1"]);
});
