import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { readStack } from "../../src/deploy/dockerfile/read-stack.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

let repository: string;
beforeEach(() => {
  repository = temporaryDirectory();
});
const write = (name: string, bytes: string | Uint8Array) => writeFileSync(join(repository, name), bytes);

describe("what a repository is", () => {
  test.each(["Dockerfile", "Containerfile", "Dockerfile.prod", "compose.yaml", "docker-compose.dev.yml"])(
    "is its own to say where it has a %s",
    (name) => {
      write("package.json", "{}");
      write(name, "");
      expect(readStack(repository)).toBeNull();
    },
  );

  test("is not known where nothing in it is known, or it is not there", () => {
    write("README.md", "# shop\n");
    expect(readStack(repository)).toBeNull();
    expect(readStack(join(repository, "gone"))).toBeNull();
    expect(readStack(join(repository, "README.md"))).toBeNull();
  });

  test("is not told by bytes that are no text, JSON that is none, a link, or a file of many megabytes", () => {
    write("package.json", Buffer.from([0xff, 0xfe, 0x00]));
    write("go.mod", "x".repeat(2 * 1024 * 1024));
    symlinkSync("/etc/passwd", join(repository, "requirements.txt"));
    mkdirSync(join(repository, "Gemfile"));
    expect(readStack(repository)).toBeNull();
    write("package.json", "[1, 2]");
    expect(readStack(repository)).toBeNull();
    write("package.json", "{ not json");
    expect(readStack(repository)).toBeNull();
  });

  test("has no command that a shell would have to read, and no version that is a range", () => {
    write(
      "package.json",
      JSON.stringify({ scripts: { start: "node . && rm -rf $HOME" }, engines: { node: ">=20" } }),
    );
    expect(readStack(repository)).toMatchObject({
      kind: "node",
      command: null,
      version: null,
      range: ">=20",
    });
    write("package.json", JSON.stringify({ scripts: { start: "node server.js --port 3000" } }));
    write(".nvmrc", "lts/iron\n");
    expect(readStack(repository)).toMatchObject({
      command: ["node", "server.js", "--port", "3000"],
      version: null,
    });
  });
});

describe("what a framework's own files say", () => {
  test("PHP serves public/ where a page begins there, on the version that its packages were chosen for", () => {
    const platform = '{ "require": { "php": "^8.1" }, "config": { "platform": { "php": "8.2.20" } } }';
    write("composer.json", platform);
    expect(readStack(repository)).toMatchObject({ version: "8.2", range: "^8.1", artifact: null });
    write("index.php", "<?php\n");
    expect(readStack(repository)).toMatchObject({ artifact: "/" });
    mkdirSync(join(repository, "public"));
    write("public/index.php", "<?php\n");
    expect(readStack(repository)).toMatchObject({ artifact: "/public" });
  });

  test("a folder that is a link says nothing", () => {
    const elsewhere = temporaryDirectory();
    writeFileSync(join(elsewhere, "index.php"), "<?php\n");
    symlinkSync(elsewhere, join(repository, "public"));
    write("composer.json", "{}");
    expect(readStack(repository)).toMatchObject({ artifact: null });
  });

  test("Puma gets its port as an option unless it has a file of its own, which reads PORT", () => {
    write("Gemfile", 'gem "puma"\n');
    write("config.ru", "run App\n");
    expect(readStack(repository)).toMatchObject({
      command: ["bundle", "exec", "puma"],
      portOption: "--port",
    });
    mkdirSync(join(repository, "config"));
    write("config/puma.rb", 'port ENV.fetch("PORT")\n');
    expect(readStack(repository)).toMatchObject({ command: ["bundle", "exec", "puma"], portOption: null });
  });

  test("Yarn's lock file of the first format is installed as that Yarn knows it", () => {
    write("package.json", JSON.stringify({ dependencies: { pg: "8.0.0" } }));
    write("yarn.lock", "# yarn lockfile v1\n");
    expect(readStack(repository)?.install).toEqual(["yarn install --frozen-lockfile"]);
    write("yarn.lock", "__metadata:\n  version: 8\n");
    expect(readStack(repository)?.install).toEqual(["corepack enable", "yarn install --immutable"]);
  });
});

