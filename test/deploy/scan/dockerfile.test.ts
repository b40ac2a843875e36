import { expect, test } from "vitest";
import { said, scanFiles } from "./folder.ts";

const portsOf = async (text: string) => said(await scanFiles({ Dockerfile: text }), "ports");

test("ENV in its older form sets a variable too", async () => {
  expect(await portsOf("FROM a:1\nENV PORT 4000\nEXPOSE $PORT\n")).toEqual(["4000: Dockerfile:3 EXPOSE"]);
});

test("a line sees the variables that were set above it", async () => {
  const text = "FROM a:1\nENV PORT=4000\nEXPOSE $PORT\nENV PORT=5000\nEXPOSE $PORT\n";
  expect(await portsOf(text)).toEqual(["4000: Dockerfile:3 EXPOSE", "5000: Dockerfile:5 EXPOSE"]);
});

test("an argument above FROM counts in FROM, and in a stage that asks for it", async () => {
  const head = "ARG VERSION=20\nARG PORT=4000\nFROM node:$VERSION-slim\n";
  const open = await scanFiles({ Dockerfile: `${head}EXPOSE $PORT\n` });
  expect(said(open, "ports")).toEqual([]);
  expect(said(open, "remark")).toEqual(["is built on node:20-slim: Dockerfile:3 FROM (default of VERSION)"]);
  const asked = await portsOf(`${head}ARG PORT\nEXPOSE $PORT\n`);
  expect(asked).toEqual(["4000: Dockerfile:5 EXPOSE (default of PORT)"]);
});

test("an argument without a default does not take away what ENV set", async () => {
  expect(await portsOf("FROM a:1\nENV PORT=4000\nARG PORT=5000\nEXPOSE $PORT\n")).toEqual([
    "4000: Dockerfile:4 EXPOSE",
  ]);
});

test("a stage has the arguments of the one that it stands on, and of no other", async () => {
  expect(await portsOf("FROM a:1 AS base\nARG PORT=4000\nFROM base\nEXPOSE $PORT\n")).toEqual([
    "4000: Dockerfile:4 EXPOSE (default of PORT)",
  ]);
  expect(await portsOf("FROM a:1 AS other\nARG PORT=4000\nFROM b:1\nEXPOSE $PORT\n")).toEqual([]);
});

test("an ENTRYPOINT takes away the CMD of the stage below, however many stages stand above", async () => {
  const text = 'FROM a:1 AS one\nCMD ["old"]\nFROM one AS two\nENTRYPOINT ["/new"]\nFROM two\nUSER 1000\n';
  expect(said(await scanFiles({ Dockerfile: text }), "command")).toEqual(["/new: Dockerfile:4 ENTRYPOINT"]);
});

test("thousands of stages, each on the one above, take no time", async () => {
  const stages = Array.from({ length: 12_000 }, (_, i) => `FROM s${i} AS s${i + 1}`);
  const scan = await scanFiles({ Dockerfile: `${stages.join("\n")}\nEXPOSE 80\n` });
  expect(said(scan, "ports")).toEqual(["80: Dockerfile:12001 EXPOSE"]);
});

test("HEALTHCHECK NONE takes away the one below", async () => {
  const text = "FROM a:1 AS base\nHEALTHCHECK CMD curl http://localhost/up\nFROM base\nHEALTHCHECK NONE\n";
  expect((await scanFiles({ Dockerfile: text })).block.health).toBeUndefined();
});
