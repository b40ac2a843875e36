import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findCandidates, findStopped } from "../../src/agent/commands/propose-commands.ts";
import { runIn } from "../helpers/cli.ts";
import { temporaryDirectory } from "../helpers/directory.ts";
import { workspace } from "../helpers/workspace.ts";

function candidates(files: Readonly<Record<string, string>>) {
  const root = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  return findCandidates(root, [{ name: "prod", tier: "live" }]);
}

function named(files: Readonly<Record<string, string>>): string[] {
  return candidates(files)
    .filter(({ why }) => why === null)
    .map(({ name, command }) => `${name}: ${command}`);
}

const scripts = (given: Readonly<Record<string, string>>) => ({
  "package.json": JSON.stringify({ scripts: given }),
});

test("the usual scripts of a package.json are named where they stay here, through all that they run", () => {
  const given = {
    test: "npm run lint && npm run build && vitest run",
    lint: "biome check .",
    build: "tsc -p . && esbuild src/a.ts --bundle --outfile=dist/a.js",
    "format:check": "prettier --check .",
    start: "node .",
    deploy: "echo",
  };
  expect(named(scripts(given))).toEqual([
    "test: npm test",
    "lint: npm run lint",
    "build: npm run build",
    "format-check: npm run format:check",
  ]);
});

test.each([
  ["deploys itself", { test: "vitest run && ssh prod ./restart" }],
  ["runs a script that deploys", { test: "vitest run && npm run ship", ship: "rsync -a dist/ prod:/srv" }],
  ["does so by another manager's name", { test: "yarn run ship", ship: "scp a prod:" }],
  ["does so two steps away", { test: "npm run a", a: "npm run b", b: "kubectl apply -f k8s" }],
  ["deploys before", { test: "vitest run", pretest: "curl -X POST https://prod.example.com/deploy" }],
  ["deploys after", { test: "vitest run", posttest: "npm publish" }],
  ["runs a script whose before deploys", { test: "npm run x", x: "ls", prex: "git push origin main" }],
  ["runs itself in a circle", { test: "npm run lint", lint: "npm test" }],
  ["runs a file that nobody read", { test: "node scripts/test-all.mjs" }],
  ["runs a manager's own command, not the script of that name", { test: "yarn install", install: "ls" }],
  ["runs a script whose name is several words", { test: "npm run a b", "a b": "ls", a: "ssh prod" }],
  ["says what is not to be read", { test: 'eval "$DEPLOY"' }],
  ["publishes", { test: "npm publish --tag test" }],
  ["is what npm init wrote", { test: 'echo "Error: no test specified" && exit 1' }],
])("a test script is never named that %s", (_, given) => {
  expect(named(scripts(given)).filter((line) => line.startsWith("test:"))).toEqual([]);
});

test("the lock file says what runs the scripts", () => {
  const given = scripts({ test: "vitest run", build: "tsc" });
  expect(named({ ...given, "pnpm-lock.yaml": "" })).toEqual(["test: pnpm test", "build: pnpm run build"]);
  expect(named({ ...given, "yarn.lock": "" })).toEqual(["test: yarn test", "build: yarn run build"]);
  expect(named({ ...given, "bun.lock": "" })).toEqual(["test: bun run test", "build: bun run build"]);
});

test("where .npmrc says which shell runs scripts, none is named", () => {
  expect(named({ ...scripts({ test: "vitest run" }), ".npmrc": "script-shell=./x.sh\n" })).toEqual([]);
});

test("targets of a Makefile are named with what they depend on", () => {
  const Makefile =
    "VERSION := 1\ntest: lint unit | dist\n\t@go vet ./...\nunit:\n\tgo test ./...; echo $$HOME\nlint: ; golangci-lint run\nbuild: test\n\t$(MAKE) lint\ndeploy:\n\tssh prod\n";
  expect(named({ Makefile })).toEqual(["test: make test", "lint: make lint", "build: make build"]);
});

