import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lintPaths } from "../../../src/deploy/lint/lint.ts";
import { temporaryDirectory } from "../../helpers/directory.ts";
import fc from "../../helpers/property.ts";
import { lintOptions } from "./options.ts";

async function lintText(text: string | Uint8Array, name = "compose.yaml") {
  const file = join(temporaryDirectory(), name);
  writeFileSync(file, text);
  return (await lintPaths([file], lintOptions())).findings;
}

async function rulesIn(text: string | Uint8Array, name?: string) {
  return (await lintText(text, name)).map(({ rule, line }) => `${rule}:${line}`);
}

const LATEST = "name: x\nservices:\n  web:\n    image: nginx\n";

test("Windows line ends and a byte order mark move no finding", async () => {
  const plain = await lintText(LATEST);
  expect(await lintText(LATEST.replaceAll("\n", "\r\n"))).toHaveLength(plain.length);
  const marked = await lintText(`\uFEFF${LATEST.replaceAll("\n", "\r\n")}`);
  expect(marked.map(({ rule, line, column }) => ({ rule, line, column }))).toEqual(
    plain.map(({ rule, line, column }) => ({ rule, line, column })),
  );
});

test("a binary file, bytes that are no UTF-8 and a file of ten megabytes are findings", async () => {
  expect(await rulesIn(Buffer.from([0, 1, 2, 255]))).toEqual(["lint.unreadable:1"]);
  expect(await rulesIn(Buffer.from([0xc3, 0x28, 10]))).toEqual(["lint.unreadable:1"]);
  expect(await rulesIn("a: b\n".repeat(2_000_000))).toEqual(["lint.unreadable:1"]);
});

test("an empty file is a finding, and one of comments too: Compose starts neither", async () => {
  expect(await rulesIn("")).toEqual(["compose.structure:1"]);
  expect(await rulesIn("# nothing yet\n")).toEqual(["compose.structure:1"]);
});

