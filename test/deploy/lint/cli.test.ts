import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runIn } from "../../helpers/cli.ts";
import { testContext } from "../../helpers/context.ts";
import { temporaryDirectory } from "../../helpers/directory.ts";

const WARNINGS_ONLY = "name: x\nservices:\n  web:\n    image: ghcr.io/acme/web:1.0.0\n";

async function lintIn(files: Readonly<Record<string, string>>, ...argv: readonly string[]) {
  const folder = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { folder, ...(await runIn(folder, testContext(folder), ["lint", ...argv])) };
}

test("text has place, level, message, rule and the fix beneath; an error exits 4", async () => {
  const { exit, stdout } = await lintIn(
    { "compose.yaml": "name: x\nservices:\n  web:\n    image: nginx\n" },
    "compose.yaml",
  );
  expect(exit).toBe(4);
  expect(stdout).toContain(
    "compose.yaml:4:12: error: the image of 'web' has no tag that stays [compose.image-tag]\n  fix: write NAME:VERSION",
  );
});

test("warnings alone exit 0, and 4 where there are more than --max-warnings", async () => {
  const files = { "compose.yaml": WARNINGS_ONLY };
  expect((await lintIn(files)).exit).toBe(0);
  expect((await lintIn(files, "--max-warnings", "0")).exit).toBe(4);
  expect((await lintIn(files, "--max-warnings", "99")).exit).toBe(0);
  expect((await lintIn(files, "--max-warnings", "few")).exit).toBe(2);
});

test("a folder finds its Compose files, Caddyfiles and our own documents", async () => {
  const { stdout } = await lintIn(
    {
      "a/docker-compose.prod.yml": WARNINGS_ONLY,
      "b/site.caddy": "example.com {\n\trespond ok\n}\n",
      "node_modules/x/compose.yaml": "services: []\n",
      "inventory.yaml": "hosts: {}\n",
      "notes.md": "# no memo\n",
    },
    "--json",
  );
  const { files } = JSON.parse(stdout).result;
  expect(files.map(({ kind }: { kind: string }) => kind)).toEqual(["compose", "caddy", "inventory"]);
});

test("--json and --format json are the same document", async () => {
  const one = await lintIn({ "compose.yaml": WARNINGS_ONLY }, "--json");
  const other = await runIn(one.folder, testContext(one.folder), ["lint", "--format", "json"]);
  expect(JSON.parse(other.stdout)).toEqual(JSON.parse(one.stdout));
  expect(JSON.parse(one.stdout)).toMatchObject({ ok: true, result: { errors: 0, suppressed: 0 } });
});

test("a file that is not there is no finding: exit 3", async () => {
  expect((await lintIn({}, "compose.yaml")).exit).toBe(3);
});

test("without Caddy the report says what was left out", async () => {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, "Caddyfile"), "{\n\tadmin :2019\n}\n");
  const context = testContext(folder);
  const { stdout } = await runIn(folder, { ...context, env: { ...context.env, PATH: folder } }, ["lint"]);
  expect(stdout).toContain("Caddyfile:2:2: error: the admin address answers the network [caddy.admin]");
  expect(stdout).toMatch(/note: caddy validate was left out \(the program 'caddy' is not installed/);
});

test("an env file with a secret is a finding where git has it, and none where git ignores it", async () => {
  const { folder } = await lintIn({
    "compose.yaml": `${WARNINGS_ONLY}    env_file: [app.env]\n`,
    "app.env": "LOG=info\nDB_PASSWORD=Zk9Qw3rTy7\n",
  });
  const { execFileSync } = await import("node:child_process");
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder });
  git("init", "--quiet");
  const look = async () => (await runIn(folder, testContext(folder), ["lint"])).stdout;
  expect(await look()).not.toContain("env-file-committed");
  git("add", "app.env");
  const said = await look();
  expect(said).toContain("compose.yaml:5:16: error: git has 'app.env', and a value of DB_PASSWORD is in it");
  expect(said).not.toContain("Zk9Qw3rTy7");
});

test("the .env beside a Compose file is looked at as well, and what has no value yet is none", async () => {
  const { folder } = await lintIn({
    "compose.yaml": `${WARNINGS_ONLY}    env_file: [app.env]\n`,
    ".env": "TAG=1.2\nDB_PASSWORD: Zk9Qw3rTy7\n",
    "app.env": "API_TOKEN=   # set me\n",
  });
  const { execFileSync } = await import("node:child_process");
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder });
  git("init", "--quiet");
  git("add", "--force", ".env", "app.env");
  const said = (await runIn(folder, testContext(folder), ["lint"])).stdout;
  expect(said).toContain(".env:2:1: error: git has '.env', and a value of DB_PASSWORD is in it");
  expect(said).not.toContain("app.env");
  expect(said).not.toContain("Zk9Qw3rTy7");
});

test("the file of a secret is a finding where git has it, and none where it is a certificate", async () => {
  const { folder } = await lintIn({
    "compose.yaml": `${WARNINGS_ONLY}secrets:\n  db: { file: ./db.txt }\n  tls: { file: ./tls.crt }\n  later: { file: later.txt }\n`,
    "db.txt": "Zk9Qw3rTy7\n",
    "tls.crt": "-----BEGIN CERTIFICATE-----\nMIIB\n",
    "later.txt": "changeme\n",
  });
  const { execFileSync } = await import("node:child_process");
  const git = (...args: string[]) => execFileSync("git", args, { cwd: folder });
  git("init", "--quiet");
  git("add", "--all");
  const said = (await runIn(folder, testContext(folder), ["lint"])).stdout;
  expect(said).toContain(
    "error: git has './db.txt', and the secret 'db' is in it [compose.env-file-committed]",
  );
  expect(said).not.toContain("tls.crt");
  expect(said).not.toContain("later.txt");
  expect(said).not.toContain("Zk9Qw3rTy7");
});

test("--style adds what is only about looks, and --rules explains every rule", async () => {
  const files = {
    "compose.yaml": "services:\n  b: { image: a:1, ports: [127.0.0.1:80:80] }\n  a: { image: a:1 }\n",
  };
  expect((await lintIn(files)).stdout).not.toContain("compose.order");
  const { stdout } = await lintIn(files, "--style");
  expect(stdout).toContain("compose.order");
  expect(stdout).toContain("compose.quoted-ports");
  const { rules } = JSON.parse((await lintIn({}, "--rules", "--json")).stdout).result;
  for (const rule of rules) {
    expect(rule.id).toMatch(/^(?:compose|caddy|lint)\.[a-z-]+$/);
    expect(rule.why.length).toBeGreaterThan(20);
  }
  expect(new Set(rules.map(({ id }: { id: string }) => id)).size).toBe(rules.length);
});
