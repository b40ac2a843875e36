import { execFileSync, spawnSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { intakeMail } from "../../src/memo/intake.ts";
import { loadProject } from "../../src/project/project.ts";
import { canIsolate } from "../e2e/missing-components.ts";
import { shopAndInfra } from "../helpers/workspace.ts";

const ID = "20261120T101500Z-a1b2c3d4";

/** Name in the inbox, how it is made, and the reason for which it is set aside. */
const OBJECTS: Readonly<Record<string, [string, (path: string) => void, string]>> = {
  "a link under the name of a temporary of ours": [
    ".vibeops-0123456789abcdef.tmp",
    (path) => symlinkSync("/etc/passwd", path),
    "file.symlink",
  ],
  "a pipe under such a name": [
    ".vibeops-0123456789abcdee.tmp",
    (path) => execFileSync("mkfifo", [path]),
    "file.type",
  ],
  "a folder under such a name": [
    ".vibeops-0123456789abcded.tmp",
    (path) => mkdirSync(join(path, "x"), { recursive: true }),
    "file.type",
  ],
  "a link named .gitkeep": [".gitkeep", (path) => symlinkSync("/etc/passwd", path), "file.symlink"],
  "a pipe named .DS_Store": [".DS_Store", (path) => execFileSync("mkfifo", [path]), "file.type"],
  "a .git that leads to another repository": [
    ".git",
    (path) => writeFileSync(path, "gitdir: /tmp/x\n"),
    "memo.name",
  ],
  "the same where case does not count": [
    ".GIT",
    (path) => writeFileSync(path, "gitdir: /tmp/x\n"),
    "memo.name",
  ],
  "the same where some characters do not count": [
    ".g\u200cit",
    (path) => writeFileSync(path, "gitdir: /tmp/x\n"),
    "memo.name",
  ],
  "the same by its short name": ["GIT~1", (path) => writeFileSync(path, "gitdir: /tmp/x\n"), "memo.name"],
  "attributes that change every memo's bytes": [
    ".gitattributes",
    (path) => writeFileSync(path, "*.md working-tree-encoding=UTF-16\n"),
    "memo.name",
  ],
  "a file as long as a disk, with holes": [
    `${ID}-sparse.md`,
    (path) => {
      const file = openSync(path, "w");
      ftruncateSync(file, 2 ** 40);
      closeSync(file);
    },
    "file.size",
  ],
  "a folder that holds files": [
    `${ID}-folder.md`,
    (path) => {
      mkdirSync(path);
      writeFileSync(join(path, "inside"), "x");
    },
    "file.type",
  ],
  "a link to itself": [`${ID}-loop.md`, (path) => symlinkSync(`${ID}-loop.md`, path), "file.symlink"],
};

describe("what lies in an inbox and is no memo", () => {
  test.each(Object.entries(OBJECTS))(
    "%s is set aside, and hides nothing",
    async (_what, [name, make, why]) => {
      const { shop, infra, context } = shopAndInfra();
      await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "x");
      const [memo = ""] = infra.list("memos/incoming");
      make(join(infra.root, "memos/incoming", name));
      const report = await intakeMail(loadProject(infra.root), context);
      expect(report.quarantined).toMatchObject([{ name, error: { code: why } }]);
      expect(report.accepted).toMatchObject([{ standing: "confirmed" }]);
      expect(readdirSync(join(infra.root, "memos/incoming"))).toEqual([memo]);
      expect(infra.git("status", "--porcelain")).toBe("");
    },
  );

  test("a placeholder that keeps the folder, and a temporary that is being written, stay", async () => {
    const { infra, context } = shopAndInfra();
    for (const name of [".gitkeep", ".gitignore", ".DS_Store", ".vibeops-0123456789abcdef.tmp"])
      infra.write(`memos/incoming/${name}`, "");
    utimesSync(
      join(infra.root, "memos/incoming/.vibeops-0123456789abcdef.tmp"),
      context.now(),
      context.now(),
    );
    const report = await intakeMail(loadProject(infra.root), context);
    expect(report).toMatchObject({ quarantined: [], left: [], notes: [] });
    expect(readdirSync(join(infra.root, "memos/incoming"))).toHaveLength(4);
  });

  test("a plain word that begins like one of git's is a note", async () => {
    const { infra, context } = shopAndInfra();
    for (const name of ["git.md", "gitignore-rules.txt", "gist.txt", ".github-notes"])
      infra.write(`memos/incoming/${name}`, "words\n");
    const report = await intakeMail(loadProject(infra.root), context);
    expect(report.quarantined).toEqual([]);
    expect(report.notes).toHaveLength(4);
  });
});

