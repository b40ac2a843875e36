import { expect, test } from "vitest";
import { said, scanFiles } from "./folder.ts";

test("a placeholder that Maven fills in does not hide Spring's port", async () => {
  const scan = await scanFiles({
    "pom.xml": "<project><artifactId>billing</artifactId></project>",
    "src/main/resources/application.yml": "info:\n  version: @project.version@\nserver:\n  port: 8081\n",
  });
  expect(scan.findings).toEqual([]);
  expect(said(scan, "ports")).toEqual(["8081: src/main/resources/application.yml:4 server.port"]);
});

test("a group of a Gemfile ends where its own end stands", async () => {
  const text =
    'source "https://gems.example" do\n  group :test do\n    gem "redis"\n  end\n  gem "pg"\nend\ngroup :development do\n  platforms :ruby do\n    gem "mysql2"\n  end\n  gem "mongo"\nend\n';
  expect(said(await scanFiles({ Gemfile: text }), "depends_on")).toEqual(["postgres: Gemfile:5 pg"]);
});

test("what go.mod replaces or leaves out is no package that it requires", async () => {
  const text =
    "module example.com/shop\n\nexclude github.com/lib/pq v1.0.0\n\nreplace (\n\tgithub.com/go-sql-driver/mysql v1.0.0 => ../mysql\n)\n\nrequire github.com/redis/go-redis/v9 v9.0.0\n";
  expect(said(await scanFiles({ "go.mod": text }), "depends_on")).toEqual([
    "redis: go.mod:9 github.com/redis/go-redis/v9",
  ]);
});

test("an artifact's name in pom.xml that Maven fills in is none", async () => {
  const scan = await scanFiles({
    "pom.xml": `<project><artifactId>${"$"}{prefix}-api</artifactId></project>`,
  });
  expect(scan.block.service).toBeUndefined();
  expect(scan.findings).toEqual([]);
});

const ASSETS = '{"name": "assets", "version": "9.9.9", "scripts": {"build": "esbuild app/*.*"}}';

test.each<[string, Record<string, string>]>([
  ["Django", { "manage.py": "", "requirements.txt": "django\n" }],
  ["Rails", { Gemfile: 'gem "rails"\n', "config/routes.rb": "" }],
  ["Laravel", { "composer.json": '{"name": "acme/shop", "require": {}}' }],
  ["a package of Python", { "pyproject.toml": '[project]\nname = "shop"\nversion = "1.2.0"\n' }],
])("a package.json that only builds assets names no service of %s", async (_, files) => {
  const scan = await scanFiles({ ...files, "package.json": ASSETS });
  expect(scan.block.service).not.toBe("assets");
  expect(scan.block.version).not.toBe("9.9.9");
  expect(scan.conflicts).toEqual([]);
  expect(said(scan, "remark")).toContain("assets 9.9.9 builds assets: package.json:1 name");
  if ("pyproject.toml" in files) expect(scan.block).toMatchObject({ service: "shop", version: "1.2.0" });
});

test.each<[string, Record<string, string>]>([
  ["alone", { "package.json": ASSETS }],
  [
    "with a start beside Python's packages",
    {
      "package.json": '{"name": "assets", "scripts": {"start": "node server.js"}}',
      "requirements.txt": "redis\n",
    },
  ],
  [
    "with a program of its own",
    { "package.json": '{"name": "assets", "main": "server.js"}', "server.js": "", Gemfile: 'gem "pg"\n' },
  ],
  [
    "beside settings of a linter",
    { "package.json": ASSETS, "pyproject.toml": "[tool.ruff]\nline-length = 100\n" },
  ],
])("a package.json %s names the service", async (_, files) => {
  expect((await scanFiles(files)).block.service).toBe("assets");
});

test("what starts a server to develop with is no start of a service", async () => {
  const { block } = await scanFiles({
    "package.json": '{"name": "assets", "scripts": {"start": "webpack serve --mode development"}}',
    Gemfile: 'gem "rails"\n',
  });
  expect(block.service).toBeUndefined();
});
