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