const PROGRAM = resolve("bin/vibeops.js");

/** Runs a script in a view of the disks of its own; `vibeops` in it is the program, and `../bad.md` pretends to be a memo. */
function isolated(space: ReturnType<typeof shopAndInfra>, script: string) {
  writeFileSync(join(space.directory, "bad.md"), "---\nnot: a memo\n---\n");
  const vibeops = `vibeops() { '${process.execPath}' '${PROGRAM}' "$@"; }`;
  return spawnSync("unshare", ["--mount", "bash", "-c", `${vibeops}\n${script}`], {
    cwd: space.infra.root,
    env: space.context.env as NodeJS.ProcessEnv,
    encoding: "utf8",
  });
}

describe.skipIf(!canIsolate())("an inbox on a disk of its own", () => {
  test("takes memos in; what is none goes to quarantine, or stays with the reason where it cannot be moved", async () => {
    const space = shopAndInfra();
    const { shop, infra } = space;
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "x");
    const [memo = ""] = infra.list("memos/incoming");
    const { status, stdout, stderr } = isolated(
      space,
      [
        "set -e; mkdir ../inbox; mv memos/incoming/* ../inbox; mount -t tmpfs none memos/incoming; mv ../inbox/* memos/incoming",
        "cp ../bad.md memos/incoming/bad.md",
        "ln -s /etc/passwd memos/incoming/link.md; mkdir memos/incoming/folder.md; mkfifo memos/incoming/pipe.md",
        "vibeops session start; ls -A memos/incoming",
      ].join("\n"),
    );
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout.trim().split("\n").slice(-3)).toEqual([memo, "folder.md", "pipe.md"]);
    expect(stdout).toContain("cannot be moved to quarantine from here (EXDEV)");
    expect(infra.list("memos/quarantine")).toEqual([
      ".gitignore",
      "bad.md",
      "bad.md.reason.md",
      "link.md",
      "link.md.reason.md",
    ]);
    expect(infra.git("ls-tree", "-r", "--name-only", "HEAD", "memos/incoming").trim()).toContain(memo);
  });

  test("a file that is mounted in it, which nobody can move, hides no other", async () => {
    const space = shopAndInfra();
    const { shop, infra } = space;
    await shop.vibeops("memo", "new", "Look", "--to", "infra", "--body", "x");
    infra.write("memos/incoming/bad.md", "");
    const { status, stdout } = isolated(
      space,
      "mount --bind ../bad.md memos/incoming/bad.md; vibeops session start",
    );
    expect(status).toBe(0);
    expect(stdout).toContain("cannot be moved to quarantine from here (EBUSY)");
    expect(stdout).toContain("Look");
    expect(infra.list("memos/quarantine")).toEqual([]);
  });
});

test("a second name for our own settings keeps the program from reading them, and it says so", async () => {
  const { infra } = shopAndInfra();
  mkdirSync(join(infra.root, "memos/incoming"), { recursive: true });
  linkSync(join(infra.root, "vibeops.yaml"), join(infra.root, "memos/incoming", `${ID}.md`));
  const { exit, stderr } = await infra.vibeops("session", "start");
  expect(exit).toBe(4);
  expect(stderr).toMatch(/second hard link[\s\S]*vibeops\.yaml/);
});
