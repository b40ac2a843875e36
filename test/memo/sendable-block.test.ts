import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { workspace } from "../helpers/workspace.ts";

const BLOCK = "## Deployment\n\n```yaml\nservice: shop\nversion: 1.2.0\n```\n";

function shopAndInfra() {
  const space = workspace();
  const agents = (name: string, role: string) =>
    `project: ${name}\nagents: { ${role}: { provider: builtin } }\n`;
  const shop = space.project("shop", `${agents("shop", "developer")}peers: { infra: { path: ../infra } }\n`);
  space.project(
    "infra",
    `${agents("infra", "sysadmin")}peers: { shop: { path: ../shop } }\naccepts: [{ from: shop }]\n`,
  );
  return shop;
}

test.each([
  ["without a block", "## Context\n\nPlease.\n", "deployment.missing", "goes as type request"],
  ["with two", `${BLOCK}\n${BLOCK}`, "deployment.several", ""],
  ["with one that nobody could read", BLOCK.replace("version: 1.2.0", "verion: 1"), "deployment.invalid", ""],
])("a deployment memo %s is not sent, and the error says how to mend it", async (_, body, code, fix) => {
  const shop = shopAndInfra();
  const words = ["memo", "new", "Deploy", "--to", "infra", "--type", "deployment", "--body", body];
  const { exit, stdout } = await shop.vibeops(...words, "--json");
  expect(exit).toBe(4);
  const { error } = JSON.parse(stdout);
  expect(error.code).toBe(code);
  expect(error.fix).toContain(fix);
  expect(existsSync(join(shop.root, "memos/sent"))).toBe(false);
});

test("one with a block is, and a request needs none", async () => {
  const shop = shopAndInfra();
  const send = (type: string, body: string) =>
    shop.vibeops("memo", "new", "Deploy", "--to", "infra", "--type", type, "--body", body);
  expect(await send("deployment", BLOCK)).toMatchObject({ exit: 0, stderr: "" });
  expect(await send("request", "Let us talk.")).toMatchObject({ exit: 0, stderr: "" });
});

test("what is wrong in the block is told by its line in the text that was given, each with its fix", async () => {
  const shop = shopAndInfra();
  const body = BLOCK.replace("version: 1.2.0", "version: 1.2.0\nport: [3000]\ndomain: shop.example.com");
  const words = ["memo", "new", "Deploy", "--to", "infra", "--type", "deployment", "--body", "-"];
  const { exit, stderr } = await shop.pipe(body, ...words);
  expect(exit).toBe(4);
  expect(stderr).toContain("line 6 of the text: unknown key port; did you mean ports?");
  expect(stderr).toContain("nothing was sent");
  expect(stderr).toContain("fix: write ports, write domains");
  expect(stderr).not.toContain(".md");
});