test("depth is a finding, by brackets and by indentation", async () => {
  expect(await rulesIn(`a: ${"[".repeat(50_000)}`)).toEqual(["compose.yaml:1"]);
  const steps = Array.from({ length: 500 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n");
  expect(await rulesIn(steps)).toEqual([expect.stringMatching(/^compose\.yaml:/)]);
});

test("a bomb of aliases and of merge keys stays small", async () => {
  const lists = Array.from({ length: 30 }, (_, at) => `x-${at + 1}: &l${at + 1} [*l${at}, *l${at}]`).join(
    "\n",
  );
  const maps = Array.from(
    { length: 30 },
    (_, at) => `x-m${at + 1}: &m${at + 1} { <<: [*m${at}, *m${at}] }`,
  ).join("\n");
  const text = `x-0: &l0 [a]\n${lists}\nx-m0: &m0 { image: nginx }\n${maps}\nservices:\n  web:\n    <<: *m30\n    environment: *l30\n    volumes: *l30\n`;
  expect(await rulesIn(text)).toContain("compose.image-tag:32");
});

test("an anchor that holds itself is a finding where it does", async () => {
  expect(
    await rulesIn("services: &s\n  web: &w\n    <<: *w\n    image: nginx\n    depends_on: *s\n"),
  ).toEqual(["compose.yaml:3", "compose.image-tag:4", "compose.yaml:5"]);
});

test("a link out of the tree is a finding and is not followed", async () => {
  const folder = temporaryDirectory();
  const outside = join(temporaryDirectory(), "compose.yaml");
  writeFileSync(outside, LATEST);
  symlinkSync(outside, join(folder, "compose.yaml"));
  mkdirSync(join(folder, "loop"));
  symlinkSync("..", join(folder, "loop/up"));
  const { findings } = await lintPaths([folder], lintOptions());
  expect(findings.map(({ rule, file }) => ({ rule, file }))).toEqual([
    { rule: "lint.unreadable", file: join(folder, "compose.yaml") },
  ]);
});

test("a FIFO by the name of a Compose file is a finding of its folder, and nobody waits for it", async () => {
  const folder = temporaryDirectory();
  execFileSync("mkfifo", [join(folder, "compose.yaml")]);
  const { findings } = await lintPaths([folder], lintOptions());
  expect(findings.map(({ rule, file }) => ({ rule, file }))).toEqual([
    { rule: "lint.unreadable", file: join(folder, "compose.yaml") },
  ]);
});

test("a folder that is a link out of the tree is not read through an include", async () => {
  const folder = temporaryDirectory();
  const outside = temporaryDirectory();
  writeFileSync(join(outside, "db.yaml"), LATEST);
  symlinkSync(outside, join(folder, "away"));
  const file = join(folder, "compose.yaml");
  writeFileSync(file, "name: x\ninclude: [away/db.yaml]\n");
  const { findings } = await lintPaths([file], lintOptions());
  expect(findings.map(({ rule, line }) => `${rule}:${line}`)).toEqual(["compose.reference:2"]);
});

test("a dependency chain as long as a file is walked", async () => {
  const services = Array.from(
    { length: 2_000 },
    (_, at) => `  s${at}: { image: "a:1", depends_on: [s${(at + 1) % 2_000}] }`,
  );
  expect(await rulesIn(`services:\n${services.join("\n")}\n`)).toContain("compose.depends-on-cycle:2001");
});

test("a secret is named by its place, and its value is nowhere in the report", async () => {
  const secret = "Zk9Qw3rTy7Lp2Xn8";
  const text = `services:\n  a:\n    image: a:1\n    environment:\n      DB_PASSWORD: ${secret}\n      URL: postgres://u:${secret}@db/x\n    command: redis-server --requirepass ${secret}\n    # token: ${secret}\n    labels: { ${secret}: x }\n`;
  const findings = await lintText(text);
  expect(findings.filter(({ rule }) => rule === "compose.literal-secret").map(({ line }) => line)).toEqual([
    5, 6, 7,
  ]);
  expect(JSON.stringify(findings)).not.toContain(secret);
});

const word = fc.constantFrom(
  ...("services: web: image: nginx:latest <<: *a &a [ ] { } - | > ' \" # : $X $$ ${" +
    "X:-y} $ \t \r \n ports: 80:80 extends: include: x-a: !reset null name: depends_on: volumes: environment: PASSWORD=hunter22".split(
      " ",
    )),
  "\n",
  "\n  ",
  "\n    ",
  "\n  web:\n    ",
);

test("whatever the bytes are: no crash, and each finding's line is in the file", async () => {
  const folder = temporaryDirectory();
  const file = join(folder, "compose.yaml");
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ unit: "binary", maxLength: 200 }).map((value) => Buffer.from(value)),
    fc.array(word, { maxLength: 60 }).map((words) => Buffer.from(words.join(" "))),
    fc
      .array(word, { maxLength: 60 })
      .map((words) => Buffer.from(`name: x\nservices:\n  web:\n    image: a:1\n    ${words.join("")}`)),
  );
  await fc.assert(
    fc.asyncProperty(text, async (bytes) => {
      writeFileSync(file, bytes);
      const { findings } = await lintPaths([file], lintOptions());
      const text = Buffer.from(bytes).toString("utf8");
      // Where no line ends otherwise a carriage return alone does.
      const lines = text.split(text.includes("\n") ? "\n" : "\r");
      for (const { line = 0, column = 0 } of findings) {
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(lines.length);
        expect(column).toBeGreaterThan(0);
      }
    }),
    { numRuns: 600 },
  );
});

test("what a lone carriage return hides in a comment is read as Compose reads it", async () => {
  const folder = temporaryDirectory();
  const file = join(folder, "compose.yaml");
  writeFileSync(file, "name: x\nservices:\n  web:\n    image: a:1 # as ever\r    privileged: true\n");
  const { findings } = await lintPaths([file], lintOptions());
  expect(findings.find(({ rule }) => rule === "compose.privileged")).toMatchObject({ line: 4 });
});

test.each(["docker compose.yml", "compose (copy).yaml", "docker-compose.a\nb.yml", "my stack.compose.yaml"])(
  "a Compose file called %j is found in its folder",
  async (name) => {
    const folder = temporaryDirectory();
    writeFileSync(join(folder, name), "services:\n  web:\n    image: a:1\n    privileged: true\n");
    const { findings } = await lintPaths([folder], lintOptions());
    expect(findings.map(({ rule }) => rule)).toContain("compose.privileged");
  },
);
