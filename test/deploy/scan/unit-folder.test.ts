import { expect, test } from "vitest";
import { said, scanFiles } from "./folder.ts";

const SERVICES = {
  "package.json": '{ "name": "acme", "version": "0.0.0", "workspaces": ["apps/**"] }',
  "pnpm-lock.yaml": "lockfileVersion: 9\n",
  "apps/back/api/package.json":
    '{ "name": "@acme/api", "version": "2.1.0", "scripts": { "test": "vitest" }, "dependencies": { "pg": "8" } }',
  "apps/back/api/main.ts": "process.env.API_SECRET\n",
  "apps/back/api/docker/Dockerfile": "FROM node:22\nEXPOSE 4000\n",
  "apps/back/api/migrations/0001_init.up.sql": "",
  "apps/web/package.json": '{ "name": "web", "version": "1.0.0" }',
  "apps/web/main.ts": "process.env.WEB_TITLE\n",
  "apps/web/Dockerfile": "FROM node:22\nEXPOSE 3000\n",
  "compose.yaml":
    "services:\n  api:\n    build: { context: apps/back/api, dockerfile: docker/Dockerfile }\n  web:\n    build: apps/web\n",
};

test("a service is read where it is built, however deep that lies", async () => {
  const { block } = await scanFiles(SERVICES, { service: "api" });
  expect(block).toMatchObject({ service: "api", version: "2.1.0", ports: [{ container: 4000 }] });
  expect(block.env).toEqual([{ name: "API_SECRET" }]);
  expect(block.depends_on).toEqual([{ name: "postgres", kind: "database" }]);
});

test("a Dockerfile that lies elsewhere belongs to the folder that it is built in", async () => {
  const { block } = await scanFiles(
    {
      ...SERVICES,
      "compose.yaml": SERVICES["compose.yaml"].replace(
        "apps/back/api, dockerfile: docker/Dockerfile",
        "apps/back/api, dockerfile: ../../../ops/api.Dockerfile",
      ),
      "ops/api.Dockerfile": "FROM node:22\nEXPOSE 4100\n",
    },
    { service: "api" },
  );
  expect(block).toMatchObject({ version: "2.1.0", ports: [{ container: 4100 }] });
});

test("migrations of another service are none of this one's", async () => {
  expect((await scanFiles(SERVICES, { service: "web" })).block.data).toBeUndefined();
  const api = await scanFiles(SERVICES, { service: "api" });
  expect(said(api, "data.migrations")).toHaveLength(1);
});

test("the lock file at the top says which tool runs a member's scripts", async () => {
  const { block } = await scanFiles(SERVICES, { service: "api" });
  expect(block.tests).toEqual({ command: "pnpm test" });
});

test("where nobody has chosen among services, what one of them needs is not said of all", async () => {
  const { block } = await scanFiles(SERVICES);
  expect(block.depends_on).toBeUndefined();
  expect(block.data).toBeUndefined();
});

test("manifests of the documentation and of examples are none of the service's", async () => {
  const { block } = await scanFiles({
    "backend/package.json": '{ "name": "shop", "version": "1.0.0" }',
    "docs/package.json": '{ "name": "docs", "version": "9.0.0" }',
  });
  expect(block).toMatchObject({ service: "shop", version: "1.0.0" });
});
