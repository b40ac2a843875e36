import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { lintPaths } from "../../../src/deploy/lint/lint.ts";
import { temporaryDirectory } from "../../helpers/directory.ts";
import { lintOptions } from "./options.ts";

async function lintFolder(files: Readonly<Record<string, string>>) {
  const folder = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const { findings } = await lintPaths([folder], lintOptions());
  return findings.map(({ rule, file = "", line }) => `${file.slice(folder.length + 1)}:${line} ${rule}`);
}

const MAIN = `name: shop
include: [parts/db.yml]
services:
  web:
    image: ghcr.io/acme/web:1.2
    ports: ["127.0.0.1:7000:80"]
networks:
  inner:
`;

test("what a file of any name brings by include is judged where it stands, with the variables of its own folder", async () => {
  const db = `services:
  db:
    image: postgres:\${TAG}
    privileged: true
    networks: [inner]
    ports: ["127.0.0.1:7000:5432"]
    memory: 1g
`;
  const found = await lintFolder({ "compose.yaml": MAIN, "parts/db.yml": db, "parts/.env": "TAG=latest\n" });
  expect(found).toEqual(
    expect.arrayContaining([
      "parts/db.yml:2 compose.database-volume",
      "parts/db.yml:3 compose.image-tag",
      "parts/db.yml:4 compose.privileged",
      "parts/db.yml:7 compose.unknown-key",
    ]),
  );
  expect(found.filter((one) => one.includes("port-clash"))).toHaveLength(1);
  expect(found.filter((one) => one.includes("unknown-name"))).toEqual([]);
});

test("a secret in a file that is included is found, and a suppression in it holds", async () => {
  const db = `services:
  db:
    image: ghcr.io/acme/db:1
    # vibeops-lint-disable-next-line compose.privileged: reads the disk's own health
    privileged: true
    environment: { DB_PASSWORD: Zk9Qw3rTy7 }
`;
  const found = await lintFolder({ "compose.yaml": MAIN, "parts/db.yml": db });
  expect(found).toContain("parts/db.yml:6 compose.literal-secret");
  expect(found.filter((one) => one.includes("privileged"))).toEqual([]);
});