test.each([
  ["a recipe deploys", "test:\n\tgo test ./...\n\trsync -a . prod:/srv\n"],
  ["what it depends on deploys", "test: ship\n\tgo test ./...\nship:\n\tssh prod x\n"],
  ["a later rule for it deploys", "test:\n\tgo test ./...\ntest: ship\nship:\n\tssh prod x\n"],
  ["a variable is filled in", "X = ; ssh prod\ntest:\n\techo $(X)\n"],
  ["what it depends on is filled in", "X = ship\ntest: $(X)\n\tls\nship:\n\tssh prod\n"],
  ["something runs before any target", "V := $(shell ssh prod id)\ntest:\n\tls\n"],
  ["another file is read", "include x.mk\ntest:\n\tls\n"],
  ["it has a shell of its own", "SHELL = ./x\ntest:\n\tls\n"],
  ["a target has a shell of its own", "test: SHELL = ./x\ntest:\n\tls\n"],
  ["programs are found elsewhere", "export PATH := ./bin:$(PATH)\ntest:\n\tls\n"],
  ["a pattern may make what it needs", "test: x\n\tls\n%:\n\tssh prod\n"],
  ["a line goes on", "test:\n\tls && \\\n\tssh prod\n"],
])("a target is not named where %s", (_, Makefile) => {
  expect(named({ Makefile })).toEqual([]);
});

test("of several Makefiles the one counts that make reads", () => {
  expect(named({ Makefile: "test:\n\tls\n", GNUmakefile: "test:\n\tssh prod\n" })).toEqual([]);
});

test("what a language's own tools check is named, and two of one name are told apart", () => {
  expect(named({ "go.mod": "module x\n" })).toEqual([
    "test: go test ./...",
    "build: go build ./...",
    "vet: go vet ./...",
  ]);
  expect(named({ "Cargo.toml": "" })).toEqual(["test: cargo test", "build: cargo build"]);
  expect(named({ "pyproject.toml": "[tool.pytest.ini_options]\n" })).toEqual(["test: pytest"]);
  expect(named({ "pyproject.toml": "[project]\n" })).toEqual([]);
  expect(named({ ...scripts({ test: "vitest run" }), Makefile: "test:\n\tls\n" })).toEqual([
    "test: npm test",
    "make-test: make test",
  ]);
});

test("what cannot be read names nothing and stops nobody", () => {
  expect(named({ "package.json": "{" })).toEqual([]);
  expect(named({ "package.json": '{"scripts":[1]}' })).toEqual([]);
  expect(named({})).toEqual([]);
});

test("an agent is stopped at each until it is named", () => {
  const all = candidates(scripts({ test: "vitest run", build: "node build.js" }));
  expect(findStopped(all, { hosts: [] }).map(({ name }) => name)).toEqual(["test", "build"]);
  expect(findStopped(all, { hosts: [], scripts: ["npm test"] }).map(({ name }) => name)).toEqual(["build"]);
});

test("init names them in a new vibeops.yaml and says so, and says what it left and why; an existing one keeps its own", async () => {
  const space = workspace();
  const root = join(space.directory, "fresh");
  mkdirSync(root);
  writeFileSync(
    join(root, "package.json"),
    JSON.stringify({ scripts: { test: "vitest run", build: "npm run ship", ship: "ssh prod" } }),
  );
  const dry = await runIn(root, space.context, ["init", "--dry-run"]);
  expect(dry.stdout).toContain("command test: npm test");
  const { stdout } = await runIn(root, space.context, ["init", "--json"]);
  expect(JSON.parse(stdout).result.commands).toEqual({
    named: { test: "npm test" },
    stopped: [{ name: "build", command: "npm run build", why: 'It runs "ship", which is not proven.' }],
  });
  const { stdout: checked } = await runIn(root, space.context, ["agents", "add", "claude"]);
  expect(checked).toContain(
    "agents are stopped at `npm run build` until vibeops.yaml has under commands `build: npm run build`",
  );
  expect(checked).not.toContain("`npm test`");

  const infra = space.project("infra", "project: infra\nagents: { sysadmin: { provider: builtin } }\n");
  infra.write("package.json", JSON.stringify({ scripts: { test: "vitest run" } }));
  const before = infra.read("vibeops.yaml");
  expect((await infra.vibeops("init")).stdout).toContain("agents are stopped at `npm test`");
  expect(infra.read("vibeops.yaml")).toBe(before);
});
