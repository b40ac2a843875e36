import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { shopAndInfra } from "../helpers/workspace.ts";

const PROGRAM = resolve("bin/vibeops.js");
const HOW_MANY = 4;

/** The same command several times over, each a process of its own, all at once. */
async function atOnce({ infra, context }: ReturnType<typeof shopAndInfra>, ...argv: string[]) {
  const env = context.env as NodeJS.ProcessEnv;
  const run = () =>
    new Promise<{ exit: number | null; stderr: string }>((done) => {
      const child = spawn(process.execPath, [PROGRAM, ...argv], { cwd: infra.root, env });
      let stderr = "";
      child.stdout.resume();
      child.stderr.on("data", (data) => (stderr += data));
      child.on("close", (exit) => done({ exit, stderr }));
    });
  return await Promise.all(Array.from({ length: HOW_MANY }, run));
}

test("a memo that several end at once is archived once, in one commit, with one receipt; the others hear that it is done", async () => {
  const space = shopAndInfra();
  const { shop, infra } = space;
  await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "x");
  await infra.vibeops("session", "start");
  const ended = await atOnce(space, "memo", "done", "look", "--note", "Looked.");
  expect(ended.map(({ exit }) => exit).sort()).toEqual([0, 3, 3, 3]);
  for (const { exit, stderr } of ended)
    if (exit !== 0) expect(stderr).toContain("it is done, and lies in the archive");
  expect(infra.git("log", "--format=%s").match(/^Done: Look$/gm)).toHaveLength(1);
  expect(infra.read("STATE.md").match(/Done: Look/g)).toHaveLength(1);
  expect(shop.list("memos/incoming")).toHaveLength(1);
  expect(infra.list("memos/outgoing")).toEqual([]);
  expect(infra.git("status", "--porcelain")).toBe("");
}, 60_000);

test("mail that several take in at once is taken in once, and what is none is set aside once", async () => {
  const space = shopAndInfra();
  const { shop, infra } = space;
  for (const subject of ["One", "Two", "Three"])
    await shop.vibeops("memo", "new", subject, "--to", "infra", "--body", "x");
  const bad = Array.from({ length: 40 }, (_, i) => `bad-${i}.md`);
  for (const name of bad) infra.write(`memos/incoming/${name}`, "---\nnot: a memo\n---\n");
  const started = await atOnce(space, "session", "start");
  for (const { exit, stderr } of started) expect({ exit, stderr }).toMatchObject({ exit: 0, stderr: "" });
  expect(infra.git("log", "--format=%s").match(/^Mail: /gm)).toHaveLength(1);
  expect(infra.list("memos/incoming")).toHaveLength(3);
  expect(infra.list("memos/quarantine")).toEqual(bad.flatMap((name) => [name, `${name}.reason.md`]).sort());
  expect(infra.git("status", "--porcelain")).toBe("");
}, 60_000);
