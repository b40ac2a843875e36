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