describe("a repository with several manifests", () => {
  const assets = JSON.stringify({ scripts: { build: "vite build" }, devDependencies: { vite: "5.0.0" } });

  test.each([
    ["composer.json", "{}", "php"],
    ["Gemfile", 'gem "rails"\n', "ruby"],
    ["requirements.txt", "django\n", "python"],
    ["go.mod", "module example.com/shop\n", "go"],
  ])(
    "is what %s says where package.json starts nothing, and its assets are asked for",
    (name, text, kind) => {
      write("package.json", assets);
      write(name, text);
      expect(readStack(repository)).toMatchObject({ kind, assets: "package.json" });
    },
  );

  test("is not known where two of them may start the service", () => {
    write("package.json", JSON.stringify({ scripts: { start: "node server.js" } }));
    write("requirements.txt", "flask\n");
    expect(readStack(repository)).toBeNull();
  });

  test("is not Python because a tool is set up in pyproject.toml", () => {
    write("pyproject.toml", "[tool.ruff]\nline-length = 100\n");
    expect(readStack(repository)).toBeNull();
    write("go.mod", "module example.com/shop\n");
    expect(readStack(repository)).toMatchObject({ kind: "go", assets: null });
  });

  test.each(["docker/Dockerfile", "api/Containerfile", "deploy/compose.prod.yaml"])(
    "has an image of its own in %s",
    (path) => {
      write("package.json", "{}");
      mkdirSync(join(repository, path, ".."));
      write(path, "FROM node:22\n");
      expect(readStack(repository)).toBeNull();
    },
  );

  test("has none of its own where tests or an editor have one", () => {
    write("package.json", "{}");
    for (const folder of [".devcontainer", "test", "node_modules"]) {
      mkdirSync(join(repository, folder));
      write(`${folder}/Dockerfile`, "FROM node:22\n");
    }
    expect(readStack(repository)).toMatchObject({ kind: "node" });
  });
});

describe("what the build copies before the rest", () => {
  test.each([
    ["a workspace", { workspaces: ["apps/*"], dependencies: { pg: "8.0.0" } }],
    [
      "a script that runs while packages are installed",
      { scripts: { postinstall: "prisma generate" }, dependencies: { pg: "8.0.0" } },
    ],
  ])("is everything where npm needs it: %s", (_, manifest) => {
    write("package.json", JSON.stringify(manifest));
    write("package-lock.json", "{}");
    expect(readStack(repository)).toMatchObject({ manifests: ["."], install: ["npm ci"] });
  });

  test.each(["-r base.txt", "--requirement=base.txt", "-c constraints.txt", "-e .", "./libs/core", "."])(
    "is everything where requirements.txt names other files: %s",
    (line) => {
      write("requirements.txt", `flask\n${line}\n`);
      expect(readStack(repository)).toMatchObject({ manifests: [] });
    },
  );
});

test("a repository of Bun has no lock file that npm, pnpm or Yarn would know", () => {
  write("package.json", JSON.stringify({ dependencies: { pg: "8.0.0" } }));
  write("bun.lock", "{}");
  expect(readStack(repository)).toBeNull();
});

test("what Gradle's Kotlin says is told by its own name", () => {
  write("build.gradle.kts", "");
  expect(readStack(repository)).toMatchObject({ kind: "java", evidence: "build.gradle.kts" });
});

test("Cargo's binary is called as it says, and of several the one that runs by default", () => {
  const manifest = '[package]\nname = "shop"\n';
  write("Cargo.toml", `${manifest}[[bin]]\nname = "shopd"\npath = "src/main.rs"\n`);
  expect(readStack(repository)).toMatchObject({ artifact: "shopd", command: ["/usr/local/bin/app"] });
  write("Cargo.toml", `${manifest}[[bin]]\nname = "a"\n[[bin]]\nname = "b"\n`);
  expect(readStack(repository)).toMatchObject({ artifact: null, command: null });
  write("Cargo.toml", `${manifest}default-run = "b"\n[[bin]]\nname = "a"\n[[bin]]\nname = "b"\n`);
  expect(readStack(repository)).toMatchObject({ artifact: "b" });
});
