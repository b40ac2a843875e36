import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readStack } from "../../src/deploy/dockerfile/read-stack.ts";
import { planPreparation } from "../../src/deploy/prepare.ts";
import { inputFor } from "../deploy/fixture.ts";
import { type Host, startHost } from "./host.ts";
import { missingComponents, nameWithMissing } from "./missing-components.ts";

const missing = missingComponents(["sshd", "engine", "python"]);

const PYTHON_SERVER = `import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

HTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
`;

describe.skipIf(missing.length > 0)(
  nameWithMissing("a prepared Dockerfile, on a real engine", missing),
  () => {
    let host: Host;

    beforeAll(async () => {
      host = await startHost({ parts: ["sshd", "engine"] });
      await host.provideBase("docker.io/library/node:20.19.5-bookworm-slim", "node");
    }, 120_000);

    afterAll(async () => {
      await host?.stop();
    }, 60_000);

    /** A repository without a Dockerfile, and beside it what is prepared for it. */
    function prepare(files: Readonly<Record<string, string>>) {
      const folder = mkdtempSync(join(host.directory, "contexts/"));
      const repository = join(folder, "shop");
      mkdirSync(repository);
      for (const [name, text] of Object.entries(files)) writeFileSync(join(repository, name), text);
      const input = inputFor(
        "service: shop\nversion: 1.2.0\nports: [3000]\nhealth: { path: /healthz }\n",
        "hosts: { web1: {} }\n",
      );
      const { files: prepared } = planPreparation({ ...input, stack: readStack(repository) });
      for (const { path, content } of prepared) {
        if (path.includes("/Dockerfile")) writeFileSync(join(folder, path.replace(/.*\//, "")), content);
      }
      const dockerfile = join(folder, "Dockerfile");
      // Its own health check: the engine here has nobody to run it.
      const check = /^HEALTHCHECK .* CMD (\[.+\])$/m.exec(readFileSync(dockerfile, "utf8"))?.[1] ?? "[]";
      return { dockerfile, repository, health: JSON.parse(check) as string[] };
    }

    const build = ({ dockerfile, repository }: ReturnType<typeof prepare>) =>
      host.run(
        `docker build --quiet --tag localhost/prepared:1.2.0 --file ${dockerfile} --ignorefile ${dockerfile}.dockerignore ${repository}`,
      );

    const shop = () => ({
      "package.json":
        '{ "name": "shop", "version": "1.2.0", "type": "module", "scripts": { "start": "node server.js" } }\n',
      "server.js": readFileSync("examples/shop/server.js", "utf8"),
      ".nvmrc": "20.19.5\n",
      ".env": "TOKEN=not for the image\n",
    });

    test("builds an image that runs as an ordinary user on a read-only root, and whose health check works in it", async () => {
      const prepared = prepare(shop());
      const built = await build(prepared);
      expect(built.exitCode, built.stderr).toBe(0);
      await startReadOnly();
      expect((await host.run("docker exec prepared whoami")).stdout.trim()).toBe("node");
      expect((await host.run("docker exec prepared ls -a /app")).stdout).not.toContain(".env");
      await expectHealthy(prepared.health);
    }, 180_000);

    test("Python: builds where nothing is required, and the image runs as an ordinary user on a read-only root", async () => {
      const version = (
        await host.run("/usr/bin/python3 -c 'import platform; print(platform.python_version())'")
      ).stdout.trim();
      await host.provideBase(`docker.io/library/python:${version}-slim-bookworm`, "python");
      const prepared = prepare({
        "requirements.txt": "# nothing yet\n",
        ".python-version": `${version}\n`,
        "server.py": PYTHON_SERVER,
        ".env": "TOKEN=not for the image\n",
      });
      const built = await build(prepared);
      expect(built.exitCode, built.stderr).toBe(0);
      // Which command starts it is an open question of this Dockerfile: the files do not say.
      await startReadOnly("python server.py");
      expect((await host.run("docker exec prepared id -u")).stdout.trim()).toBe("10001");
      expect((await host.run("docker exec prepared ls -a /app")).stdout).not.toContain(".env");
      await expectHealthy(prepared.health);
    }, 180_000);

    async function startReadOnly(command = ""): Promise<void> {
      const run =
        "docker run --detach --name prepared --read-only --tmpfs /tmp --tmpfs /app/data --cap-drop ALL --security-opt no-new-privileges --env DATA_DIR=/tmp localhost/prepared:1.2.0";
      const started = await host.run(`${run} ${command}`);
      expect(started.exitCode, started.stderr).toBe(0);
    }

    /** Until its own health check finds it well, and then removes it. */
    async function expectHealthy(check: readonly string[]): Promise<void> {
      const quoted = check.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
      let healthy = await host.run(`docker exec prepared ${quoted}`);
      for (let left = 50; left > 0 && healthy.exitCode !== 0; left -= 1) {
        healthy = await host.run(`docker exec prepared ${quoted}`);
      }
      expect(healthy.exitCode, healthy.stderr).toBe(0);
      await host.run("docker rm --force prepared");
    }

    test("does not build while its version is an open question", async () => {
      const { ".nvmrc": _version, ...files } = shop();
      expect((await build(prepare(files))).exitCode).not.toBe(0);
    }, 60_000);
  },
);
