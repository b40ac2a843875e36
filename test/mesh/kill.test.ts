import { execFileSync, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";
import { beforeAll, describe, expect, test } from "vitest";
import { missingComponents, nameWithMissing } from "../e2e/missing-components.ts";
import { type FarProject, shopAndInfraApart } from "./apart.ts";

const isSoak = process.env.VIBEOPS_SOAK === "1";
const missing = missingComponents(["tracer"]);
const TRACER = "strace";

let child = "";

beforeAll(async () => {
  const folder = execFileSync("mktemp", ["-d"], { encoding: "utf8" }).trim();
  child = join(folder, "sync-child.mjs");
  await build({
    input: fileURLToPath(new URL("./sync-child.ts", import.meta.url)),
    platform: "node",
    logLevel: "silent",
    output: { file: child, format: "esm", codeSplitting: false },
  });
  return () => rmSync(folder, { recursive: true });
});

type Space = Awaited<ReturnType<typeof acquainted>>;

async function acquainted() {
  const space = shopAndInfraApart();
  await space.acquaint();
  return { ...space, memos: 0 };
}

/** Runs a sync and kills it as its main thread enters the `when`-th call of that name. Returns whether it was killed. */
async function killAt({ root, context }: FarProject, call: string, when: number): Promise<boolean> {
  const inject = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=SIGKILL:when=${when}`];
  const args = ["-qq", "-o", "/dev/null", ...inject, process.execPath, child, root];
  const result = spawnSync(TRACER, args, { env: context.env as NodeJS.ProcessEnv, encoding: "utf8" });
  if (result.signal === null) expect(result.stderr).toBe("");
  await untilAlone(root);
  return result.signal !== null;
}

async function killAfter({ root, context }: FarProject, milliseconds: number): Promise<void> {
  const running = spawn(process.execPath, [child, root], {
    env: context.env as NodeJS.ProcessEnv,
    stdio: "ignore",
  });
  const over = new Promise((resolve) => running.once("exit", resolve));
  await Promise.race([over, sleep(milliseconds)]);
  running.kill("SIGKILL");
  await over;
  await untilAlone(root);
}

/** A git that outlives its vibeops ends by itself. */
async function untilAlone(root: string): Promise<void> {
  const home = join(root, "..");
  while (readdirSync("/proc").some((pid) => /^\d+$/.test(pid) && worksIn(pid, home))) await sleep(10);
}

function worksIn(pid: string, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
  } catch {
    return false;
  }
}

/** Sends one memo, with both ends' syncs interrupted; then the next ones finish it. */
async function exchange(
  space: Space,
  interrupt: (project: FarProject) => Promise<unknown>,
): Promise<boolean> {
  const { shop, infra, hub } = space;
  await shop.send(`Memo ${space.memos}`);
  space.memos += 1;
  const interrupted = [await interrupt(shop), await interrupt(infra), await interrupt(shop)];
  for (const project of [shop, infra, shop, infra]) expect(await project.sync()).toMatchObject({ exit: 0 });
  expect(infra.list("memos/incoming")).toHaveLength(space.memos);
  expect(infra.git("ls-files", "memos/incoming").trim().split("\n")).toHaveLength(space.memos);
  for (const project of [shop, infra]) {
    expect(project.list("memos/outgoing")).toEqual([]);
    expect(project.list("memos/quarantine")).toEqual([]);
    // A temporary of ours stays for a day and a half: whoever writes it may be slow.
    const left = project
      .git("status", "--porcelain")
      .split("\n")
      .filter((line) => !/\.vibeops-\w+\.tmp$/.test(line));
    expect(left).toEqual([""]);
    expect(readdirSync(join(project.home, ".cache/vibeops/mesh"))).toEqual([]);
    project.git("fsck", "--strict", "--no-dangling");
  }
  hub.git("fsck", "--strict", "--no-dangling");
  return interrupted.includes(true);
}

describe("a sync that is killed", () => {
  test("at random moments: the next one finishes, and every memo arrives once", async () => {
    const space = await acquainted();
    for (let i = 0; i < (isSoak ? 200 : 2); i += 1) {
      await exchange(
        space,
        async (project) => await killAfter(project, 200 + Math.random() * (isSoak ? 2000 : 3000)),
      );
    }
  }, 3_600_000);
});

describe.skipIf(missing.length > 0)(
  nameWithMissing("a sync that is killed at a system call", missing),
  () => {
    test.each(["link", "rename", "unlink", "fsync"])(
      `at ${isSoak ? "every" : "one"} %s: the next one finishes`,
      async (call) => {
        const space = await acquainted();
        const killAll = async (when: number) =>
          await exchange(space, async (project) => await killAt(project, call, when));
        if (!isSoak) return expect(await killAll(3)).toBe(true);
        let points = 0;
        while (await killAll(points + 1)) points += 1;
        process.stderr.write(`killed at ${points} places of ${call}\n`);
        expect(points).toBeGreaterThan(0);
      },
      3_600_000,
    );
  },
);
