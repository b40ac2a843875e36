import { existsSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { formatOwner, newOwner } from "../../src/platform/lock-owner.ts";
import { shopAndInfra } from "../helpers/workspace.ts";

test("session start removes what a killed vibeops left, and nothing that is young or not ours", async () => {
  const { infra, context } = shopAndInfra();
  const hours = (count: number) => new Date(context.now().getTime() - count * 3_600_000);
  const write = (path: string, age: Date, text = "") => {
    const file = infra.write(path, text);
    utimesSync(file, age, age);
    return join(infra.root, path);
  };
  const folders = [
    "",
    ".vibeops/",
    "memos/outgoing/",
    "memos/quarantine/",
    "memos/sent/2026-11/",
    "memos/archived/2026-10/",
    "deploy/shop/",
    "runbooks/20261120T143211Z-7k3qfp2m/",
  ];
  const old = folders.map((folder) => write(`${folder}.vibeops-0123456789abcdef.tmp`, hours(37)));
  const dead = formatOwner({ ...newOwner(), boot: "another" }).toString();
  const locks = [".git/index.lock", ".git/vibeops.lock"].map((path) => write(path, hours(1), dead));
  locks.push(write("deploy/shop/compose.yaml.lock", hours(1), dead));
  const young = folders.map((folder) => write(`${folder}.vibeops-fedcba9876543210.tmp`, hours(1)));
  const others = [write(".other-0123456789abcdef.tmp", hours(999)), write(".git/HEAD.lock", hours(999))];
  expect((await infra.vibeops("session", "start")).exit).toBe(0);
  expect([...old, ...locks].filter((path) => existsSync(path))).toEqual([]);
  expect([...young, ...others].filter((path) => !existsSync(path))).toEqual([]);
});
