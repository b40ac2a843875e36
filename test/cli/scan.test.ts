import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { runIn } from "../helpers/cli.ts";
import { workspace } from "../helpers/workspace.ts";

function space(files: Readonly<Record<string, string>>) {
  const { directory, context } = workspace();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
  return (...argv: string[]) => runIn(directory, context, argv);
}

const TWO = "services:\n  web: { build: web }\n  worker: { build: worker }\n";

test("where nobody has chosen among services, the command that does is one that works from here", async () => {
  const run = space({
    "my shop/compose.yaml": TWO,
    "my shop/web/Dockerfile": "FROM a:1\n",
    "my shop/worker/Dockerfile": "FROM a:1\n",
  });
  const { stdout } = await run("scan", "my shop");
  const [, command = ""] = /choose one: vibeops (.*)/.exec(stdout) ?? [];
  expect(command).toBe("scan 'my shop' --service web");
  expect(await run("scan", "my shop", "--service", "web")).toMatchObject({ exit: 0 });
  const { result } = JSON.parse((await run("scan", "my shop", "--json")).stdout) as { result: object };
  expect(result).toMatchObject({ services: ["web", "worker"] });
});

test("the Compose files that were named stay named", async () => {
  const run = space({ "a.yaml": TWO });
  const { stdout } = await run("scan", "--compose", "a.yaml");
  expect(stdout).toContain("choose one: vibeops scan --compose a.yaml --service web");
});

test("where files name the service differently there is nothing to choose from", async () => {
  const run = space({
    "package.json": '{ "name": "shop", "version": "1.0.0" }',
    "pyproject.toml": '[project]\nname = "store"\n',
  });
  const { stdout } = await run("scan");
  expect(stdout).toContain("service: shop (package.json:1 name) · store (pyproject.toml:2 name)");
  expect(stdout).not.toContain("choose one");
});
