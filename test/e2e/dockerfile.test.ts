import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Host, startHost } from "./host.ts";
import { missingComponents, nameWithMissing } from "./missing-components.ts";
import { buildPrepared, expectHealthy, prepareImage, startReadOnly } from "./prepared-image.ts";

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
      await host.provideBase("docker.io/library/node:20.19.5-slim", "node");
    }, 120_000);

    afterAll(async () => {
      await host?.stop();
    }, 60_000);

    const shop = () => ({
      "package.json":
        '{ "name": "shop", "version": "1.2.0", "type": "module", "scripts": { "start": "node server.js" } }\n',
      "server.js": readFileSync("examples/shop/server.js", "utf8"),
      ".nvmrc": "20.19.5\n",
      ".env": "TOKEN=not for the image\n",
    });

    test("builds an image that runs as an ordinary user on a read-only root, and whose health check works in it", async () => {
      const prepared = prepareImage(host, shop());
      const built = await buildPrepared(host, prepared);
      expect(built.exitCode, built.stderr).toBe(0);
      await startReadOnly(host);
      expect((await host.run("docker exec prepared whoami")).stdout.trim()).toBe("node");
      expect((await host.run("docker exec prepared ls -a /app")).stdout).not.toContain(".env");
      await expectHealthy(host, prepared.health);
    }, 180_000);

    test("Python: builds where nothing is required, and the image runs as an ordinary user on a read-only root", async () => {
      const version = (
        await host.run("/usr/bin/python3 -c 'import platform; print(platform.python_version())'")
      ).stdout.trim();
      await host.provideBase(`docker.io/library/python:${version}-slim`, "python");
      const prepared = prepareImage(host, {
        "requirements.txt": "# nothing yet\n",
        ".python-version": `${version}\n`,
        "server.py": PYTHON_SERVER,
        ".env": "TOKEN=not for the image\n",
      });
      const built = await buildPrepared(host, prepared);
      expect(built.exitCode, built.stderr).toBe(0);
      // Which command starts it is an open question of this Dockerfile: the files do not say.
      await startReadOnly(host, "python server.py");
      expect((await host.run("docker exec prepared id -u")).stdout.trim()).toBe("10001");
      expect((await host.run("docker exec prepared ls -a /app")).stdout).not.toContain(".env");
      await expectHealthy(host, prepared.health);
    }, 180_000);

    test("does not build while its version is an open question", async () => {
      const { ".nvmrc": _version, ...files } = shop();
      expect((await buildPrepared(host, prepareImage(host, files))).exitCode).not.toBe(0);
    }, 60_000);
  },
);
