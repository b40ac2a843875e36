import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../helpers/directory.ts";
import { bundleSoakChild } from "../soak/bundle.ts";
import { runCrowd } from "../soak/load/crowd.ts";
import { runKills } from "../soak/load/kills.ts";
import { simulate } from "../soak/load/simulate.ts";

// At full size by `npm run soak`; docs/reliability.md holds its last result.

test("many who write into one inbox, their clocks hours apart, while others read: each memo arrives once, whole", async () => {
  const folder = temporaryDirectory();
  const child = await bundleSoakChild(folder);
  const size = { writers: 8, memos: 25, readers: 2 };
  const report = await runCrowd(join(folder, "work"), child, size);
  expect(report.problems).toEqual([]);
  expect(report).toMatchObject({ delivered: 200, accepted: 200, read: 400 });
});

test("what was acknowledged before a kill at any moment has arrived, once", async () => {
  const folder = temporaryDirectory();
  const child = await bundleSoakChild(folder);
  const report = await runKills(join(folder, "work"), child, 12, () => undefined);
  expect(report.problems).toEqual([]);
  expect(report.kills).toBe(12);
  expect(report.acknowledged).toBeGreaterThan(0);
}, 120_000);

test("projects that all write to each other lose nothing, and every receipt arrives", async () => {
  const folder = temporaryDirectory();
  const child = await bundleSoakChild(folder);
  const report = await simulate(join(folder, "work"), child, { projects: 22, memos: 220 }, () => undefined);
  expect(report.problems).toEqual([]);
  expect(report.phases.map(({ times }) => times)).toEqual([22, 220, 220, 220, 220, 3, 3]);
}, 120_000);
