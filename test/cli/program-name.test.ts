import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { programName } from "../../src/cli/program-name.ts";
import { nameProgram } from "../../src/text/own-commands.ts";
import { runIn } from "../helpers/cli.ts";
import { workspace } from "../helpers/workspace.ts";

test.each([
  ["on the PATH, although npx runs it", ["shell"], { npm_command: "exec" }, "vibeops"],
  ["only where npx finds it, run by npx", ["npm"], { npm_command: "exec" }, "npx vibeops"],
  ["only where npx finds it, run by its path", ["npm"], {}, "npx vibeops"],
  ["nowhere, run by npm", [], { npm_command: "run-script" }, "npx vibeops"],
  ["nowhere, run by its path: npx would fetch a stranger's package", [], {}, "vibeops"],
] as const)("the program is called as it can be typed: %s", (_where, installed, env, expected) => {
  const { context, directory } = workspace();
  const folders = { shell: join(directory, "bin"), npm: join(directory, "work/node_modules/.bin") };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  for (const name of installed) writeFileSync(join(folders[name], "vibeops"), "");
  const cwd = join(directory, "work/shop");
  mkdirSync(cwd);
  const path = "npm_command" in env ? [folders.npm, folders.shell] : [folders.shell];
  const called = programName({ cwd, context: { ...context, env: { ...env, PATH: path.join(delimiter) } } });
  expect(called).toBe(expected);
});

test.each([
  ["vibeops init", "npx vibeops init"],
  ["run: vibeops init, or: vibeops state set", "run: npx vibeops init, or: npx vibeops state set"],
  ["see `vibeops --help`", "see `npx vibeops --help`"],
  ['(vibeops memo check x "run vibeops memo list")', '(npx vibeops memo check x "run vibeops memo list")'],
  ["see ~/.config/vibeops and vibeops.yaml", "see ~/.config/vibeops and vibeops.yaml"],
])("a hint names our commands as they can be typed, and others' words stay: %s", (hint, expected) => {
  expect(nameProgram(hint, "npx vibeops")).toBe(expected);
  expect(nameProgram(hint, "vibeops")).toBe(hint);
});

test("errors and help speak of npx where only npx finds us", async () => {
  const { context, directory } = workspace();
  const env = { ...context.env, npm_command: "exec" };
  const missing = await runIn(directory, { ...context, env }, ["memo", "list"]);
  expect(missing.stderr).toContain("fix: run: npx vibeops init");
  const json = await runIn(directory, { ...context, env }, ["memo", "list", "--json"]);
  expect(JSON.parse(json.stdout).error.fix).toContain("npx vibeops init");
  const help = await runIn(directory, { ...context, env }, ["memo", "list", "--help"]);
  expect(help.stdout).toContain("Usage: npx vibeops memo list");
  expect(help.stdout).toContain("  npx vibeops memo list --from shop");
});
