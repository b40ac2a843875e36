import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scanProjects } from "../../src/project/scan-projects.ts";
import { temporaryDirectory } from "../helpers/directory.ts";

const LIMITS = { depth: 6, folders: 1000 };

function tree(...projects: readonly string[]): string {
  const directory = temporaryDirectory();
  for (const path of projects) {
    mkdirSync(join(directory, path), { recursive: true });
    writeFileSync(join(directory, path, "vibeops.yaml"), "project: x\n");
  }
  return directory;
}

const found = (directory: string, limits = LIMITS) =>
  scanProjects(directory, limits).roots.map((root) => root.slice(directory.length + 1));

test("finds projects at every level, the folder itself, and one inside another", () => {
  const directory = tree("", "shop", "work/org/infra", "shop/tools/deep");
  expect(found(directory)).toEqual(["", "shop", "shop/tools/deep", "work/org/infra"]);
});

test("looks into no node_modules, .git, dot folder, memos or link", () => {
  const directory = tree(
    "shop/node_modules/theirs",
    "shop/.git/modules/x",
    ".cache/copy",
    "shop/memos/incoming",
    "real",
  );
  symlinkSync(join(directory, "real"), join(directory, "link"));
  symlinkSync(directory, join(directory, "real/round"));
  expect(found(directory)).toEqual(["real"]);
});

test("takes a folder, a link or a pipe of that name for no project", () => {
  const directory = tree("real");
  mkdirSync(join(directory, "a/vibeops.yaml"), { recursive: true });
  mkdirSync(join(directory, "b"));
  symlinkSync(join(directory, "real/vibeops.yaml"), join(directory, "b/vibeops.yaml"));
  mkdirSync(join(directory, "c"));
  execFileSync("mkfifo", [join(directory, "c/vibeops.yaml")]);
  expect(found(directory)).toEqual(["real"]);
});

test("goes as deep as it was told and says that there is more", () => {
  const directory = tree("a", "a/b/c");
  expect(scanProjects(directory, { ...LIMITS, depth: 1 })).toMatchObject({
    roots: [join(directory, "a")],
    isCut: true,
  });
  expect(scanProjects(directory, { ...LIMITS, depth: 3 })).toMatchObject({ isCut: false });
});

test("looks into as many folders as it was told, the nearest first", () => {
  const directory = tree("a/b/c/d", "z");
  expect(scanProjects(directory, { depth: 6, folders: 3 })).toEqual({
    roots: [join(directory, "z")],
    unreadable: [],
    isCut: true,
  });
});
