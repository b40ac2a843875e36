import { expect, test } from "vitest";
import { makeFolder, rules, said } from "./folder.ts";

function committed() {
  const folder = makeFolder();
  folder.write("shop/package.json", '{ "name": "shop", "version": "1.0.0" }');
  folder.write("shop/a.js", "process.env.SHOP_URL\n");
  folder.git("init", "--quiet");
  folder.git("add", ".");
  folder.git("commit", "--quiet", "-m", "x");
  return folder;
}

test.each(["grep.fullName", "grep.column", "grep.lineNumber", "submodule.recurse"])(
  "a repository that sets %s is searched as any other",
  async (setting) => {
    const { directory, git, write } = committed();
    git("config", setting, "true");
    write("b.js", "process.env.TOP\n");
    const { scanRepository } = await import("../../../src/deploy/scan/scan-repository.ts");
    const { testContext } = await import("../../helpers/context.ts");
    const scan = await scanRepository(`${directory}/shop`, {}, testContext(directory));
    expect(said(scan, "env")).toEqual(["SHOP_URL: a.js:1 process.env"]);
    expect(rules(scan)).toEqual([]);
  },
);

test("a line break in a file's name gives its lines to no other file", async () => {
  const { write, scan } = committed();
  write("shop/q\nspoof.js", "process.env.SPOOF\n");
  expect(said(await scan(), "env")).toEqual([
    "SHOP_URL: shop/a.js:1 process.env",
    "SPOOF: shop/q\nspoof.js:1 process.env",
  ]);
});

test("what is in no commit is told: the block names a commit without it", async () => {
  const { write, scan } = committed();
  expect(rules(await scan())).toEqual([]);
  write("shop/new.js", "process.env.NEW\n");
  const found = await scan();
  expect(rules(found)).toEqual(["scan.uncommitted shop/new.js:1"]);
  expect(found.findings[0]).toMatchObject({ level: "warning" });
});

test("a repository that lies inside is named, since it is not read", async () => {
  const { write, git, scan } = committed();
  write("sub/compose.yaml", "services: { web: { image: 'acme/web:1.0.0' } }\n");
  git("init", "--quiet", "sub");
  git("-C", "sub", "add", ".");
  git("-C", "sub", "commit", "--quiet", "-m", "x");
  expect(rules(await scan())).toEqual(["scan.repository sub:1"]);
  git("-c", "advice.addEmbeddedRepo=false", "add", "sub");
  write(".gitmodules", '[submodule "sub"]\n\tpath = sub\n\turl = ../sub\n');
  expect(rules(await scan())).toEqual(["scan.repository .gitmodules:2"]);
});
